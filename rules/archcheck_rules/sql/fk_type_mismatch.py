"""A foreign key has another type than the key it points at.

Where the server takes it at all, every join converts one side and may pass its index by, and a narrower column cannot
hold every key there is: the insert that fails comes years later. Give both sides one type; serial types, aliases and
domains count as what they stand for.

```sql bad migrations/0001_orders.sql
CREATE TABLE users (id bigserial PRIMARY KEY);
CREATE TABLE orders (
    id bigserial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES users (id)  -- want "users.id is bigserial"
);
```
```sql good migrations/0001_orders.sql
CREATE TABLE users (id bigserial PRIMARY KEY);
CREATE TABLE orders (
    id bigserial PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id)
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import ForeignKey


@rule("fk-type-mismatch", checklist="db.foreign-keys", severity="error", profile="regular", since="0.1")
def fk_type_mismatch(key: ForeignKey) -> Findings:
    for column, target in key.pairs:
        own, other = column.kind, target.kind
        if not (own.family and other.family) or own == other or key.table.touched_by_opaque:
            continue
        narrower = own.family == other.family
        # Django gives a foreign key the type of its target whenever that changes, and says so in no migration.
        if narrower and (not (own.width and other.width) or key.managed_by_orm):
            continue
        yield Finding(
            key.at,
            f"{column} is {column.type} and {target} is {target.type}; give both the same type.",
            subject=str(key),
            related=(Related(target.at, "the key it points at"),),
            severity="warning" if narrower else None,
        )
