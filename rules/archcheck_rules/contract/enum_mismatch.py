"""The schema and the column allow different values.

A value that only the schema knows is refused by the database; one that only the database knows reaches clients that
have no case for it. Allow the same values in both. Of the latter only the profile `strict` speaks, in a note: a
document of a part of the service may mean a part of the rows.

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
        state: {type: string, enum: [open, paid]}  # want "'lost'"
```
```sql bad migrations/0001_init.sql
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('open', 'paid', 'lost'))
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
        state: {type: string, enum: [open, paid, lost]}
```
```sql good migrations/0001_init.sql
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('open', 'paid', 'lost'))
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.contract import EnumClash


@rule("enum-mismatch", checklist="contract.tables", severity="warning", profile="regular", since="0.1")
def enum_mismatch(clash: EnumClash) -> Findings:
    said = f"allows {clash.listed(clash.promised)}, which {clash.place} refuses" if clash.promised else ""
    told = f"does not know {clash.listed(clash.kept)}, which {clash.place} may hold" if clash.kept else ""
    yield Finding(
        clash.at,
        f"{clash} {' and '.join(filter(None, (said, told)))}; allow the same values in both.",
        subject=clash.place,
        related=(Related(clash.column.at, "the column"),),
        profile=None if clash.promised else "strict",
        severity=None if clash.promised else "note",
    )
