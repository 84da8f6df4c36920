"""A body must be sent that was not needed before.

Requests without a body are refused from the day of the release.

Leave it optional, and do without it what was done so far.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses: {"200": {description: Done.}}
      requestBody: {content: {application/json: {schema: {type: object}}}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses: {"200": {description: Done.}}
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}  # want
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses: {"200": {description: Done.}}
      requestBody: {content: {application/json: {schema: {type: object}}}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses: {"200": {description: Done.}}
      requestBody: {required: false, content: {application/json: {schema: {type: object}}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Demand


@rule(
    "request-body-became-required", checklist="contract.compatibility", severity="error", profile="regular", since="0.1"
)
def request_body_became_required(demand: Demand) -> Findings:
    if demand.of == "body":
        how = "is new and required" if demand.added else "became required"
        yield demand.finding(f"The request body{demand.place} {how}; leave it optional.")
