"""The bounds of a request are tighter than before.

Values that were fine yesterday are refused from the day of the release. A bound that is set where none was written
may have held all along, and is a warning.

Keep the wider bound, or release the tighter one under a new version.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {name: {type: string, maxLength: 200}}}}}
      responses: {"200": {description: Done.}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {name: {type: string, maxLength: 100}}}  # want
      responses: {"200": {description: Done.}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {name: {type: string, maxLength: 200}}}}}
      responses: {"200": {description: Done.}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {name: {type: string, maxLength: 400}}}}}
      responses: {"200": {description: Done.}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Limit


@rule("request-bounds-narrowed", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def request_bounds_narrowed(limit: Limit) -> Findings:
    if limit.side == "request" and limit.of == "bounds":
        yield limit.finding(f"{limit} went {limit.step}; keep the wider bound for the clients of today.")
