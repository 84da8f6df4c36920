"""A property and its column are of different types.

Values are turned into the other type on every way in and out, and one day one of them cannot be: a text that is no
number, a number beyond 32 bits, an amount that binary fractions cannot hold. Give both the same type; give exact
decimals as strings, or name a `format` for them.

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
        zip: {type: integer}  # want "integer"
```
```sql bad migrations/0001_init.sql
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  zip varchar(10) NOT NULL
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
        zip: {type: string}
```
```sql good migrations/0001_init.sql
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  zip varchar(10) NOT NULL
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.contract import TypeClash


@rule("type-mismatch", checklist="contract.tables", severity="warning", profile="regular", since="0.1")
def type_mismatch(clash: TypeClash) -> Findings:
    yield Finding(
        clash.at,
        f"{clash} is {clash.told}, and {clash.place} is {clash.held}; give both the same type.",
        subject=clash.place,
        related=(Related(clash.column.at, "the column"),),
    )
