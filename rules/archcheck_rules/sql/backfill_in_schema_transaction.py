"""Many rows are written in a transaction that keeps a table locked.

The lock that a schema change takes is held to the end of the transaction. As long as the rows are written, nobody can
use the table, or nobody can write to it. Change the schema in one migration and fill the rows in another one, in
batches that each commit.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
BEGIN;
ALTER TABLE orders ADD COLUMN currency text;
UPDATE orders SET currency = 'EUR';  -- want
COMMIT;
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
ALTER TABLE orders ADD COLUMN currency text;
```
```sql good migrations/0003_fill.sql
UPDATE orders SET currency = 'EUR' WHERE id BETWEEN 1 AND 10000;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Rollout, Upgrade, named


@rule("backfill-in-schema-transaction", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def backfill_in_schema_transaction(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "write many rows under a lock")


def _judged(upgrade: Upgrade) -> Findings:
    if not upgrade.backfills:
        return
    writes = [write for write, _ in upgrade.backfills]
    lock = upgrade.backfills[0][1]
    yield upgrade.finding(
        writes,
        f"Rows of {named([write.of for write in writes])} are written while the transaction keeps {lock.of} locked "
        f"since line {lock.at.line}; fill them in a migration of their own, in batches.",
    )
