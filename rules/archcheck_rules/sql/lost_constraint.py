"""Dropping a column silently takes a key with it that was about other columns, too.

PostgreSQL drops every unique constraint, primary key and foreign key that the column is a part of, without a word. What
kept the other columns unique is gone, and the first duplicate tells. Add the key that is meant in the same migration.

```sql bad migrations/0001_init.sql
CREATE TABLE members (id bigint PRIMARY KEY, team bigint, email text, UNIQUE (team, email));
```
```sql bad migrations/0002_change.sql
ALTER TABLE members DROP COLUMN team;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE members (id bigint PRIMARY KEY, team bigint, email text, UNIQUE (team, email));
```
```sql good migrations/0002_change.sql
ALTER TABLE members DROP COLUMN team;
ALTER TABLE members ADD CONSTRAINT members_email_key UNIQUE (email);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import DropColumn, Upgrade


@rule("lost-constraint", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def lost_constraint(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    for change, says in upgrade.all(DropColumn):
        if not change.existed or upgrade.gone(change):
            continue
        for kind, columns in upgrade.lost_keys(change, says.column.key):
            yield Finding(
                change.at,
                f"Dropping {change} takes the {kind} on ({', '.join(columns)}) of {change.of} with it, and nothing "
                "replaces it; add the key that is meant.",
                subject=f"{change} {' '.join(columns)}",
            )
