"""A default does not fit its own schema.

A client that leaves the value out is given one that it could never send. Generated code fails to compile, or refuses
what the server itself fills in.

Correct the default, or the schema. Null is fine where the schema is nullable in the words of any version, and
properties that only requests or only responses carry are not demanded of it.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Limit:
      type: integer
      maximum: 100
      default: 500  # want
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Limit:
      type: integer
      maximum: 100
      default: 50
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Schema


@rule("default-violates-schema", checklist="api.validation", severity="error", profile="regular", since="0.1")
def default_violates_schema(schema: Schema) -> Findings:
    mismatch = schema.default
    if mismatch is not None:
        place = schema.place.child("default") or schema.place
        yield Finding(
            place.at,
            f"The default of {schema.label} is none of its values: {mismatch.problem}; correct the one or the other.",
            subject=schema.pointer,
        )
