"""A parameter is gone.

What clients asked for by it is ignored from now on: a filter that filters nothing returns everything, and nobody is
told.

Keep it, marked as deprecated, until nobody sends it any more.

```yaml bad before/openapi.yaml
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

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:  # want
        - {name: page, in: query, schema: {type: string}}
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
        - {name: page, in: query, schema: {type: string}}
        - {name: shop, in: query, deprecated: true, schema: {type: string}}
      responses: {"200": {description: Done.}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Removal


@rule("removed-parameter", checklist="contract.compatibility", severity="warning", profile="regular", since="0.1")
def removed_parameter(removal: Removal) -> Findings:
    if removal.of == "parameter" and not removal.planned:
        yield removal.finding(f"The parameter {removal} is gone and will be ignored; keep it until nobody sends it.")
