"""An answer may hold null where it never did.

Clients use the value without a question, and fail on null at the place where they use it.

Leave the property out instead where it is optional, or keep a value that stands for nothing.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/1:
    get:
      responses:
        "200":
          description: The order.
          content: {application/json: {schema: {type: object, properties: {total: {type: integer}}}}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/1:
    get:
      responses:
        "200":
          description: The order.
          content:
            application/json:
              schema: {type: object, properties: {total: {type: [integer, "null"]}}}  # want
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/1:
    get:
      responses:
        "200":
          description: The order.
          content: {application/json: {schema: {type: object, properties: {total: {type: integer}}}}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/1:
    get:
      responses:
        "200":
          description: The order.
          content: {application/json: {schema: {type: object, properties: {total: {type: integer, minimum: 0}}}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Limit


@rule(
    "response-property-became-nullable",
    checklist="contract.compatibility",
    severity="error",
    profile="regular",
    since="0.1",
)
def response_property_became_nullable(limit: Limit) -> Findings:
    if limit.side == "response" and limit.of == "null":
        yield limit.finding(f"{limit} may be null now; keep a value, for clients use it without asking.")
