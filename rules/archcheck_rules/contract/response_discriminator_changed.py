"""Alternatives of an answer are told apart by another property, or by other values of it.

Clients look at the property that they were told, and take every answer for the wrong alternative or for none.

Keep the property, and fill both; keep the values of the mapping, and give a new alternative a new one.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /payments:
    get: {responses: {"200": {$ref: "#/components/responses/Payment"}}}
components:
  responses: {Payment: {description: One, content: {text/json: {schema: {$ref: "#/components/schemas/Payment"}}}}}
  schemas:
    Card: {type: object, properties: {type: {type: string}, kind: {type: string}}}
    Payment: {discriminator: {propertyName: type}, oneOf: [{$ref: "#/components/schemas/Card"}]}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /payments:
    get: {responses: {"200": {$ref: "#/components/responses/Payment"}}}
components:
  responses: {Payment: {description: One, content: {text/json: {schema: {$ref: "#/components/schemas/Payment"}}}}}
  schemas:
    Card: {type: object, properties: {type: {type: string}, kind: {type: string}}}
    Payment: {discriminator: {propertyName: kind}, oneOf: [{$ref: "#/components/schemas/Card"}]}  # want
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /payments:
    get: {responses: {"200": {$ref: "#/components/responses/Payment"}}}
components:
  responses: {Payment: {description: One, content: {text/json: {schema: {$ref: "#/components/schemas/Payment"}}}}}
  schemas:
    Card: {type: object, properties: {type: {type: string}, kind: {type: string}}}
    Payment: {discriminator: {propertyName: type}, oneOf: [{$ref: "#/components/schemas/Card"}]}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /payments:
    get: {responses: {"200": {$ref: "#/components/responses/Payment"}}}
components:
  responses: {Payment: {description: One, content: {text/json: {schema: {$ref: "#/components/schemas/Payment"}}}}}
  schemas:
    Card: {type: object, properties: {type: {type: string}, kind: {type: string}}}
    Payment: {discriminator: {propertyName: type}, oneOf: [{$ref: "#/components/schemas/Card"}]}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Shift


@rule(
    "response-discriminator-changed",
    checklist="contract.compatibility",
    severity="error",
    profile="regular",
    since="0.1",
)
def response_discriminator_changed(shift: Shift) -> Findings:
    if shift.of == "discriminator":
        yield shift.finding(f"{shift} is told apart by {shift.after}, not by {shift.before}; keep what clients read.")
