"""A way down does nothing and does not say why.

The runner marks the migration as undone and everything it made is still there; the next attempt to go up fails on it.
Undo what was done, or say in a comment that it cannot be. Where most are empty there is one remark, at the first.

```sql bad migrations/000001_users.up.sql
CREATE TABLE users (id bigint PRIMARY KEY);
```
```sql bad migrations/000001_users.down.sql
SELECT 1;  -- want "000001_users"
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

FEW = 5


@rule("empty-down-migration", checklist="db.migrations", severity="warning", profile="regular", since="0.1")
def empty_down_migration(history: History) -> Findings:
    if not history.relational:
        return
    groups = tuple(history.steps)
    empty = [
        (steps[0], undo)
        for steps in groups
        if (undo := steps[0].undo) and all(step.idles for step in steps) and history.forgotten(steps)
    ]
    if len(empty) > FEW and 2 * len(empty) > len(groups):
        step, undo = empty[0]
        yield Finding(
            undo.at,
            f"{len(empty)} of {len(groups)} ways down, first that of {step}, do nothing; undo what was done, "
            "or say why not.",
            subject=str(history),
        )
        return
    for step, undo in empty:
        yield Finding(
            undo.at,
            f"The way down of {step} does nothing; undo what it did, or say that it cannot be undone.",
            subject=str(step),
        )
