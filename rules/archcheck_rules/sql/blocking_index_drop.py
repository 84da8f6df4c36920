"""Readers and writers wait for an index to be dropped or a view to be computed.

The statement needs the table to itself: it waits for every running query, and every new one waits behind it. DROP
INDEX, REINDEX, REFRESH MATERIALIZED VIEW and DETACH PARTITION have a form that lets others work, CONCURRENTLY; it runs
outside a transaction, save for REFRESH.

Where more than ten old migrations of a history do so, that is told once.

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
from archcheck.surfaces.sql import AttachPartition, Change, Drop, Maintain, Rollout, Upgrade, named

DEEDS = {"DROP": "dropping", "REINDEX": "reindexing", "REFRESH": "refreshing", "DETACH": "detaching"}


@rule("blocking-index-drop", checklist="db.safe-changes", severity="note", profile="regular", since="0.1")
def blocking_index_drop(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "drop or rebuild without CONCURRENTLY")


def _judged(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    blocking = [change for change in upgrade.changes if _blocks(change, upgrade) and not upgrade.spared(change)]
    if blocking:
        yield upgrade.finding(blocking, f"{_told(blocking)} keeps others out; use the form with CONCURRENTLY.")


def _told(blocking: list[Change]) -> str:
    """What is done to what: `Dropping a_idx and b_idx, refreshing totals`."""
    deeds: dict[str, list[str]] = {}
    for change in blocking:
        says = change.says
        word = says.kind if isinstance(says, Maintain) else "DROP" if isinstance(says, Drop) else "DETACH"
        deeds.setdefault(DEEDS[word], []).append(change.of)
    told = ", ".join(f"{deed} {named(objects)}" for deed, objects in deeds.items())
    return told[0].upper() + told[1:]


def _blocks(change: Change, upgrade: Upgrade) -> bool:
    says = change.says
    if isinstance(says, AttachPartition):
        return change.existed and upgrade.history.postgres_version >= 14 and not (says.attach or says.concurrently)
    if isinstance(says, Drop):
        if not change.existed or says.kind != "INDEX" or says.concurrently:
            return False
        # On a partitioned table there is no other form, and under the lock of another change it costs nothing.
        return not (change.table and change.table.partitioned_by) and not upgrade.locked_anyway(change)
    if isinstance(says, Maintain) and not says.concurrently:
        return (says.kind == "REFRESH" and change.viewed) or (says.kind == "REINDEX" and change.existed)
    return False
