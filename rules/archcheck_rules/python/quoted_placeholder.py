"""A placeholder stands in quotes, and binds nothing.

Inside quotes `:name` is five letters of text: the statement compares with the placeholder itself and finds nothing,
or the driver puts quotes into quotes and the value ends up bare. Leave the quotes out, the driver adds what is needed.

```python bad
import psycopg2


def find_customer(dsn: str, email: str):
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM customers WHERE email = '%s'", (email,))  # want
        return cursor.fetchone()
```
```python good
import psycopg2


def find_customer(dsn: str, email: str):
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM customers WHERE email = %s", (email,))
        return cursor.fetchone()
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Query


@rule(
    "quoted-placeholder",
    checklist="security.queries",
    severity="warning",
    profile="regular",
    since="0.1",
    security=6.0,
    cwe="CWE-89",
)
def quoted_placeholder(query: Query) -> Findings:
    for literal in query.quoted:
        yield Finding(
            query.at,
            f"`{query.sink}` binds values, and {literal} in its SQL is a text that no value replaces; leave out the "
            "quotes.",
            subject=query.function,
        )
