"""A parameter moved to another place of the request.

The old place is ignored from now on, and what was sent there is lost.

Read it from both places, and mark the old one as deprecated.

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
        - {name: shop, in: header, schema: {type: string}}  # want
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
        - {name: shop, in: query, deprecated: true, schema: {type: string}}
        - {name: shop, in: header, schema: {type: string}}
      responses: {"200": {description: Done.}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Shift


@rule("parameter-moved", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def parameter_moved(shift: Shift) -> Findings:
    if shift.of == "parameter place":
        yield shift.finding(f"The parameter {shift} moved from {shift.before} to {shift.after}; read it from both.")
