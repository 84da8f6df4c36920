"""A parameter has no description.

What `filter` takes, and what `since` is counted from, is known to whoever wrote it.

Say in one line what it does, on the parameter or on its schema. Where most parameters lack it, that is said once for
the whole API, with the count.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: since, in: query, schema: {type: string, format: date}}  # want
      responses: {"200": {description: Orders.}}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: since, in: query, description: Placed on this day or later., schema: {type: string, format: date}}
      responses: {"200": {description: Orders.}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule(
    "undescribed-parameter",
    checklist="api.documentation",
    severity="note",
    profile="audit",
    since="0.1",
    precision="very-high",
)
def undescribed_parameter(api: Api) -> Findings:
    tally = api.tally("described parameters")
    if tally.widespread:
        counted = f"{len(tally.spots)} of {tally.owed}"
        yield Finding(
            api.home, f"{counted} parameters have no description; say what each of them does.", subject="parameters"
        )
    for spot in tally.outliers:
        yield Finding(spot.at, f"{spot.label} has no description; say what it does.", subject=spot.label)
