"""An example does not fit its schema.

Readers believe examples and generators believe schemas. One of the two is wrong, and whoever picks the wrong one
finds out against the real server.

Correct the example, or the schema. It is held against the schema as the version of the document reads it: null where
it is nullable, properties that only the other direction carries are not demanded, objects are closed only where they
say so, and one fitting branch is enough. Text for a header, a query or XML may be written in more ways than one and
is left alone, and so is a request that is shown for how it is refused (`bad_request`, `Order not found`). Examples that
fail at the same place of a schema are reported once, at the first, for it is the schema that is likely to be wrong.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200":
          description: One order.
          content:
            application/json:
              schema: {type: object, properties: {total: {type: integer}}}
              example:
                total: "12.50"  # want
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200":
          description: One order.
          content:
            application/json:
              schema: {type: object, properties: {total: {type: integer}}}
              example:
                total: 1250
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.openapi import Api


@rule("invalid-example", checklist="api.documentation", severity="warning", profile="regular", since="0.1")
def invalid_example(api: Api) -> Findings:
    for spots in api.tally("misfit examples").groups:
        first, others = spots[0], len(spots) - 1
        more = (
            f", and {others} more examples fail there"
            if others > 1
            else ", and another example fails there"
            if others
            else ""
        )
        yield Finding(
            first.at,
            f"{first.label}{more}; correct the one or the other.",
            subject=first.label,
            related=tuple(Related(spot.at, "fails there, too") for spot in spots[1:4]),
        )
