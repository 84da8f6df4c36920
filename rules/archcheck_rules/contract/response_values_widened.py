"""An answer may hold values that no client knows.

Clients that decide by the value fall through all their cases.

Write down that more values may come before the first one does, or put the new ones into a property of another name.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/1:
    get:
      responses:
        "200":
          description: The order.
          content: {application/json: {schema: {type: object, properties: {state: {enum: [open, paid]}}}}}
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
              schema: {type: object, properties: {state: {enum: [open, paid, late]}}}  # want
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
          content: {application/json: {schema: {type: object, properties: {state: {enum: [open, paid]}}}}}
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
          content: {application/json: {schema: {type: object, properties: {state: {enum: [paid]}}}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Limit


@rule("response-values-widened", checklist="contract.compatibility", severity="warning", profile="regular", since="0.1")
def response_values_widened(limit: Limit) -> Findings:
    if limit.side == "response" and limit.of == "values":
        yield limit.finding(f"{limit} {limit.news}; tell clients beforehand that values may be added.")
