"""Readers and writers wait for an index to be dropped or a view to be computed.

The statement needs the table to itself: it waits for every running query, and every new one waits behind it. DROP
INDEX, REINDEX, REFRESH MATERIALIZED VIEW and DETACH PARTITION have a form that lets others work, CONCURRENTLY; it runs
outside a transaction, save for REFRESH.

```sql bad migrations/0001_init.sql
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
CREATE INDEX orders_total_idx ON orders (total);
```
```sql bad migrations/0002_change.sql
DROP INDEX orders_total_idx;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
CREATE INDEX orders_total_idx ON orders (total);
```
```sql good migrations/0002_change.sql
DROP INDEX CONCURRENTLY orders_total_idx;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import AttachPartition, Change, Drop, Maintain, Upgrade, named


@rule("blocking-index-drop", checklist="db.safe-changes", severity="note", profile="regular", since="0.1")
def blocking_index_drop(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    blocking = [change for change in upgrade.changes if _blocks(change, upgrade) and not upgrade.spared(change)]
    if blocking:
        objects = named([change.of for change in blocking])
        yield upgrade.finding(
            blocking, f"This keeps others out while it works on {objects}; use the form with CONCURRENTLY."
        )


def _blocks(change: Change, upgrade: Upgrade) -> bool:
    says = change.says
    if isinstance(says, AttachPartition):
        return change.existed and upgrade.history.postgres_version >= 14 and not (says.attach or says.concurrently)
    if isinstance(says, Drop):
        return change.existed and says.kind == "INDEX" and not says.concurrently
    if isinstance(says, Maintain) and not says.concurrently:
        return (says.kind == "REFRESH" and change.viewed) or (says.kind == "REINDEX" and change.existed)
    return False
