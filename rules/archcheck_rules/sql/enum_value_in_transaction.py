"""A value is added to an enum and used in the same transaction.

PostgreSQL refuses to use the new value before it is committed, and before version 12 it refuses to add one inside a
transaction at all. Add it in a migration of its own.

```sql bad migrations/0001_init.sql
CREATE TYPE state AS ENUM ('placed', 'paid');
CREATE TABLE orders (id bigint PRIMARY KEY, state state);
```
```sql bad migrations/0002_change.sql
BEGIN;
ALTER TYPE state ADD VALUE 'sent';  -- want
UPDATE orders SET state = 'sent' WHERE id = 1;
COMMIT;
```
```sql good migrations/0001_init.sql
CREATE TYPE state AS ENUM ('placed', 'paid');
CREATE TABLE orders (id bigint PRIMARY KEY, state state);
```
```sql good migrations/0002_change.sql
ALTER TYPE state ADD VALUE 'sent';
```
```sql good migrations/0003_use.sql
UPDATE orders SET state = 'sent' WHERE id = 1;
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import AlterType, Upgrade


@rule("enum-value-in-transaction", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def enum_value_in_transaction(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    for change, says in upgrade.all(AlterType):
        if says.kind != "add-value" or not change.transaction or not upgrade.knew_type(says.name):
            continue
        if upgrade.history.postgres_version < 12:
            trouble = "inside a transaction, which this PostgreSQL refuses"
        elif upgrade.uses(change, says.value):
            trouble = "and uses it in the same transaction, which PostgreSQL refuses"
        else:
            continue
        yield Finding(
            change.at,
            f"This adds '{says.value}' to {says.name.text} {trouble}; add it in a migration of its own.",
            subject=f"{says.name.text} {says.value}",
        )
