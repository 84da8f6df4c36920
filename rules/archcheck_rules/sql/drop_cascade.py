"""DROP ... CASCADE takes along whatever depends on the thing, and names none of it.

Views, foreign keys, functions and columns of a type go without a word, and which ones differs between databases. Drop
what depends on it by name, one statement each: then a forgotten one stops the migration instead of vanishing.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users);
```
```sql bad migrations/0002_change.sql
DROP TABLE users CASCADE;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users);
```
```sql good migrations/0002_change.sql
ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;
DROP TABLE users;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Change, ChangeFunction, Drop, DropColumn, DropConstraint, Upgrade, named


@rule("drop-cascade", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def drop_cascade(upgrade: Upgrade) -> Findings:
    if upgrade.history.dialect != "postgres":
        return
    taking = [change for change in upgrade.changes if _cascades(change)]
    if taking:
        yield upgrade.finding(
            taking,
            f"CASCADE drops whatever depends on {named(taking)}, named or not; drop the dependents by name.",
            severity=None if any(map(_risky, taking)) else "note",
        )


def _cascades(change: Change) -> bool:
    says = change.says
    if isinstance(says, ChangeFunction):
        return says.cascade
    if isinstance(says, Drop) and says.kind not in ("TABLE", "VIEW", "SCHEMA"):
        return says.cascade and says.kind != "INDEX"
    if isinstance(says, DropConstraint):
        # Only on a key may something depend.
        return says.cascade and change.existed and change.drops_key
    return isinstance(says, Drop | DropColumn) and says.cascade and change.existed


def _risky(change: Change) -> bool:
    """Whether something may depend on it that is not dropped by name in the same migration."""
    return not isinstance(change.says, Drop) or change.says.kind != "TABLE" or change.leaned_on
