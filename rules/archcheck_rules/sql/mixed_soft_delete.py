"""Deleted rows are marked in two ways.

Every query has to know which table has `deleted_at` and which `is_deleted`, and the one that guesses wrong shows what
was deleted. Choose one mark for the whole schema; a time tells more than a flag.

```sql bad migrations/0001_users.sql
CREATE TABLE users (id uuid PRIMARY KEY, deleted_at timestamptz);
CREATE TABLE orders (id uuid PRIMARY KEY, deleted_at timestamptz);
CREATE TABLE notes (id uuid PRIMARY KEY, is_deleted boolean NOT NULL DEFAULT false);  -- want "notes.is_deleted"
```
```sql good migrations/0001_users.sql
CREATE TABLE users (id uuid PRIMARY KEY, deleted_at timestamptz);
CREATE TABLE notes (id uuid PRIMARY KEY, deleted_at timestamptz);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import History


@rule("mixed-soft-delete", checklist="db.soft-delete", severity="note", profile="strict", since="0.1")
def mixed_soft_delete(history: History) -> Findings:
    marks = [mark for table in history.tables if table.permanent and (mark := table.soft_deletion)]
    times = [mark for mark in marks if not mark.flag]
    flags = [mark for mark in marks if mark.flag]
    if not times or not flags:
        return
    odd, usual = sorted((flags, times), key=len)
    yield Finding(
        odd[0].at,
        f"{odd[0]} marks deleted rows otherwise than {usual[0]} ({len(times)} tables keep a time, {len(flags)} a "
        "flag); choose one.",
        subject=str(history),
        related=(Related(usual[0].at, "the other way"),),
    )
