"""Every row of a table is written anew, and nobody can use it meanwhile.

Most changes of a type, columns that compute a value for each row (a volatile default, serial, identity, a stored
generated column) rewrite the table and all its indexes under the strongest lock. Add a new column, fill it in batches,
and switch over in a later release. Types that only grow, such as varchar(20) to text, are free and not meant.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
ALTER TABLE orders ALTER COLUMN user_id TYPE text;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
ALTER TABLE orders ADD COLUMN user_key text;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Rollout, Upgrade, named


@rule("rewritten-table", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def rewritten_table(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "write a table anew under a lock")


def _judged(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    found = [
        change
        for change in upgrade.changes
        if change.existed and not change.repeats and change.rewrites and not upgrade.spared(change)
    ]
    if found:
        tables = named([change.of for change in found])
        yield upgrade.finding(
            found,
            f"For {named(found)} every row of {tables} is written anew, and nobody can use it meanwhile; "
            "add a new column and fill it in batches.",
        )
