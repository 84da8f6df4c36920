"""Two indexes of a table are the same.

Every write pays for both, both fill memory and disk, and no query is faster for the second. Drop one of them; where
one belongs to a primary key or a unique constraint, it is the other that goes.

```sql bad migrations/0001_orders.sql
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
CREATE INDEX orders_user ON orders (user_id);
CREATE INDEX orders_user_id_idx ON orders (user_id);  -- want "orders_user"
```
```sql good migrations/0001_orders.sql
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
CREATE INDEX orders_user ON orders (user_id);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import Table

NAMES = {"primary": "primary key", "unique": "unique constraint", "index": "index"}


@rule("duplicate-index", checklist="db.indexes", severity="warning", profile="regular", since="0.1")
def duplicate_index(table: Table) -> Findings:
    if not table.permanent:
        return
    for spare, instead in table.duplicate_orders:
        # A table has one primary key, and MySQL gives it no name.
        own, other = (
            NAMES[order.kind] if order.kind == "primary" else f"{NAMES[order.kind]} {order.name}".strip()
            for order in (spare, instead)
        )
        yield Finding(
            spare.at,
            f"The {own} of {table} is the same as the {other}; drop it.",
            subject=f"{table} {spare.name}",
            related=(Related(instead.at, f"the {NAMES[instead.kind]}"),),
        )
