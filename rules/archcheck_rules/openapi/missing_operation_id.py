"""An operation has no operationId.

Generated clients then make up a name from method and path, which changes with the path, and logs, links and tests have
nothing to call the operation by.

Name each operation, such as `listOrders` or `cancelOrder`. An API in which most operations have no name is told so
once.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:  # want
      responses:
        "200": {description: All orders.}
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
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule(
    "missing-operation-id",
    checklist="api.resources",
    severity="note",
    profile="strict",
    since="0.1",
    precision="very-high",
)
def missing_operation_id(census: Census) -> Findings:
    unnamed = [operation for operation in census.operations if not operation.id]
    if census.widespread(unnamed, census.operations):
        count = f"{len(unnamed)} of {len(census.operations)} operations have"
        yield Finding(census.at, f"{count} no operationId; name them, so that clients need not.", subject="operations")
        return
    for operation in unnamed:
        yield Finding(operation.at, f"{operation} has no operationId; give it one.", subject=str(operation))
