"""The bounds of a parameter are tighter than before.

Values that were fine yesterday are refused from the day of the release. A bound that is set where none was written
may have held all along, and is a warning.

Keep the wider bound, and cap the value in silence where you must.

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
          schema: {type: integer, maximum: 1000}
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
          schema: {type: integer, maximum: 100}  # want
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
          schema: {type: integer, maximum: 1000}
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
          schema: {type: integer, maximum: 2000}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Limit


@rule("parameter-bounds-narrowed", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def parameter_bounds_narrowed(limit: Limit) -> Findings:
    if limit.side == "parameter" and limit.of == "bounds":
        yield limit.finding(f"The parameter {limit} went {limit.step}; keep the wider bound, or cap the value.")
