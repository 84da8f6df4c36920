"""Columns repeat with a number in their names.

`phone1`, `phone2` answer one question in several places: every search asks all of them, and the day a third phone comes
the schema changes. Keep the values as rows of a table of their own. Lines of an address, coordinates and the like are
in the option `ordinary`.

```sql bad migrations/0001_customers.sql
CREATE TABLE customers (
    id uuid PRIMARY KEY,
    phone1 text,  -- want "phone1, phone2, phone3"
    phone2 text,
    phone3 text
);
```
```sql good migrations/0001_customers.sql
CREATE TABLE customers (id uuid PRIMARY KEY);
CREATE TABLE phones (
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    number text NOT NULL,
    PRIMARY KEY (customer_id, number)
);
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Table

ORDINARY = "address line street addr sha md ipv utf oauth x y z lat lon lng s h p v version iso level quarter"


@dataclass(frozen=True)
class Options:
    """Columns with a word of `ordinary` before the number have a reason to be numbered."""

    ordinary: tuple[str, ...] = tuple(ORDINARY.split())


@rule("repeating-columns", checklist="db.normalization", severity="note", profile="strict", since="0.1")
def repeating_columns(table: Table, options: Options) -> Findings:
    if not table.permanent:
        return
    for columns in table.repeating_columns:
        first = columns[0]
        if not first.words.intersection(options.ordinary):
            names = ", ".join(column.fact.text for column in columns)
            yield Finding(
                first.at, f"{table} repeats a column: {names}; keep the values as rows of a table.", subject=str(first)
            )
