"""Maintenance keeps everyone out of a table in use.

VACUUM FULL, CLUSTER and SET LOGGED or UNLOGGED write the table anew under the strongest lock, and LOCK TABLE takes such
a lock on purpose. Plain VACUUM lets others work; to shrink a table use a tool that copies it online. Leave locks to the
statements that need them.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
VACUUM FULL orders;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
VACUUM orders;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Change, Maintain, OtherAction, Upgrade, named


@rule("blocking-maintenance", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def blocking_maintenance(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    blocking = [
        change for change in upgrade.changes if _maintains(change) and change.hold.blocks and not upgrade.spared(change)
    ]
    if blocking:
        yield upgrade.finding(
            blocking,
            f"This keeps everyone out of {named(blocking)}; run it when the table is not needed, or not at all.",
        )


def _maintains(change: Change) -> bool:
    says = change.says
    if isinstance(says, Maintain):
        return says.kind in ("VACUUM FULL", "CLUSTER", "LOCK")
    return isinstance(says, OtherAction) and says.kind in ("SET LOGGED", "SET UNLOGGED")
