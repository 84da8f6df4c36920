"""A header of an answer is gone.

Clients that read it, to page or to wait, do without it from now on, and mostly in silence.

Keep sending it, marked as deprecated, until nobody reads it any more.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200": {description: The orders., headers: {Link: {schema: {type: string}}, ETag: {schema: {type: string}}}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200": {description: The orders., headers: {ETag: {schema: {type: string}}}}  # want
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200": {description: The orders., headers: {Link: {schema: {type: string}}, ETag: {schema: {type: string}}}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200":
          description: The orders.
          headers:
            Link: {schema: {type: string}, deprecated: true}
            ETag: {schema: {type: string}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Removal


@rule("removed-response-header", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def removed_response_header(removal: Removal) -> Findings:
    if removal.of == "response header" and not removal.planned:
        yield removal.finding(f"The header {removal} is gone; keep sending it to the clients that read it.")
