"""The ids in paths are whole numbers.

Whoever has one id knows the others: he can count your customers, walk through all orders, and try every address for one
whose owner was not checked. Numbers given by one database also collide when two are joined.

Use UUIDs (version 7 sorts by time) or other random ids in addresses, and check the owner all the same. An API most of
whose ids are numbers is told so once.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}  # want
      responses:
        "200": {description: One order.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
      responses:
        "200": {description: One order.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule("guessable-id", checklist="api.resources", severity="note", profile="audit", since="0.1")
def guessable_id(api: Api) -> Findings:
    tally = api.tally("guessable ids")
    if tally.widespread:
        yield Finding(
            api.home,
            f"{len(tally.spots)} of {tally.owed} ids in paths are whole numbers, which can be guessed; use UUIDs.",
            subject="ids",
        )
    for spot in tally.outliers:
        yield Finding(
            spot.at, f"The id '{spot.label}' is a whole number, which can be guessed; use a UUID.", subject=spot.label
        )
