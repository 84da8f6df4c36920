"""An array does not say of what.

Before 3.1 the specification demands `items`, and generators stop without it. An array of anything takes anything.

Say what the items are. `items: {}` is a way to say that they may be anything.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Tags:
      type: array  # want
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Tags:
      type: array
      items: {type: string}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Schema


@rule(
    "array-without-items",
    checklist="api.validation",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def array_without_items(schema: Schema) -> Findings:
    if schema.lacks_items:
        place = schema.place.child("type") or schema.place
        yield Finding(
            place.at,
            f"Nobody knows what stands in {schema.label}: an array needs items; add them.",
            subject=schema.pointer,
        )
