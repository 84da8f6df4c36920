"""The name of a table or column is pasted into a query.

A name cannot be bound as values are, so it is pasted, and whoever chooses it chooses what the statement does. Today
only our own code may call this; nothing in it keeps that so. Look the name up in a list of allowed ones, or quote it
with the driver's own function. Names that are no argument of the function, such as settings, are told in strict, and
so are statements about tables themselves.

```python bad
import sqlite3


def newest(connection: sqlite3.Connection, customer: str, column: str):
    query = f"SELECT id FROM orders WHERE customer = ? ORDER BY {column}"
    return connection.execute(query, (customer,)).fetchone()  # want
```
```python good
import sqlite3

SORTABLE = {"created_at", "total"}


def newest(connection: sqlite3.Connection, customer: str, column: str):
    if column not in SORTABLE:
        raise ValueError(f"orders are not sorted by {column}")
    query = f"SELECT id FROM orders WHERE customer = ? ORDER BY {column}"
    return connection.execute(query, (customer,)).fetchone()
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.python import Query


@rule(
    "interpolated-identifier",
    checklist="security.queries",
    severity="note",
    profile="regular",
    since="0.1",
    precision="medium",
    security=4.0,
    cwe="CWE-89",
)
def interpolated_identifier(query: Query) -> Findings:
    if not query.named or query.place in ("test", "migration"):
        return
    names = " and ".join(f"`{hole.text}`" for hole in query.named[:3])
    yield Finding(
        query.at,
        f"`{query.sink}` runs SQL with the name {names} pasted into it; look it up in a list of allowed names, or "
        "quote it with the driver's own function.",
        subject=query.function,
        related=tuple(Related(step.at, step.label) for step in query.named[0].trail if step.at != query.at),
        flow=True,
        profile=None if query.chosen and query.reads_or_writes else "strict",
    )
