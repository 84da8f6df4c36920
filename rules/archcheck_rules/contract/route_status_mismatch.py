"""A handler answers with a status that is not documented, or never with the one that is.

Clients branch on statuses: one that is not documented ends in their catch-all, and a documented success that never
comes leaves their code for it dead. Document what the handler raises and returns. A status that many operations share
is said once; `4XX` and `default` document every status they stand for.

```yaml bad openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders/{order_id}:
    parameters: [{name: order_id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: getOrder, responses: {"200": {description: The order}}}  # want "409"
```
```python bad app/main.py
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/orders/{order_id}")
def get_order(order_id: int):
    if order_id < 0:
        raise HTTPException(status_code=409)
    return {"id": order_id}
```
```yaml good openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders/{order_id}:
    parameters: [{name: order_id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: getOrder, responses: {"200": {description: The order}, "409": {description: A conflict}}}
```
```python good app/main.py
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/orders/{order_id}")
def get_order(order_id: int):
    if order_id < 0:
        raise HTTPException(status_code=409)
    return {"id": order_id}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.contract import StatusDrift


@rule("route-status-mismatch", checklist="contract.routes", severity="note", profile="regular", since="0.1")
def route_status_mismatch(drift: StatusDrift) -> Findings:
    if drift.problem == "undocumented":
        said = f"answers with {drift.listed} and does not document it; document it"
    else:
        said = f"documents {drift.listed} as its success and answers with {drift.answers}; make both the same"
    yield Finding(
        drift.at,
        f"{drift} {said}.",
        subject=f"{drift.subject} {'+'.join(drift.statuses)}",
        related=(Related(drift.raised_at, "raised here" if drift.problem == "undocumented" else "served here"),),
    )
