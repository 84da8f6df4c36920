"""A column that holds a secret is a property of a response.

A hash that leaves the server is cracked offline, and a token that leaves it is a login. Take the property out of the
response, or mark it `writeOnly` where it is only ever sent.

```yaml bad openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200": {description: Orders, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
components:
  schemas:
    Order:
      type: object
      properties:
        id: {type: integer}
        email: {type: string}
        password_hash: {type: string}  # want
```
```sql bad migrations/0001_init.sql
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  email text NOT NULL,
  password_hash text NOT NULL
);
```
```yaml good openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200": {description: Orders, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
components:
  schemas:
    Order:
      type: object
      properties:
        id: {type: integer}
        email: {type: string}
```
```sql good migrations/0001_init.sql
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  email text NOT NULL,
  password_hash text NOT NULL
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.contract import ExposedSecret


@rule(
    "exposed-secret-column",
    checklist="contract.tables",
    severity="warning",
    profile="regular",
    since="0.1",
    security=7.5,
    cwe="CWE-200",
)
def exposed_secret_column(clash: ExposedSecret) -> Findings:
    yield Finding(
        clash.at,
        f"{clash} sends {clash.place} to clients; take it out of the response.",
        subject=clash.place,
        related=(Related(clash.column.at, "the column"),),
    )
