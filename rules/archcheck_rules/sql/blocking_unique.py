"""A unique constraint builds its index while nobody can read or write the table.

ADD UNIQUE, ADD PRIMARY KEY and EXCLUDE read and sort the whole table under the strongest lock there is. Build a unique
index CONCURRENTLY first, and then add the constraint USING INDEX, which takes a moment. For EXCLUDE there is no such
way: plan for the time it takes.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);
```
```sql good migrations/0003_constraint.sql
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import AddColumn, AddConstraint, Change, Constraint, Rollout, Upgrade, named


@rule("blocking-unique", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def blocking_unique(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "build the index of a constraint under a lock")


def _judged(upgrade: Upgrade) -> Findings:
    if not upgrade.locks:
        return
    blocking = [
        change
        for change in upgrade.changes
        if change.existed and not change.repeats and any(map(_builds, _added(change))) and not upgrade.spared(change)
    ]
    if not blocking:
        return
    tables = named([change.of for change in blocking])
    kinds = {constraint.kind for change in blocking for constraint in _added(change)}
    way = "build a unique index CONCURRENTLY and add the constraint USING INDEX"
    if kinds == {"exclude"}:
        way = "run it when the table is not needed"
    built = "the indexes of their constraints are" if len(blocking) > 1 else "the index of its constraint is"
    yield upgrade.finding(blocking, f"Nobody can use {tables} while {built} built; {way}.")


def _added(change: Change) -> tuple[Constraint, ...]:
    if isinstance(change.says, AddConstraint):
        return (change.says.constraint,)
    return change.says.column.constraints if isinstance(change.says, AddColumn) else ()


def _builds(constraint: Constraint) -> bool:
    return constraint.kind in ("unique", "primary", "exclude") and not constraint.using_index
