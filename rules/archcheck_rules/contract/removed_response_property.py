"""A property of an answer is gone.

Clients that read it find nothing, and fail at the place where they use it, which is seldom where they read it.

Keep it, marked as deprecated, until nobody reads it any more.

```yaml bad before/openapi.yaml
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
              schema: {type: object, properties: {id: {type: string}, total: {type: integer}}}
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
          content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}  # want
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
          content:
            application/json:
              schema: {type: object, properties: {id: {type: string}, total: {type: integer}}}
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
          content:
            application/json:
              schema: {type: object, properties: {id: {type: string}, total: {type: integer, deprecated: true}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Removal


@rule("removed-response-property", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def removed_response_property(removal: Removal) -> Findings:
    if removal.of == "response property" and not removal.planned:
        yield removal.finding(
            f"{removal} {removal.are} gone; keep what clients read, marked as deprecated, until nobody does."
        )
