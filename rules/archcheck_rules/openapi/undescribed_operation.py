"""An operation has neither summary nor description.

A reader has its path and its method, and guesses the rest.

Write a summary of one line. Where most operations lack it, that is said once for the whole API, with the count.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      summary: All orders
      responses: {"200": {description: Orders.}}
    post:  # want
      responses: {"201": {description: Created.}}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      summary: All orders
      responses: {"200": {description: Orders.}}
    post:
      description: Places an order.
      responses: {"201": {description: Created.}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule(
    "undescribed-operation",
    checklist="api.documentation",
    severity="note",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def undescribed_operation(api: Api) -> Findings:
    tally = api.tally("described operations")
    if tally.widespread:
        counted = f"{len(tally.spots)} of {tally.owed}"
        yield Finding(
            api.home,
            f"{counted} operations have neither summary nor description; write a summary for each.",
            subject="operations",
        )
    for spot in tally.outliers:
        yield Finding(
            spot.at, f"{spot.label} has neither summary nor description; write a summary.", subject=spot.label
        )
