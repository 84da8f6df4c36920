"""A property is required that the schema does not define.

Most often it is misspelt or was renamed: the real property has become optional, and clients are asked for one that
nobody describes.

Correct the name, or define the property. All parts count as definitions: `allOf`, `oneOf`, `anyOf`, what they refer
to. A schema that takes properties of any name, one that defines none at all, and one of which a part cannot be read
are left alone.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      required:
        - total
        - curency  # want
      properties:
        total: {type: integer}
        currency: {type: string}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      required:
        - total
        - currency
      properties:
        total: {type: integer}
        currency: {type: string}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule("required-property-undefined", checklist="api.validation", severity="warning", profile="regular", since="0.1")
def required_property_undefined(api: Api) -> Findings:
    for spot in api.undefined:
        yield Finding(
            spot.at,
            f"{spot.label} and defined nowhere; correct the name, or define the property.",
            subject=spot.group,
        )
