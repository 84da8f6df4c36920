"""A rate limit stands on one side only.

A client that is not told of 429 does not wait and tries again at once, which is what the limit was made against; one
that is told of a limit nobody keeps is paced for nothing. Document 429 where the code limits, and limit where the
document says so. Where the code limits nothing at all, a gateway may do it: that is said in the profile `audit`.

```yaml bad openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: The orders}}}  # want "429"
```
```python bad app/main.py
from fastapi import FastAPI, Request
from slowapi import Limiter
from slowapi.util import get_remote_address

limiter = Limiter(key_func=get_remote_address)
app = FastAPI()
app.state.limiter = limiter


@app.get("/orders")
@limiter.limit("5/minute")
def list_orders(request: Request):
    return []
```
```yaml good openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: The orders}, "429": {description: Too many}}}
```
```python good app/main.py
from fastapi import FastAPI, Request
from slowapi import Limiter
from slowapi.util import get_remote_address

limiter = Limiter(key_func=get_remote_address)
app = FastAPI()
app.state.limiter = limiter


@app.get("/orders")
@limiter.limit("5/minute")
def list_orders(request: Request):
    return []
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.contract import LimitDrift


@rule("route-limit-mismatch", checklist="contract.routes", severity="note", profile="strict", since="0.1")
def route_limit_mismatch(drift: LimitDrift) -> Findings:
    if drift.limited:
        said = "is limited in code and documents no 429; document it"
    else:
        said = "documents 429 and is not limited in code; limit it, or say where it is limited"
    yield Finding(
        drift.at,
        f"{drift} {said}.",
        subject=drift.subject,
        related=(Related(drift.route.at, "served here"),),
        profile=None if drift.usual else "audit",
    )
