"""A parameter takes fewer values than before.

Clients that send one of the others are refused from the day of the release.

Keep accepting the value, and answer as near to it as you can.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses: {"200": {description: Done.}}
      parameters:
        - name: page
          in: query
          schema: {type: string, enum: [open, paid, sent]}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses: {"200": {description: Done.}}
      parameters:
        - name: page
          in: query
          schema: {type: string, enum: [open, paid]}  # want
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses: {"200": {description: Done.}}
      parameters:
        - name: page
          in: query
          schema: {type: string, enum: [open, paid, sent]}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses: {"200": {description: Done.}}
      parameters:
        - name: page
          in: query
          schema: {type: string, enum: [open, paid, sent, late]}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Limit


@rule("parameter-values-narrowed", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def parameter_values_narrowed(limit: Limit) -> Findings:
    if limit.side == "parameter" and limit.of == "values":
        yield limit.finding(f"The parameter {limit} {limit.news}; keep accepting what clients send.")
