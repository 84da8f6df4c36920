"""A representation is no longer offered.

Clients that ask for it get 406, or something that they cannot parse.

Keep offering it beside the new one, and choose by the header `Accept`.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200":
          description: The orders.
          content: {application/json: {schema: {type: string}}, text/csv: {schema: {type: string}}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200": {description: The orders., content: {application/json: {schema: {type: string}}}}  # want
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200":
          description: The orders.
          content: {application/json: {schema: {type: string}}, text/csv: {schema: {type: string}}}
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
          content:
            application/json: {schema: {type: string}}
            text/csv: {schema: {type: string}}
            application/xml: {schema: {type: string}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Removal


@rule(
    "removed-response-media-type", checklist="contract.compatibility", severity="error", profile="regular", since="0.1"
)
def removed_response_media_type(removal: Removal) -> Findings:
    if removal.of == "response media type" and not removal.planned:
        yield removal.finding(
            f"{removal.name} is no longer answered{removal.place}; keep it for the clients that ask for it."
        )
