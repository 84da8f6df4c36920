"""Keys are counted up.

Whoever sees one key knows its neighbours and how many rows there are, and rows of two databases cannot be brought
together. A UUID (version 7 keeps new rows together in the index) has neither problem. One remark for the history.

```sql bad migrations/0001_orders.sql
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- want "orders"
    placed_at timestamptz NOT NULL
);
```
```sql good migrations/0001_orders.sql
CREATE TABLE orders (
    id uuid PRIMARY KEY,
    placed_at timestamptz NOT NULL
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import History


@rule("sequential-primary-key", checklist="db.primary-keys", severity="note", profile="strict", since="0.1")
def sequential_primary_key(history: History) -> Findings:
    keys = [table.surrogate for table in history.tables if table.permanent]
    counted = [key for key in keys if key is not None and not key.foreign]
    if not counted:
        return
    first = counted[0]
    whose = f"The key {first} is" if len(counted) == 1 else f"The keys of {len(counted)} tables, first {first}, are"
    yield Finding(first.at, f"{whose} counted up and can be guessed; prefer uuid.", subject=str(history))
