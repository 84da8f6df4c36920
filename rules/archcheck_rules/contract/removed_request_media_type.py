"""A representation of a body is no longer accepted.

Clients that send it get 415 from the day of the release.

Keep accepting it beside the new one.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses: {"200": {description: Done.}}
      requestBody: {content: {application/json: {schema: {type: string}}, text/csv: {schema: {type: string}}}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses: {"200": {description: Done.}}
      requestBody: {content: {application/json: {schema: {type: string}}}}  # want
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses: {"200": {description: Done.}}
      requestBody: {content: {application/json: {schema: {type: string}}, text/csv: {schema: {type: string}}}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses: {"200": {description: Done.}}
      requestBody:
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
    "removed-request-media-type", checklist="contract.compatibility", severity="error", profile="regular", since="0.1"
)
def removed_request_media_type(removal: Removal) -> Findings:
    if removal.of == "request media type" and not removal.planned:
        yield removal.finding(
            f"{removal.name} is no longer accepted{removal.place}; keep it for the clients that send it."
        )
