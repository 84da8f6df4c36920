"""A request may be longer than its column.

The document accepts it, and the database refuses it or cuts it off: a 500 for input that was valid. Give both the same
length.

```yaml bad openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses: {"204": {description: Kept}}
components:
  schemas:
    Order:
      type: object
      properties:
        id: {type: integer}
        note: {type: string, maxLength: 500}  # want "500"
```
```sql bad migrations/0001_init.sql
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  note varchar(100) NOT NULL
);
```
```yaml good openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses: {"204": {description: Kept}}
components:
  schemas:
    Order:
      type: object
      properties:
        id: {type: integer}
        note: {type: string, maxLength: 100}
```
```sql good migrations/0001_init.sql
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  note varchar(100) NOT NULL
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.contract import LengthClash


@rule("length-mismatch", checklist="contract.tables", severity="warning", profile="regular", since="0.1")
def length_mismatch(clash: LengthClash) -> Findings:
    yield Finding(
        clash.at,
        f"{clash} may have {clash.field.max_length} characters, and {clash.place} has room for {clash.column.length}; "
        "give both the same length.",
        subject=clash.place,
        related=(Related(clash.column.at, "the column"),),
    )
