"""A transaction is prepared for a commit in two phases.

Its locks are held until somebody commits or rolls it back, over restarts, and when the coordinator is gone nobody does.
Prefer steps that each commit, with a step that undoes each of them (a saga), or an outbox.

```sql bad migrations/0001_init.sql
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
```
```sql bad migrations/0002_change.sql
BEGIN;
DELETE FROM orders WHERE id = 1;
PREPARE TRANSACTION 'move-1';  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
```
```sql good migrations/0002_change.sql
BEGIN;
DELETE FROM orders WHERE id = 1;
COMMIT;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Transact, Upgrade


@rule("two-phase-commit", checklist="db.transactions", severity="note", profile="regular", since="0.1")
def two_phase_commit(upgrade: Upgrade) -> Findings:
    prepared = [change for change, says in upgrade.all(Transact) if says.kind == "prepare"]
    if prepared:
        yield upgrade.finding(
            prepared,
            "This prepares a commit in two phases, whose locks stay until somebody ends it; "
            "prefer steps that commit and can be undone one by one.",
        )
