"""A transaction holds the strongest lock on a table and goes on to lock more.

Every lock is held to the end, so the first table waits for all that follows, and two migrations or a query that touch
the tables in another order deadlock. Several ALTER TABLE of one table can be one statement with several actions;
changes of other tables belong in migrations of their own.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
ALTER TABLE orders ADD COLUMN currency text;
ALTER TABLE orders ADD COLUMN paid boolean;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
ALTER TABLE orders ADD COLUMN currency text, ADD COLUMN paid boolean;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Change, Rollout, Upgrade, named


@rule("repeated-lock", checklist="db.safe-changes", severity="note", profile="strict", since="0.1")
def repeated_lock(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "take one lock after another")


def _judged(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    again = [change for change in upgrade.changes if change.hold.blocks == "all" and _again(change, upgrade)]
    if again:
        yield upgrade.finding(
            again,
            f"This locks {named([change.of for change in again])} after the migration has locked a table already; "
            "make one ALTER TABLE of several, and change other tables in migrations of their own.",
        )


def _again(change: Change, upgrade: Upgrade) -> bool:
    held = upgrade.locked_before(change)
    if held is not None and held.of != change.of:
        return True
    # What stands in one place is one operation, whatever a framework makes of it.
    return any(
        other.order < change.order and other.at != change.at and other.of == change.of and other.hold.blocks == "all"
        for other in upgrade.altering(change)
    )
