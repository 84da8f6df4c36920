"""A column is made NOT NULL while every row is read under a lock.

SET NOT NULL keeps out readers and writers until the whole table was looked through. Add `CHECK (column IS NOT NULL) NOT
VALID`, validate it in a later transaction, and only then SET NOT NULL: from version 12 on PostgreSQL trusts the check
and reads nothing. Then drop the check.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
ALTER TABLE orders ADD CONSTRAINT orders_note_given CHECK (note IS NOT NULL) NOT VALID;
```
```sql good migrations/0003_validate.sql
ALTER TABLE orders VALIDATE CONSTRAINT orders_note_given;
```
```sql good migrations/0004_require.sql
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT orders_note_given;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Rollout, SetNullable, Upgrade, named


@rule("blocking-not-null", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def blocking_not_null(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "read every row under a lock to make a column NOT NULL")


def _judged(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    scans = [
        change
        for change, says in upgrade.all(SetNullable)
        if change.existed and not says.nullable and not change.proven(says.column.key) and not upgrade.spared(change)
    ]
    if scans:
        way = "validate a CHECK (... IS NOT NULL) first"
        if upgrade.history.postgres_version < 12:
            way = "keep to a validated CHECK (... IS NOT NULL) before PostgreSQL 12"
        yield upgrade.finding(scans, f"Every row is read under a lock to make {named(scans)} NOT NULL; {way}.")
