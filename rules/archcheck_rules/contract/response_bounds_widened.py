"""The bounds of an answer are wider than before.

Clients that made room for what was promised, such as a column of so many characters, cut it off or fail. A bound that
is only left out may hold all the same, and is a warning.

Keep what is sent within the old bound.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/1:
    get:
      responses:
        "200":
          description: The order.
          content: {application/json: {schema: {type: object, properties: {name: {type: string, maxLength: 100}}}}}
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
              schema: {type: object, properties: {name: {type: string, maxLength: 200}}}  # want
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
          content: {application/json: {schema: {type: object, properties: {name: {type: string, maxLength: 100}}}}}
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
          content: {application/json: {schema: {type: object, properties: {name: {type: string, maxLength: 80}}}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Limit


@rule("response-bounds-widened", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def response_bounds_widened(limit: Limit) -> Findings:
    if limit.side == "response" and limit.of == "bounds":
        yield limit.finding(f"{limit} went {limit.step}; keep within the bound that clients made room for.")
