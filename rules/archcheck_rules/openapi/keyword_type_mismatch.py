"""A keyword says something of another type than the schema's.

`maxLength` on an integer limits nothing. The author believes that there is a limit, and every validator passes by.

Use the keyword of the type: `maximum` for numbers, `maxLength` for strings, `maxItems` for arrays. The same goes for
formats: `date-time` is a way to write a string. Formats of whole numbers are fine on strings, which is how JSON keeps
large ones exact.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Age:
      type: integer
      maxLength: 3  # want
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Age:
      type: integer
      maximum: 150
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Schema


@rule("keyword-type-mismatch", checklist="api.validation", severity="warning", profile="regular", since="0.1")
def keyword_type_mismatch(schema: Schema) -> Findings:
    for place, problem in schema.flaw("idle"):
        yield Finding(
            place.at, f"In {schema}, {problem}; write the keyword of the type that is meant.", subject=place.pointer
        )
