"""An answer may hold more types than before.

Clients parse what they were promised, and fail on anything else.

Keep the type, and put the new one into a property of another name.

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
          content: {application/json: {schema: {type: object, properties: {total: {type: number}}}}}  # want
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
          content:
            application/json:
              schema: {type: object, properties: {total: {type: integer}, exact: {type: string}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Limit


@rule("response-type-widened", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def response_type_widened(limit: Limit) -> Findings:
    if limit.side == "response" and limit.of == "type":
        yield limit.finding(f"{limit} {limit.turn}; keep the type that clients parse.")
