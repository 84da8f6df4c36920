"""A migration has no way down, and most others have one.

The release that has to be taken back is the worst moment to find out which of its migrations cannot be. Write the way
down, or one that says why there is none. Where many lack it there is one remark, at the first.

```sql bad migrations/000001_users.up.sql
CREATE TABLE users (id bigint PRIMARY KEY);
```
```sql bad migrations/000001_users.down.sql
DROP TABLE users;
```
```sql bad migrations/000002_orders.up.sql
CREATE TABLE orders (id bigint PRIMARY KEY);
```
```sql bad migrations/000002_orders.down.sql
DROP TABLE orders;
```
```sql bad migrations/000003_notes.up.sql
ALTER TABLE orders ADD COLUMN note text;  -- want "000003_notes"
```
```sql good migrations/000001_users.up.sql
CREATE TABLE users (id bigint PRIMARY KEY);
```
```sql good migrations/000001_users.down.sql
DROP TABLE users;
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import History

MANY = 10


@rule("missing-down-migration", checklist="db.migrations", severity="warning", profile="regular", since="0.1")
def missing_down_migration(history: History) -> Findings:
    lacking = history.without_undo
    if len(lacking) > MANY:
        first, total = lacking[0], len(history.migrations)
        yield Finding(
            first.final or first.at,
            f"{len(lacking)} of {total} migrations, first {first}, have no way down; write them, or say why not.",
            subject=str(history),
        )
        return
    for step in lacking:
        yield Finding(
            step.final or step.at,
            f"{step} has no way down and most migrations do; write one, or say why not.",
            subject=str(step),
        )
