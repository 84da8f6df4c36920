"""A name is longer than the server keeps.

PostgreSQL cuts it after 63 bytes without a word, so the name in the code is not the one in the catalog, and two that
differ only at the end collide. MySQL refuses more than 64 characters. Choose a shorter name.

```sql bad migrations/0001_orders.sql
CREATE TABLE orders (id uuid PRIMARY KEY, customer_id uuid);
CREATE INDEX index_orders_on_customer_identifier_for_the_report_of_the_sales_department  -- want "cuts it"
    ON orders (customer_id);
```
```sql good migrations/0001_orders.sql
CREATE TABLE orders (id uuid PRIMARY KEY, customer_id uuid);
CREATE INDEX orders_customer ON orders (customer_id);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Statement

POSTGRES_BYTES = 63
MYSQL_CHARACTERS = 64


@rule("overlong-identifier", checklist="db.types", severity="warning", profile="regular", since="0.1")
def overlong_identifier(statement: Statement) -> Findings:
    history = statement.history
    for kind, key, text, at in statement.names:
        if history.dialect == "postgres" and len(text) * 4 > POSTGRES_BYTES:
            length = len(text.encode())
            if length <= POSTGRES_BYTES or history.cockroach or not history.keeps(key):
                continue
            problem = f"has {length} bytes, and PostgreSQL cuts it to {key}"
        elif history.dialect == "mysql" and len(text) > MYSQL_CHARACTERS and history.keeps(key):
            problem = f"has {len(text)} characters, and MySQL takes {MYSQL_CHARACTERS}"
        else:
            continue
        yield Finding(
            at.within(statement.migration.path),
            f"The {kind} name {text} {problem}; choose a shorter one.",
            subject=text,
        )
