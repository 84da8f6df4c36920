"""An input has no bound.

A string of a gigabyte is a string. Whatever has no limit in the contract has one that nobody chose: the memory of a
process, the width of a column.

Give strings a `maxLength`, a pattern or a format that bounds them, integers a minimum and a maximum or a format,
arrays a `maxItems`. Only what requests carry is judged. Where most inputs lack a bound, that is said once for the
whole API.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - name: q
          in: query
          schema: {type: string}  # want
      responses: {"200": {description: Orders.}}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - name: q
          in: query
          schema: {type: string, maxLength: 200}
      responses: {"200": {description: Orders.}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule("unbounded-input", checklist="api.validation", severity="note", profile="audit", since="0.1")
def unbounded_input(api: Api) -> Findings:
    tally = api.tally("bounded inputs")
    if tally.widespread:
        counted = f"{len(tally.spots)} of {tally.owed}"
        yield Finding(api.home, f"{counted} inputs have no bound; give each of them one.", subject="inputs")
    for spot in tally.outliers:
        yield Finding(spot.at, f"{spot.label} comes in without a bound; give it one.", subject=spot.label)
