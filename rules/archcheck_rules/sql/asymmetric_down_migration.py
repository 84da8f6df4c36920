"""Going up and down again leaves another schema than there was.

What a way down forgets is found out when the migration is run again and stops at a table that is there already, or
when the code of the last release misses a column. Undo everything that was done, and bring back everything that was
dropped. The way down is replayed on what the way up made, and the remark names what is left, lost or changed.
Django undoes its own operations; of its migrations the SQL is judged that they undo by hand.

```sql bad migrations/000001_users.up.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text);
CREATE TABLE sessions (token text PRIMARY KEY);
```
```sql bad migrations/000001_users.down.sql
DROP TABLE users;  -- want "leaves the table sessions"
```
```sql good migrations/000001_users.up.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text);
CREATE TABLE sessions (token text PRIMARY KEY);
```
```sql good migrations/000001_users.down.sql
DROP TABLE sessions;
DROP TABLE users;
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import History, Residue

NAMED = 4
VERBS = {"left": "leaves", "lost": "loses", "changed": "changes"}
# Small print: the tables hold the same columns, and the code of the last release runs.
QUIET = frozenset({"detail", "label"})


@rule("asymmetric-down-migration", checklist="db.migrations", severity="warning", profile="regular", since="0.1")
def asymmetric_down_migration(history: History) -> Findings:
    if not history.relational:
        return
    for steps in history.steps:
        found = history.residues(steps)
        if not found:
            continue
        name = str(steps[0]) if len(steps) == 1 else f"{steps[0]} and the {len(steps) - 1} files that belong to it"
        yield Finding(
            steps[-1].starts_down,
            f"Going up and down through {name} {told(found)}; make the way down undo it.",
            subject=str(steps[0]),
            related=tuple(Related(residue.at, residue.what) for residue in found[:NAMED]),
            severity="note" if all(residue.kind in QUIET for residue in found) else None,
        )


def told(found: list[Residue]) -> str:
    clauses = []
    for fate, verb in VERBS.items():
        whats = [residue.what for residue in found if residue.fate == fate]
        if whats:
            last = f"{len(whats) - NAMED} more" if len(whats) > NAMED else whats[-1]
            rest = whats[:NAMED] if len(whats) > NAMED else whats[:-1]
            clauses.append(f"{verb} {', '.join(rest)} and {last}" if rest else f"{verb} {last}")
    return ", ".join(clauses[:-1]) + (" and " if len(clauses) > 1 else "") + clauses[-1]
