"""An index is built on a table in use, and nobody can write to it meanwhile.

CREATE INDEX keeps out every INSERT, UPDATE and DELETE until the whole table was read and sorted. Build it CONCURRENTLY,
in a migration that runs outside a transaction. On a partitioned table, which does not allow that, create it ON ONLY the
parent, build it concurrently on each partition, and attach those.

Where the last migration of a history does nothing else, `--unsafe-fixes` makes it so, with the runner's own words for
no transaction.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
CREATE INDEX orders_user_idx ON orders (user_id);  -- want
```
```sql fixed migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql fixed migrations/0002_change.sql
CREATE INDEX CONCURRENTLY orders_user_idx ON orders (user_id);
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
CREATE INDEX CONCURRENTLY orders_user_idx ON orders (user_id);
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import CreateIndex, Rollout, Upgrade, named


@rule("blocking-index", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def blocking_index(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "build indexes without CONCURRENTLY")


def _judged(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    blocking = [
        change
        for change, says in upgrade.all(CreateIndex)
        if change.existed and change.hold.blocks and not says.only and not upgrade.spared(change)
    ]
    if not blocking:
        return
    tables = named([change.of for change in blocking])
    way = f"build {'them' if len(blocking) > 1 else 'it'} CONCURRENTLY, outside a transaction"
    if all(change.table and change.table.partitioned_by for change in blocking):
        way = "create it ON ONLY the parent and CONCURRENTLY on each partition"
    yield upgrade.finding(
        blocking,
        f"Building {named(blocking)} keeps everyone from writing to {tables}; {way}.",
        fix=blocking[0].concurrent,
    )
