"""A JSON body has no example.

A schema says what may be there; an example shows what is there. Readers copy it, mock servers answer with it.

Show one on the media type, on the schema, or on its properties. Where most bodies lack it, that is said once for the
whole API, with the count.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200":
          description: Orders.
          content:
            application/json:  # want
              schema: {type: object, properties: {total: {type: integer}}}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200":
          description: Orders.
          content:
            application/json:
              schema: {type: object, properties: {total: {type: integer, example: 1250}}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule("missing-example", checklist="api.documentation", severity="note", profile="strict", since="0.1")
def missing_example(api: Api) -> Findings:
    tally = api.tally("exampled bodies")
    if tally.widespread:
        counted = f"{len(tally.spots)} of {tally.owed}"
        yield Finding(api.home, f"{counted} JSON bodies have no example; show one for each.", subject="examples")
    for spot in tally.outliers:
        yield Finding(spot.at, f"{spot.label} has no example; show one.", subject=spot.label)
