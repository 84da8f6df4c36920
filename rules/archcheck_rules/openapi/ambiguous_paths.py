"""Two paths match the same requests.

`/orders/{id}` and `/orders/{number}` are one address with two descriptions: which of them answers depends on the
router, and every tool picks another one. The specification calls such paths identical and invalid.

Join them under one path, or tell them apart by a fixed segment, as in `/orders/by-number/{number}`.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One order.}
  /orders/{number}:  # want
    get:
      parameters: [{name: number, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One order.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One order.}
  /orders/by-number/{number}:
    get:
      parameters: [{name: number, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One order.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.openapi import Api


@rule(
    "ambiguous-paths",
    checklist="api.resources",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def ambiguous_paths(api: Api) -> Findings:
    for twins in api.twins:
        yield Finding(
            twins.second_at,
            f"{twins.second} matches the same requests as {twins.first}; join the two, or tell them apart by a fixed "
            "segment.",
            subject=twins.second,
            related=(Related(twins.first_at, "the other path"),),
        )
