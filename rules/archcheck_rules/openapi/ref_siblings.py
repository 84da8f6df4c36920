"""What stands beside a `$ref` is ignored.

In 2.0 and 3.0 a reference replaces the whole object. The `nullable` or the `description` beside it is read by people
and by no tool, or by one and not by the next.

Wrap the reference: `allOf: [{$ref: ...}]` with the rest beside it; or move to 3.1, which reads both. Path items may
say more beside theirs, and `x-` keys do no harm. Where there are many, that is said once for the API, with the count.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        total:
          $ref: "#/components/schemas/Money"
          nullable: true  # want
    Money: {type: integer}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        total:
          nullable: true
          allOf: [{$ref: "#/components/schemas/Money"}]
    Money: {type: integer}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule("ref-siblings", checklist="api.structure", severity="warning", profile="regular", since="0.1")
def ref_siblings(api: Api) -> Findings:
    tally = api.tally("siblings")
    if tally.widespread:
        first = tally.spots[0]
        yield Finding(
            first.at,
            f"{len(tally.spots)} references have keys beside them that tools ignore, here {first.label}; "
            "put the references into allOf.",
            subject="references",
        )
    for spot in tally.outliers:
        yield Finding(
            spot.at, f"Beside a $ref, tools ignore {spot.label}; put the reference into allOf.", subject=spot.label
        )
