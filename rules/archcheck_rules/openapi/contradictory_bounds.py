"""No value can keep two limits at once.

A value that has to be longer than it may be is never valid: every request is refused, or nobody checks at all.

Put the lower limit below the upper one. Limits of one schema object are compared: lengths, items, properties, and
numbers with what excludes its own limit. Equal limits are fine where neither is excluded.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Code:
      type: string
      minLength: 8  # want
      maxLength: 6
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Code:
      type: string
      minLength: 6
      maxLength: 8
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Schema


@rule(
    "contradictory-bounds",
    checklist="api.validation",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def contradictory_bounds(schema: Schema) -> Findings:
    for place, problem in schema.flaw("bounds"):
        yield Finding(
            place.at, f"No value of {schema.label} fits: {problem}; put the lower limit below.", subject=place.pointer
        )
