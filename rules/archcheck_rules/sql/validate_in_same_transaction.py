"""A constraint is added NOT VALID and validated in one transaction, which gains nothing.

Adding it takes a lock that is held to the end of the transaction, and validating then reads the whole table under that
lock. Validate in a migration of its own: once the first one is committed, others read and write while rows are checked.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
BEGIN;
ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_total_check;  -- want
COMMIT;
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;
```
```sql good migrations/0003_validate.sql
ALTER TABLE orders VALIDATE CONSTRAINT orders_total_check;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import AddConstraint, Change, Upgrade, ValidateConstraint, named


@rule("validate-in-same-transaction", checklist="db.safe-changes", severity="note", profile="regular", since="0.1")
def validate_in_same_transaction(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    added = {
        (change.of, says.constraint.name.key): change.transaction
        for change, says in upgrade.all(AddConstraint)
        if change.existed and change.transaction and says.constraint.not_valid and says.constraint.name
    }
    vain: list[Change] = [
        change
        for change, says in upgrade.all(ValidateConstraint)
        if change.transaction and added.get((change.of, says.name.key)) == change.transaction
    ]
    if vain:
        yield upgrade.finding(
            vain,
            f"The constraint on {named(vain)} is added and validated in one transaction, under the lock of the first; "
            "validate it in a later migration.",
        )
