"""A column is dropped that the running release may still read.

While a release rolls out, the old one still names the column in its queries, and each of them fails; so does a
rollback. And the data is gone. First ship a release that no longer uses the column, and drop it with the next one.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
ALTER TABLE users DROP COLUMN name;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
ALTER TABLE users ALTER COLUMN name SET DEFAULT '';
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import DropColumn, Rollout, Upgrade, named


@rule("dropped-column", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def dropped_column(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "drop columns that the release before may use")


def _judged(upgrade: Upgrade) -> Findings:
    dropped = [
        change
        for change, says in upgrade.all(DropColumn)
        if change.existed and not upgrade.added(change, says.column.key) and not upgrade.gone(change)
        if not upgrade.recast(change, says.column.key)
    ]
    if dropped:
        yield upgrade.finding(
            dropped,
            f"This drops {named(dropped)}, which the running release may still use; "
            "drop only what the release before this one stopped using.",
        )
