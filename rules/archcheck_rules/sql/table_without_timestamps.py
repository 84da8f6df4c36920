"""A table does not say when its rows were made or changed.

The day a row is wrong, the first question is since when, and no backup answers it as cheaply as a column. Add
`created_at` and, where rows change, `updated_at`, with a default that the database fills in. A table that only ties
others together or lists names needs neither, and one that is only ever appended to (a log, a queue) needs no time of
change. Tables of constants are named in the option `constants`; the names that count are options too. Whether rows
ever change is for the code to know: a table that has one of the two times is named in the strict profile.

```sql bad migrations/0001_products.sql
CREATE TABLE products (  -- want "neither"
    id bigint PRIMARY KEY,
    price numeric NOT NULL
);
CREATE TABLE orders (  -- want "when a row was last changed"
    id bigint PRIMARY KEY,
    total numeric NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
```
```sql good migrations/0001_products.sql
CREATE TABLE products (
    id bigint PRIMARY KEY,
    price numeric NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Table

CREATED = (
    "created creation inserted published added registered joined occurred recorded received logged seen sent when"
    " issued granted submitted"
)
UPDATED = "updated update modified changed edited synced refreshed acquired touched last"
APPENDED = "log logs event events history audit audits activity archive snapshot trace changelog modlog journal queue"


@dataclass(frozen=True)
class Options:
    """Words of names, lower-cased, and names of tables.

    A column with a word of `created` or `updated` tells that time. A table with a word of `append_only` owes no time of
    change, and any time in it tells when it happened. The tables named in `constants` owe nothing.
    """

    created: tuple[str, ...] = tuple(CREATED.split())
    updated: tuple[str, ...] = tuple(UPDATED.split())
    append_only: tuple[str, ...] = tuple(APPENDED.split())
    constants: tuple[str, ...] = ()


@rule("table-without-timestamps", checklist="db.timestamps", severity="warning", profile="regular", since="0.1")
def table_without_timestamps(table: Table, options: Options) -> Findings:
    owed = table.permanent and table.types_known and not table.called(options.constants)
    if not owed or table.join_table or table.single_row or table.list_of_names:
        return
    appended = table.named_with(options.append_only)
    created = table.tells_when(options.created) or table.dated or (appended and table.keeps_time)
    created = created or table.stamped(options.updated)
    updated = table.tells_when(options.updated)
    if created and (updated or appended):
        return
    lack = "has neither a time of creation nor a time of change; add created_at and updated_at"
    if created or updated:
        lack = f"does not say when a row was {'last changed; add updated_at' if created else 'created; add created_at'}"
    yield Finding(
        table.at,
        f"The table {table} {lack}.",
        subject=str(table),
        severity="note" if created or updated else None,
        profile="strict" if created or updated else None,
    )
