"""A text has a fixed length that is filled up with blanks.

PostgreSQL's `char(n)` pads what is shorter and ignores the padding in some comparisons and not in others; it is no
faster and no smaller than `text`. Use `text`, with a check where the length matters. One remark a table.

```sql bad migrations/0001_countries.sql
CREATE TABLE countries (
    code char(2) PRIMARY KEY,  -- want "countries.code"
    name text NOT NULL
);
```
```sql good migrations/0001_countries.sql
CREATE TABLE countries (
    code text PRIMARY KEY CHECK (length(code) = 2),
    name text NOT NULL
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Table, named


@rule("fixed-char", checklist="db.types", severity="note", profile="audit", since="0.1")
def fixed_char(table: Table) -> Findings:
    if not table.permanent:
        return
    columns = [column for column in table.columns if column.padded]
    if columns and not table.history.cockroach:
        yield Finding(
            columns[0].typed_at,
            f"What is shorter in {named(columns)} is filled up with blanks; use text with a check.",
            subject=str(table),
        )
