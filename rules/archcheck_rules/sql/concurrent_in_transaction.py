"""Something is done concurrently inside a transaction, which PostgreSQL refuses.

Building or dropping an index concurrently takes several transactions of its own, so it fails inside another one, and
the release stops at this migration. Move the statement into a migration of its own that runs outside a transaction:
every runner has a way to say so.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
BEGIN;
CREATE INDEX CONCURRENTLY orders_user_idx ON orders (user_id);  -- want
COMMIT;
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
from archcheck.surfaces.sql import AttachPartition, Change, CreateIndex, Drop, Maintain, Upgrade, named


@rule("concurrent-in-transaction", checklist="db.safe-changes", severity="error", profile="regular", since="0.1")
def concurrent_in_transaction(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    refused = [change for change in upgrade.changes if change.transaction and _concurrent(change)]
    if refused:
        yield upgrade.finding(
            refused,
            f"This handles {named(refused)} CONCURRENTLY inside a transaction, which PostgreSQL refuses; "
            "move it into a migration that runs without one.",
        )


def _concurrent(change: Change) -> bool:
    says = change.says
    if isinstance(says, Maintain):
        return says.concurrently and says.kind == "REINDEX"
    return isinstance(says, CreateIndex | Drop | AttachPartition) and says.concurrently
