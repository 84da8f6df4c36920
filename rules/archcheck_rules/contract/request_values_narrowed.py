"""A request may hold fewer values than before.

Clients that send one of the others are refused from the day of the release.

Keep accepting the value, and map it to the nearest that is left.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {state: {enum: [open, paid, sent]}}}}}
      responses: {"200": {description: Done.}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {state: {enum: [open, paid]}}}}}  # want
      responses: {"200": {description: Done.}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {state: {enum: [open, paid, sent]}}}}}
      responses: {"200": {description: Done.}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {state: {enum: [open, paid, sent, late]}}}}}
      responses: {"200": {description: Done.}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Limit


@rule("request-values-narrowed", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def request_values_narrowed(limit: Limit) -> Findings:
    if limit.side == "request" and limit.of == "values":
        yield limit.finding(f"{limit} {limit.news}; keep accepting what clients send.")
