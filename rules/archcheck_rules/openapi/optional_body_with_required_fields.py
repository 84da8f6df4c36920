"""A body may be left out, and has fields that may not.

`required` of a request body is false unless it says otherwise. A client may send nothing, and the server that counts
on the required fields fails on the absent whole.

Set `required: true` on the body. Where most bodies lack it, that is said once for the whole API, with the count.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:  # want
        content:
          application/json:
            schema:
              type: object
              required: [item]
              properties:
                item: {type: string}
      responses:
        "201": {description: Created.}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [item]
              properties:
                item: {type: string}
      responses:
        "201": {description: Created.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule("optional-body-with-required-fields", checklist="api.validation", severity="note", profile="strict", since="0.1")
def optional_body_with_required_fields(api: Api) -> Findings:
    tally = api.tally("optional bodies")
    if tally.widespread:
        counted = f"{len(tally.spots)} of {tally.owed}"
        yield Finding(
            api.home,
            f"{counted} bodies may be left out and have fields that may not; set required to true.",
            subject="bodies",
        )
    for spot in tally.outliers:
        yield Finding(spot.at, f"{spot.label}; set required to true.", subject=spot.label)
