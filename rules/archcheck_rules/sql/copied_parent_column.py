"""A column holds again what the row it refers to holds.

`orders.user_email` beside `orders.user_id` is right until the user changes the address, and from then on there are two
truths. Join instead. What is rightly kept as it was at the time (a price on an order line) has its words in `kept`.

```sql bad migrations/0001_orders.sql
CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    user_email text NOT NULL  -- want "users.email"
);
```
```sql good migrations/0001_orders.sql
CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE RESTRICT
);
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import Table

KEPT = "price amount cost rate total currency id at on date time version count hash status state"


@dataclass(frozen=True)
class Options:
    """A copy with a word of `kept` in the name of its original tells what was true at the time."""

    kept: tuple[str, ...] = tuple(KEPT.split())


@rule("copied-parent-column", checklist="db.normalization", severity="note", profile="strict", since="0.1")
def copied_parent_column(table: Table, options: Options) -> Findings:
    if not table.permanent:
        return
    for column, original in table.copies:
        if original.words.isdisjoint(options.kept):
            yield Finding(
                column.at,
                f"{column} repeats {original}, which its row refers to; join instead of keeping two.",
                subject=str(column),
                related=(Related(original.at, "the original"),),
            )
