"""A parameter takes fewer types than before.

Clients that send the other type are refused from the day of the release.

Accept both, or add a parameter of another name.

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
          schema: {type: string}
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
          schema: {type: integer}  # want
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
          schema: {type: string}
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
          schema: {type: [integer, string]}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Limit


@rule("parameter-type-narrowed", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def parameter_type_narrowed(limit: Limit) -> Findings:
    if limit.side == "parameter" and limit.of in ("type", "null"):
        yield limit.finding(f"The parameter {limit} {limit.turn}; clients send the former, so accept both.")
