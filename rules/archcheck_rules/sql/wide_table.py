"""A table has very many columns.

Forty columns are seldom one thing: some belong to a part that has a life of its own, some are never read together, and
each update writes all of them anew. Split off what changes or is asked for apart. The limit is the option `most`.

```sql bad migrations/0001_users.sql
CREATE TABLE users (  -- want "41 columns"
    c01 int, c02 int, c03 int, c04 int, c05 int, c06 int, c07 int, c08 int, c09 int, c10 int,
    c11 int, c12 int, c13 int, c14 int, c15 int, c16 int, c17 int, c18 int, c19 int, c20 int,
    c21 int, c22 int, c23 int, c24 int, c25 int, c26 int, c27 int, c28 int, c29 int, c30 int,
    c31 int, c32 int, c33 int, c34 int, c35 int, c36 int, c37 int, c38 int, c39 int, c40 int,
    id uuid PRIMARY KEY
);
```
```sql good migrations/0001_users.sql
CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL);
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Table


@dataclass(frozen=True)
class Options:
    """A table has `most` columns at most."""

    most: int = 40


@rule("wide-table", checklist="db.normalization", severity="note", profile="audit", since="0.1")
def wide_table(table: Table, options: Options) -> Findings:
    count = len(table.columns)
    if table.permanent and count > options.most:
        yield Finding(
            table.at,
            f"{table} has {count} columns; split off what is changed or read apart from the rest.",
            subject=str(table),
        )
