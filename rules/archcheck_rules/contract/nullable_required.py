"""A response promises a value, and its column may be NULL.

One row without the value breaks every client that was generated from the document: it reads null where its type has no
place for it. Make the column NOT NULL, or the property nullable or optional. A column with a default is rarely empty:
of it only the profile `strict` speaks, in a note.

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
      required: [id, note]
      properties:
        id: {type: integer}
        note: {type: string}  # want "'note' of Order"
```
```sql bad migrations/0001_init.sql
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  note text
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
      required: [id, note]
      properties:
        id: {type: integer}
        note: {type: [string, 'null']}
```
```sql good migrations/0001_init.sql
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  note text
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.contract import NullableRequired


@rule("nullable-required", checklist="contract.tables", severity="warning", profile="regular", since="0.1")
def nullable_required(clash: NullableRequired) -> Findings:
    filled = clash.filled
    yield Finding(
        clash.at,
        f"{clash} is required and never null, and {clash.place} may be NULL; make the column NOT NULL, or the property "
        "nullable.",
        subject=clash.place,
        related=(Related(clash.column.at, "the column"),),
        profile="strict" if filled else None,
        severity="note" if filled else None,
    )
