"""A cascade removes rows that are only ever marked as deleted.

The table keeps what was deleted, and one DELETE of the row it points at takes all of it away for good, past the mark.
Use RESTRICT, or SET NULL, and let the code mark the rows.

```sql bad migrations/0001_orders.sql
CREATE TABLE shops (id uuid PRIMARY KEY);
CREATE TABLE orders (
    id uuid PRIMARY KEY,
    shop_id uuid NOT NULL REFERENCES shops (id) ON DELETE CASCADE,  -- want "deleted_at"
    deleted_at timestamptz
);
```
```sql good migrations/0001_orders.sql
CREATE TABLE shops (id uuid PRIMARY KEY);
CREATE TABLE orders (
    id uuid PRIMARY KEY,
    shop_id uuid NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    deleted_at timestamptz
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import ForeignKey


@rule("cascade-past-soft-delete", checklist="db.soft-delete", severity="note", profile="strict", since="0.1")
def cascade_past_soft_delete(key: ForeignKey) -> Findings:
    mark = key.table.soft_deletion
    target = key.referenced_table
    # Where the other table marks its rows too, a DELETE there is the final clearing out.
    if mark is None or target is None or target.soft_deletion or key.on_delete != "cascade" or not key.table.permanent:
        return
    yield Finding(
        key.at,
        f"Deleting a row of {key.references} removes rows of {key.table} for good, whatever {mark.fact.text} says; "
        "use RESTRICT or SET NULL.",
        subject=str(key),
        related=(Related(mark.at, "the mark"),),
    )
