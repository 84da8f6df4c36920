"""A table is dropped that the running release may still read.

While a release rolls out, the old one still asks for the table or view, and each of its queries fails; so does a
rollback. And the data is gone. First ship a release that no longer uses it, and drop it with the next one. Schemas and
databases count as well.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
DROP TABLE orders;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
ALTER TABLE orders SET (autovacuum_enabled = false);
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Drop, Rollout, Upgrade, named


@rule("dropped-table", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def dropped_table(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "drop tables that the release before may use")


def _judged(upgrade: Upgrade) -> Findings:
    dropped = [
        change
        for change, says in upgrade.all(Drop)
        if says.kind in ("TABLE", "VIEW", "SCHEMA") and change.existed and not upgrade.remade(change)
    ]
    if dropped:
        yield upgrade.finding(
            dropped,
            f"This drops {named(dropped)}, which the running release may still use; "
            "drop only what the release before this one stopped using.",
        )
