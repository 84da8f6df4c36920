"""A primary key counts in a type that runs out.

An `integer` key ends at 2,147,483,647, and failed inserts and rolled back ones use numbers up as well. On that day no
row can be added, and widening the column rewrites the table and every foreign key to it. Use `bigint` from the start.
Tables that stay small for certain are named in the option `constants`. SQLite's keys have 64 bits.

```sql bad migrations/0001_orders.sql
CREATE TABLE orders (
    id serial PRIMARY KEY,  -- want "serial"
    placed_at timestamptz NOT NULL
);
```
```sql good migrations/0001_orders.sql
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    placed_at timestamptz NOT NULL
);
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Table


@dataclass(frozen=True)
class Options:
    """Names of tables, with or without schema: those in `constants` hold so few rows that a narrow key lasts."""

    constants: tuple[str, ...] = ()


@rule("narrow-primary-key", checklist="db.primary-keys", severity="warning", profile="regular", since="0.1")
def narrow_primary_key(table: Table, options: Options) -> Findings:
    key = table.surrogate
    if (
        key is None
        or table.history.cockroach
        or not table.permanent
        or table.touched_by_opaque
        or table.called(options.constants)
    ):
        return
    if key.kind.family == "integer" and key.kind.width <= 4 and not key.foreign and not table.history.cockroach:
        most = f"{(1 << (8 * key.kind.width - 1)) - 1:,}"
        yield Finding(
            key.typed_at,
            f"The key {key} is a generated {key.type} and ends at {most}; make it bigint.",
            subject=str(key),
        )
