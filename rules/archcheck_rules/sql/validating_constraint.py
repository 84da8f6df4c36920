"""A constraint is checked against every row while the table is locked.

Adding a foreign key or a CHECK reads the whole table, and meanwhile nobody can write to it; a foreign key stops writes
to the table it points at, too. Add the constraint NOT VALID, which takes a moment, and in a later transaction VALIDATE
it, which lets others read and write.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
ALTER TABLE orders
    ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES users (id);  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
ALTER TABLE orders
    ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
```
```sql good migrations/0003_validate.sql
ALTER TABLE orders VALIDATE CONSTRAINT orders_user_fk;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import AddColumn, AddConstraint, Change, Rollout, Upgrade, named


@rule("validating-constraint", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def validating_constraint(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "validate a constraint under a lock")


def _judged(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    checked = [change for change in upgrade.changes if _validates(change) and not upgrade.spared(change)]
    if checked:
        tables = named([change.of for change in checked])
        yield upgrade.finding(
            checked,
            f"Every row of {tables} is checked while others cannot write; "
            "add the constraint NOT VALID, and VALIDATE it in a later transaction.",
        )


def _validates(change: Change) -> bool:
    says = change.says
    if isinstance(says, AddConstraint) and change.existed:
        made = says.constraint
        checks = made.kind == "check" and not _of_a_field(change, made.name.key if made.name else "")
        return not made.not_valid and (checks or (made.kind == "foreign" and not change.partitioned))
    if isinstance(says, AddColumn) and change.existed and not change.repeats:
        # The foreign key of a column without a default finds NULL everywhere, and PostgreSQL knows that.
        filled = says.column.default is not None and says.column.default.upper() != "NULL"
        kinds = {made.kind for made in says.column.constraints}
        return ("check" in kinds and not _of_a_field(change)) or (filled and "foreign" in kinds)
    return False


def _of_a_field(change: Change, name: str = "_check") -> bool:
    """Whether a check is that of Django's positive numbers, which comes with the field and cannot wait."""
    return change.upgrade.history.layout == "django" and name.endswith("_check")
