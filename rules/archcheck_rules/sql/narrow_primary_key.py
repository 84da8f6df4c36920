"""A primary key counts in a type that runs out.

An `integer` key ends at 2,147,483,647, and failed inserts and rolled back ones use numbers up as well. On that day no
row can be added, and widening the column rewrites the table and every foreign key to it. Use `bigint` from the start.
Tables that stay small for certain are named in the option `constants`. SQLite's keys have 64 bits. The keys that
Django generates are one setting, and so one finding.

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
from archcheck.surfaces.sql import History


@dataclass(frozen=True)
class Options:
    """Names of tables, with or without schema: those in `constants` hold so few rows that a narrow key lasts."""

    constants: tuple[str, ...] = ()


@rule("narrow-primary-key", checklist="db.primary-keys", severity="warning", profile="regular", since="0.1")
def narrow_primary_key(history: History, options: Options) -> Findings:
    tables = [table for table in history.tables if not table.called(options.constants)]
    keys = [key for table in tables if (key := table.narrow_key) is not None]
    by_default = [key for key in keys if key.managed_by_orm]
    if len(by_default) > 1:
        first = by_default[0]
        yield Finding(
            first.typed_at,
            f"{len(by_default)} keys that Django generates, first {first}, end at {first.greatest:,}; "
            "make BigAutoField the DEFAULT_AUTO_FIELD, and migrate the keys that will count far.",
            subject=str(history),
        )
        keys = [key for key in keys if not key.managed_by_orm]
    for key in keys:
        yield Finding(
            key.typed_at,
            f"The key {key} is a generated {key.type} and ends at {key.greatest:,}; make it bigint.",
            subject=str(key),
        )
