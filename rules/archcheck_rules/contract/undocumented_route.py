"""A route of the app is missing from its document.

Clients, generated libraries and gateways know what the document says; what it leaves out is used without a promise,
tested by nobody and forgotten when it changes. Document the route, or keep it out on purpose with
`include_in_schema=False`. Routes that belong together, a whole router for one, are said once. Health checks, static
files, admin pages and the pages of the document itself are never asked for.

```yaml bad openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: The orders}}}
```
```python bad app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/orders")
def list_orders():
    return []


@app.get("/orders/{order_id}")  # want "GET /orders/{order_id}"
def get_order(order_id: int):
    return {"id": order_id}
```
```yaml good openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: The orders}}}
```
```python good app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/orders")
def list_orders():
    return []


@app.get("/orders/{order_id}", include_in_schema=False)
def get_order(order_id: int):
    return {"id": order_id}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.contract import UndocumentedRoutes


@rule("undocumented-route", checklist="contract.routes", severity="warning", profile="regular", since="0.1")
def undocumented_route(missing: UndocumentedRoutes) -> Findings:
    document = missing.document
    if missing.single:
        said = f"{missing.routes[0]} is served and not documented in {document}; document it there"
    else:
        said = f"{missing} are served and not documented in {document}; document them there"
    yield Finding(
        missing.at,
        f"{said}, or keep out with include_in_schema=False what is not for clients."
        if missing.optional
        else f"{said}.",
        subject=missing.name,
        related=(Related(document.home, "the document of this app"),),
        profile=None if missing.certain else "strict",
    )
