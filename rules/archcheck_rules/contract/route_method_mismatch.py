"""A documented path is served, but not with this method.

The client's request is answered with 405. Most often one side was changed from PUT to PATCH, or from POST to PUT, and
the other was not. Serve the documented method, or document the one that is served.

```yaml bad openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: The orders}}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    put: {operationId: updateOrder, responses: {"200": {description: The order}}}  # want "PATCH"
```
```python bad app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/orders")
def list_orders():
    return []


@app.patch("/orders/{order_id}")
def update_order(order_id: int):
    return {"id": order_id}
```
```yaml good openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: The orders}}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    patch: {operationId: updateOrder, responses: {"200": {description: The order}}}
```
```python good app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/orders")
def list_orders():
    return []


@app.patch("/orders/{order_id}")
def update_order(order_id: int):
    return {"id": order_id}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.contract import MethodDrift


@rule("route-method-mismatch", checklist="contract.routes", severity="warning", profile="regular", since="0.1")
def route_method_mismatch(drift: MethodDrift) -> Findings:
    served = drift.instead or drift.routes[0]
    yield Finding(
        drift.at,
        f"{drift} is documented, and its path is served with {' and '.join(drift.methods)} alone; serve "
        f"{drift.operation.method}, or document {'the other method' if drift.instead else 'what is served'}.",
        subject=drift.subject,
        related=(Related(served.at, f"{served} is served here"),),
    )
