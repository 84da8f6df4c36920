"""A column counts with serial.

`serial` makes a sequence with rights and an owner of its own, lets every insert write the column, and is lost when a
table is copied. `GENERATED ALWAYS AS IDENTITY` is the standard's word for it and has none of that. One remark for the
history where most counters are like that, else one a table.

```sql bad migrations/0001_orders.sql
CREATE TABLE orders (id bigserial PRIMARY KEY);  -- want "orders.id"
```
```sql good migrations/0001_orders.sql
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import History


@rule("serial-column", checklist="db.types", severity="note", profile="audit", since="0.1")
def serial_column(history: History) -> Findings:
    if history.dialect != "postgres" or history.cockroach:
        return
    counters = [column for table in history.tables if table.permanent for column in table.columns]
    counters = [column for column in counters if column.fact.generated in ("serial", "identity")]
    serials = [column for column in counters if column.fact.generated == "serial"]
    tables = {column.table.fact.key: column for column in reversed(serials)}
    if len(tables) > 1 and 2 * len(serials) > len(counters):
        yield Finding(
            serials[0].at,
            f"{len(serials)} of {len(counters)} counters, first {serials[0]}, are serial; use identity columns.",
            subject=str(history),
        )
        return
    for column in reversed(tables.values()):
        yield Finding(column.at, f"{column} counts with serial; make it an identity column.", subject=str(column.table))
