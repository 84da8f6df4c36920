"""A property that clients could set is read only.

What clients send in it is ignored or refused from now on, and what they meant to change stays as it was.

Keep it writable, or add a property of another name for what the server decides.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {state: {type: string}}}}}}
      responses: {"200": {description: Done.}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {state: {type: string, readOnly: true}}}  # want
      responses: {"200": {description: Done.}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {state: {type: string}}}}}}
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
            schema: {type: object, properties: {state: {type: string}, status: {type: string, readOnly: true}}}
      responses: {"200": {description: Done.}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Shift


@rule(
    "request-property-became-readonly",
    checklist="contract.compatibility",
    severity="error",
    profile="regular",
    since="0.1",
)
def request_property_became_readonly(shift: Shift) -> Findings:
    if shift.of == "read-only":
        yield shift.finding(f"{shift} became readOnly; keep it writable for the clients that set it.")
