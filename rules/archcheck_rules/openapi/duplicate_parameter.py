"""An operation takes the same parameter twice.

Two definitions of one name in one place contradict each other, and each tool believes another one of them.

Remove one. A parameter of the operation that replaces one of its path is fine, and so is the same name in another
place.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: limit, in: query, schema: {type: string}}  # want
      responses:
        "200": {description: Orders.}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
      responses:
        "200": {description: Orders.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Operation


@rule(
    "duplicate-parameter",
    checklist="api.validation",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def duplicate_parameter(operation: Operation) -> Findings:
    for place, parameter in operation.repeated_parameters:
        yield Finding(
            place.at,
            f"{operation} takes the {parameter.location} parameter '{parameter.name}' twice; remove one of the two.",
            subject=f"{operation} {parameter.location} {parameter.name}",
        )
