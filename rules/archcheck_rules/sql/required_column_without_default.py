"""A new column must have a value, and the rows that are there have none.

PostgreSQL and SQLite refuse the migration as soon as the table has a row; MySQL fills in an empty value and then
refuses every insert of the release that is still running and does not know the column. Give the column a default, or
add it nullable, fill it in batches, and require it in a later migration.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
ALTER TABLE orders ADD COLUMN currency text NOT NULL;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
ALTER TABLE orders ADD COLUMN currency text NOT NULL DEFAULT 'EUR';
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import AddColumn, Upgrade, named


@rule("required-column-without-default", checklist="db.safe-changes", severity="error", profile="regular", since="0.1")
def required_column_without_default(upgrade: Upgrade) -> Findings:
    required = [
        change
        for change, says in upgrade.all(AddColumn)
        if change.existed and says.column.required and not change.repeats and not upgrade.emptied(change)
    ]
    if not required:
        return
    if upgrade.history.dialect == "mysql":
        trouble = "the running release cannot insert rows without a value for it"
    else:
        trouble = "the migration fails on a table that has rows"
    yield upgrade.finding(
        required,
        f"This adds {named(required)} as NOT NULL without a default, and {trouble}; "
        "add a default, or fill the column before it is required.",
    )
