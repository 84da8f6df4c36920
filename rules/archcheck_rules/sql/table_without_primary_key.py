"""A table has no primary key.

Nothing tells two equal rows apart, so they cannot be updated or deleted one by one; logical replication refuses
such a table, and no other table can point at it. Give it a primary key: a column of its own, or the columns that
together are unique.

```sql bad migrations/0001_visits.sql
CREATE TABLE visits (  -- want
    page text NOT NULL,
    visited_at timestamptz NOT NULL
);
```
```sql good migrations/0001_visits.sql
CREATE TABLE visits (
    id bigint GENERATED ALWAYS AS IDENTITY,
    page text NOT NULL,
    visited_at timestamptz NOT NULL
);
```
```sql good migrations/0002_key.sql
ALTER TABLE visits ADD PRIMARY KEY (id);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import Table


@rule("table-without-primary-key", checklist="db.primary-keys", severity="error", profile="regular", since="0.1")
def table_without_primary_key(table: Table) -> Findings:
    if not table.permanent or not table.keyless:
        return
    if lost := table.key_lost_at:
        yield Finding(
            lost,
            f"This takes the primary key of {table}, and no other follows; add one.",
            subject=str(table),
            related=(Related(table.at, "the table"),),
        )
    else:
        yield Finding(table.at, f"The table {table} has no primary key; add one.", subject=str(table))
