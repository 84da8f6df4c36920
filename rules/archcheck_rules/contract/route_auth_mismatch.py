"""An operation asks for credentials on one side only.

Documented as open and guarded in code, it fails for every client that follows the document. Documented as secured and
open in code, it is worse: reviewers and gateways believe in a lock that nobody built. Guard the route, or document what
is true. Only what is proven on both sides is compared.

```yaml bad openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
security: [{bearer: []}]
paths:
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: The orders}}}
```
```python bad app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/orders")  # want "GET /orders"
def list_orders():
    return []
```
```yaml good openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
security: [{bearer: []}]
paths:
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: The orders}}}
```
```python good app/main.py
from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer

app = FastAPI(dependencies=[Depends(HTTPBearer())])


@app.get("/orders")
def list_orders():
    return []
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.contract import AuthDrift


@rule("route-auth-mismatch", checklist="contract.routes", severity="warning", profile="regular", since="0.1")
def route_auth_mismatch(drift: AuthDrift) -> Findings:
    if drift.closed:
        said = "is documented as open and guarded in code; document its security"
    else:
        said = "is documented as secured and open in code; guard it, or document it as open"
    yield Finding(
        drift.at,
        f"{drift} {said}.",
        subject=drift.subject,
        related=drift.proof,
    )
