"""A column is named after a table and is not tied to it.

`user_id` beside a table `users` is a promise that the server does not keep: rows may point at users who are gone, or
never were. Declare the foreign key, or name the column for what it is. Logs and archives outlive what they tell of;
the words of `unbound` in a table's name exempt it. Where there are many there is one remark, at the first.

```sql bad migrations/0001_orders.sql
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL  -- want "users"
);
```
```sql good migrations/0001_orders.sql
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE RESTRICT
);
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import History

UNBOUND = "log logs event events history audit audits activity archive archived snapshot trace outbox queue old tmp"


@dataclass(frozen=True)
class Options:
    """A table with a word of `unbound` in its name may point at rows that are gone."""

    unbound: tuple[str, ...] = tuple(UNBOUND.split())


MANY = 10


@rule("reference-without-fk", checklist="db.foreign-keys", severity="note", profile="strict", since="0.1")
def reference_without_fk(history: History, options: Options) -> Findings:
    tables = [table for table in history.tables if table.permanent and not table.named_with(options.unbound)]
    loose = [reference for table in tables for reference in table.unreferenced]
    if len(loose) > MANY:
        first = loose[0].column
        yield Finding(
            first.at,
            f"{len(loose)} columns, first {first}, are named after tables that no foreign key ties them to; add them.",
            subject=str(history),
        )
        return
    for column, target in loose:
        yield Finding(
            column.at,
            f"{column} is named after the table {target} and no foreign key ties it to that; add one.",
            subject=str(column),
            related=(Related(target.at, "the table"),),
        )
