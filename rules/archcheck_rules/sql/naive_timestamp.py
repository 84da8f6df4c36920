"""A timestamp does not say in which time zone it is.

PostgreSQL's `timestamp` keeps the digits and forgets the zone: two servers, or one hour in autumn, and nobody can tell
which moment was meant. `timestamptz` takes the same room and keeps the moment. One remark for the history where most
of its timestamps are like that, else one a table.

```sql bad migrations/0001_orders.sql
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    placed_at timestamptz NOT NULL,
    sent_at timestamp  -- want "orders.sent_at"
);
```
```sql good migrations/0001_orders.sql
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    placed_at timestamptz NOT NULL,
    sent_at timestamptz
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import History, named


@rule("naive-timestamp", checklist="db.timestamps", severity="note", profile="regular", since="0.1")
def naive_timestamp(history: History) -> Findings:
    naive = {table: [column for column in table.columns if column.naive] for table in history.tables if table.permanent}
    naive = {table: columns for table, columns in naive.items() if columns}
    count = sum(map(len, naive.values()))
    aware = sum(column.aware for table in history.tables if table.permanent for column in table.columns)
    if len(naive) > 1 and count > aware:
        first = next(iter(naive.values()))[0]
        which = f"{count} of {count + aware}" if aware else f"All {count}"
        yield Finding(
            first.typed_at,
            f"{which} timestamps, first {first}, have no time zone; make them timestamptz.",
            subject=str(history),
        )
        return
    for table, columns in naive.items():
        verb = "has" if len(columns) == 1 else "have"
        yield Finding(
            columns[0].typed_at, f"{named(columns)} {verb} no time zone; use timestamptz.", subject=str(table)
        )
