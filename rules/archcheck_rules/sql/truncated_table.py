"""A table in use is emptied.

TRUNCATE takes the strongest lock and removes all rows at once; there is no way back but a backup, and the running
release finds nothing. Ship the code that no longer needs the rows first, and say in an acceptance why they may go.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
TRUNCATE TABLE orders;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
DELETE FROM orders WHERE id BETWEEN 1 AND 10000;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Upgrade, Write, named


@rule("truncated-table", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def truncated_table(upgrade: Upgrade) -> Findings:
    emptied = [
        change
        for change, says in upgrade.all(Write)
        if says.kind == "truncate" and change.existed and not upgrade.gone(change)
    ]
    if emptied:
        yield upgrade.finding(
            emptied, f"This removes all rows of {named(emptied)} for good; keep them until no release needs them."
        )
