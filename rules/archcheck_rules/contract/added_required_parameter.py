"""A new parameter is required.

No client of today sends it, so every one of their requests is refused.

Make it optional with a default that keeps the old behaviour.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: page, in: query, schema: {type: string}}
      responses: {"200": {description: Done.}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: page, in: query, schema: {type: string}}
        - {name: shop, in: query, required: true, schema: {type: string}}  # want
      responses: {"200": {description: Done.}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: page, in: query, schema: {type: string}}
      responses: {"200": {description: Done.}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: page, in: query, schema: {type: string}}
        - {name: shop, in: query, schema: {type: string}}
      responses: {"200": {description: Done.}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Demand


@rule("added-required-parameter", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def added_required_parameter(demand: Demand) -> Findings:
    if demand.of == "parameter" and demand.added:
        yield demand.finding(f"The parameter {demand} is new and required; make it optional, with a default.")
