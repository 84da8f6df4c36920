"""A path and its parameters do not agree.

A name in the template that nothing declares has no type, so that nothing validates it, and generated clients have no
argument for it. A declared path parameter that the template lacks can never be sent. One that is not `required: true`
makes the document invalid, for there is no path without it.

Declare each `{name}` once as a required parameter `in: path`, for the path or for the operation. What all operations of
a path lack is reported once, at the path; a shared parameter that is not required once, where it is defined.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{order_id}:  # want
    get:
      responses:
        "200": {description: One order.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{order_id}:
    parameters:
      - {name: order_id, in: path, required: true, schema: {type: string}}
    get:
      responses:
        "200": {description: One order.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule(
    "path-parameter-mismatch",
    checklist="api.resources",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def path_parameter_mismatch(api: Api) -> Findings:
    for spot in api.tally("path parameters").spots:
        yield Finding(spot.at, f"{spot.label}.", subject=spot.label.partition(";")[0])
