"""A value is allowed twice.

One of the two was meant to be another one, or generators give one name to two constants and do not compile.

Remove the second, or write what was meant.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Size:
      type: string
      enum:
        - small
        - large
        - small  # want
```

```yaml fixed
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Size:
      type: string
      enum:
        - small
        - large
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Size:
      type: string
      enum:
        - small
        - large
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Schema, fixing, removed


@rule(
    "duplicate-enum-value",
    checklist="api.validation",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def duplicate_enum_value(schema: Schema) -> Findings:
    for place, value in schema.flaw("repeated"):
        yield Finding(
            place.at,
            f"{value} stands twice among the values of {schema.label}; remove one.",
            subject=f"{schema.pointer}/enum {value}",
            fix=fixing(f"remove the second {value}", removed(place), safe=True),
        )
