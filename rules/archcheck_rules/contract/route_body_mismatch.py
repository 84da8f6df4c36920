"""A body is read on one side only, or its required properties differ.

A client that sends what the document says is refused, or sends what nobody reads. Document the body that the handler
takes, and in its schema the properties that the handler's model requires.

```yaml bad openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    post:  # want "'currency'"
      operationId: createOrder
      requestBody: {content: {application/json: {schema: {properties: {amount: {type: integer}}}}}}
      responses: {"200": {description: The order}}
```
```python bad app/main.py
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class OrderIn(BaseModel):
    amount: int
    currency: str


@app.post("/orders")
def create_order(order: OrderIn):
    return order
```
```yaml good openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    post:
      operationId: createOrder
      requestBody: {content: {application/json: {schema: {properties: {amount: {}, currency: {}}}}}}
      responses: {"200": {description: The order}}
```
```python good app/main.py
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class OrderIn(BaseModel):
    amount: int
    currency: str


@app.post("/orders")
def create_order(order: OrderIn):
    return order
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.contract import BodyDrift

_SAID = {
    "undocumented": "takes a body in code and documents none; document it with its schema",
    "unread": "documents a required body and reads none; read it, or take it out of the document",
    "missing": "is refused without {names}, which its documented body does not have; add what is missing to the schema",
    "unknown": "documents {names} as required in its body, and the model has no such field; read or drop it",
}


@rule("route-body-mismatch", checklist="contract.routes", severity="warning", profile="regular", since="0.1")
def route_body_mismatch(drift: BodyDrift) -> Findings:
    yield Finding(
        drift.at,
        f"{drift} {_SAID[drift.problem].format(names=drift.listed)}.",
        subject=f"{drift.subject} {drift.problem}",
        related=(Related(drift.read_at, "read here"),),
    )
