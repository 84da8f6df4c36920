"""An allowed value does not fit the type.

It can never be sent: whoever chooses it is refused. Most often the type is wrong, or YAML took a word for a number.

Quote the value, or change the type. In 3.0, null among the values asks for `nullable: true`; in 3.1 for the type
`null`.

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
        - 40  # want
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
        - "40"
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Schema


@rule(
    "enum-type-mismatch",
    checklist="api.validation",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def enum_type_mismatch(schema: Schema) -> Findings:
    for place, value in schema.flaw("unlike"):
        yield Finding(
            place.at,
            f"{value} is allowed for {schema.label} and does not fit its type; quote the value, or correct the type.",
            subject=place.pointer,
        )
