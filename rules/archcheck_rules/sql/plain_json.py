"""Documents are kept as text that is parsed again and again.

PostgreSQL's `json` stores the text and parses it on each access; it has no equality and no index. `jsonb` has both and
costs less to read. Keep `json` only where the very spelling matters. One remark for the history where most are like
that, else one a table.

```sql bad migrations/0001_events.sql
CREATE TABLE events (
    id uuid PRIMARY KEY,
    body json NOT NULL  -- want "events.body"
);
```
```sql good migrations/0001_events.sql
CREATE TABLE events (
    id uuid PRIMARY KEY,
    body jsonb NOT NULL
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import History


@rule("plain-json", checklist="db.types", severity="note", profile="audit", since="0.1")
def plain_json(history: History) -> Findings:
    if history.dialect != "postgres" or history.cockroach:
        return
    documents = [column for table in history.tables if table.permanent for column in table.columns]
    documents = [column for column in documents if column.kind.family == "json"]
    plain = [column for column in documents if column.type == "json"]
    tables = {column.table.fact.key: column for column in reversed(plain)}
    if len(tables) > 1 and 2 * len(plain) > len(documents):
        yield Finding(
            plain[0].typed_at,
            f"{len(plain)} of {len(documents)} documents, first {plain[0]}, are kept as json; use jsonb.",
            subject=str(history),
        )
        return
    for column in reversed(tables.values()):
        yield Finding(column.typed_at, f"{column} is kept as json; use jsonb.", subject=str(column.table))
