"""One statement writes every row of a table.

It locks each row until the last one is done, writes the whole table into the log and the replicas, and leaves as many
dead rows behind. It may also be a forgotten condition. Write in batches that each commit, or say with a condition which
rows are meant.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
UPDATE orders SET note = '';  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
UPDATE orders SET note = '' WHERE note IS NULL AND id BETWEEN 1 AND 10000;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Rollout, Upgrade, Write, named


@rule("unbounded-write", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def unbounded_write(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "write a whole table at once")


def _judged(upgrade: Upgrade) -> Findings:
    under_lock = {write for write, _ in upgrade.backfills}
    whole = [
        change
        for change, says in upgrade.all(Write)
        if says.whole and says.kind in ("update", "delete") and change.existed
        if change not in under_lock and not upgrade.spared(change)
    ]
    if whole:
        yield upgrade.finding(
            whole, f"This writes every row of {named(whole)} in one statement; write in batches, or say which rows."
        )
