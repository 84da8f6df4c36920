"""The values of a parameter are written in another style.

`tags=a,b` and `tags=a&tags=b` mean the same only under the style they were written for: the other reads one odd
value.

Keep the style, or add a parameter of another name.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
      responses: {"200": {description: Done.}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: tags, in: query, explode: false, schema: {type: array, items: {type: string}}}  # want
      responses: {"200": {description: Done.}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
      responses: {"200": {description: Done.}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: tags, in: query, explode: true, schema: {type: array, items: {type: string}}}
      responses: {"200": {description: Done.}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Shift


@rule("parameter-style-changed", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def parameter_style_changed(shift: Shift) -> Findings:
    if shift.of == "parameter style":
        yield shift.finding(f"The values of {shift} went from {shift.before} to {shift.after}; keep the style.")
