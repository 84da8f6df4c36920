"""A property of a request is gone.

What clients say by it is ignored from now on, or the request is refused where unknown properties are.

Keep it, marked as deprecated, until nobody sends it any more.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {item: {type: string}, shop: {type: string}}}
      responses: {"200": {description: Done.}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {item: {type: string}}}}}}  # want
      responses: {"200": {description: Done.}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {item: {type: string}, shop: {type: string}}}
      responses: {"200": {description: Done.}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {item: {type: string}, shop: {type: string, deprecated: true}}}
      responses: {"200": {description: Done.}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Removal


@rule(
    "removed-request-property", checklist="contract.compatibility", severity="warning", profile="regular", since="0.1"
)
def removed_request_property(removal: Removal) -> Findings:
    if removal.of == "request property" and not removal.planned:
        yield removal.finding(
            f"{removal} {removal.are} gone and will be {removal.fate}; keep accepting what clients send."
        )
