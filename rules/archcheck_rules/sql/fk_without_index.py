"""A foreign key has no index on its own side.

Every DELETE and every key change of the referenced row looks for rows that point at it. Without an index that is
a scan of the whole table, under a lock, and so is every join along the key. Create an index that starts with the
key's columns; a later migration may do that, the end of the history is what counts.

`--unsafe-fixes` writes that migration, where the runner's names leave no doubt about the next one: on PostgreSQL with
CONCURRENTLY and the runner's own words for no transaction, one migration for all such keys where a runner sends its
statements one by one, and one for each where it sends a file at once. Where migrations are generated from models, as
with Prisma and Alembic, declare the index there too, or the next one drops it.

```sql bad migrations/0001_orders.sql
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id)  -- want
);
```
```sql fixed migrations/0001_orders.sql
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id)
);
```
```sql fixed migrations/0002_index_orders_user_id.sql
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_user_id_idx ON orders (user_id);
```
```sql good migrations/0001_orders.sql
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id)
);
```
```sql good migrations/0002_index.sql
CREATE INDEX orders_user_id_idx ON orders (user_id);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import ForeignKey


@rule("fk-without-index", checklist="db.indexes", severity="warning", profile="regular", since="0.1")
def fk_without_index(key: ForeignKey) -> Findings:
    if not key.table.permanent or not key.unindexed:
        return
    columns = ", ".join(key.columns)
    if lost := key.index_lost_at:
        yield Finding(
            lost,
            f"This takes the last index that served the foreign key {key} to {key.references}; "
            f"keep an index on {key.table} ({columns}).",
            subject=str(key),
            related=(Related(key.at, "the foreign key"),),
            fix=key.index_added,
        )
    else:
        yield Finding(
            key.at,
            f"The foreign key {key} to {key.references} has no index; create one on {key.table} ({columns}).",
            subject=str(key),
            fix=key.index_added,
        )
