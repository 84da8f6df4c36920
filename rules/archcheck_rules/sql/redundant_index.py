"""An index is the beginning of a longer one.

Whatever can be looked up in `(user_id)` can be looked up in `(user_id, placed_at)` as well, so the short one costs
every write and serves nobody. Drop it, unless the long one is so much wider that measurements speak for both. The index
that Django makes for each foreign key by itself is left alone.

```sql bad migrations/0001_orders.sql
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, placed_at timestamptz);
CREATE INDEX orders_user ON orders (user_id);  -- want "orders_user_placed"
CREATE INDEX orders_user_placed ON orders (user_id, placed_at);
```
```sql good migrations/0001_orders.sql
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, placed_at timestamptz);
CREATE INDEX orders_user_placed ON orders (user_id, placed_at);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import Table

NAMES = {"primary": "primary key", "unique": "unique constraint", "index": "index"}


@rule("redundant-index", checklist="db.indexes", severity="note", profile="regular", since="0.1")
def redundant_index(table: Table) -> Findings:
    if not table.permanent:
        return
    for spare, wider in table.leading_orders:
        if table.managed_by_orm and table.implied(spare):
            continue
        name = f"{NAMES[wider.kind]} {wider.name}".strip()
        yield Finding(
            spare.at,
            f"The index {spare.name} of {table} is the beginning of the {name}, which serves as well; drop it.",
            subject=f"{table} {spare.name}",
            related=(Related(wider.at, f"the {NAMES[wider.kind]}"),),
        )
