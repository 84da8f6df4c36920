"""A migration waits for a lock without a limit, and everyone else waits behind it.

One long query is enough: the ALTER TABLE waits for it, and every new query on that table waits for the ALTER TABLE. Set
lock_timeout to a few seconds before the first such statement and let the runner try again. It may also be set for the
role that runs migrations; then leave this rule out.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
ALTER TABLE orders ADD COLUMN currency text;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
SET lock_timeout = '5s';
ALTER TABLE orders ADD COLUMN currency text;
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Change, Rollout, named


@rule("missing-lock-timeout", checklist="db.safe-changes", severity="note", profile="audit", since="0.1")
def missing_lock_timeout(rollout: Rollout) -> Findings:
    waiting: list[list[Change]] = []
    for upgrade in rollout.upgrades:
        if not upgrade.locks:
            return
        locks = [change for change in upgrade.changes if change.hold.blocks == "all"]
        locks = [change for change in locks if not upgrade.option("lock_timeout", before=change.order)]
        waiting += [locks] if locks else []
    if waiting:
        last = waiting[-1]
        before = len(waiting) - 1
        count = f", as {before} migration{'s' if before > 1 else ''} before it {'do' if before > 1 else 'does'}"
        yield Finding(
            last[0].at,
            f"This waits without a limit for the lock on {named([change.of for change in last])}"
            f"{count if before else ''}; set lock_timeout first.",
            subject=str(rollout),
        )
