"""A property of an answer that was always there may be missing.

Clients read it without a question, because they were promised that it is there.

Keep it required, with a value that stands for nothing.

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
              schema: {type: object, required: [total], properties: {total: {type: integer}}}
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
          content: {application/json: {schema: {type: object, properties: {total: {type: integer}}}}}  # want
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
              schema: {type: object, required: [total], properties: {total: {type: integer}}}
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
              schema: {type: object, required: [total], properties: {total: {type: integer}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Shift


@rule(
    "response-property-became-optional",
    checklist="contract.compatibility",
    severity="error",
    profile="regular",
    since="0.1",
)
def response_property_became_optional(shift: Shift) -> Findings:
    if shift.of == "optional response":
        yield shift.finding(f"{shift} may be missing now; keep it required, for clients read it without asking.")
