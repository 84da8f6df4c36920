"""A parameter that was optional is required.

Clients that left it out are refused from the day of the release.

Leave it optional, and give it the default that held so far.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: shop, in: query, schema: {type: string}}
      responses: {"200": {description: Done.}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
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
        - {name: shop, in: query, schema: {type: string}}
      responses: {"200": {description: Done.}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: shop, in: query, required: false, schema: {type: string}}
      responses: {"200": {description: Done.}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Demand


@rule("parameter-became-required", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def parameter_became_required(demand: Demand) -> Findings:
    if demand.of == "parameter" and not demand.added:
        yield demand.finding(
            f"The parameter {demand} became required; leave it optional, with the default that held so far."
        )
