"""Two operations have the same operationId.

Generated clients make a method of each operationId: of two with one name, one is lost or renamed by a counter that
changes with the order of the document. Links and tests that name the id reach either of them.

Give each operation a name of its own. An operation that several paths share by reference is one.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      operationId: getOrders
      responses:
        "200": {description: All orders.}
  /orders/{id}:
    get:  # want
      operationId: getOrders
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One order.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      operationId: listOrders
      responses:
        "200": {description: All orders.}
  /orders/{id}:
    get:
      operationId: getOrder
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One order.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.openapi import Census


@rule(
    "duplicate-operation-id",
    checklist="api.resources",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def duplicate_operation_id(census: Census) -> Findings:
    for first, *others in census.same_ids:
        for other in others:
            yield Finding(
                other.at,
                f"{other} is called '{other.id}' like {first}; give it a name of its own.",
                subject=f"{other} {other.id}",
                related=(Related(first.at, "has the name already"),),
            )
