"""A parameter stands on one side only, or is another one there.

What the code requires and the document leaves out is refused with 422 for every client that follows the document; what
the document requires and the code never reads is a promise about nothing. Document what the handler and its
dependencies require, with the same name, place and type. A parameter that many operations share is said once.

```yaml bad openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: The orders}}}  # want "'region'"
```
```python bad app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/orders")
def list_orders(region: str):
    return []
```
```yaml good openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get:
      operationId: listOrders
      parameters: [{name: region, in: query, required: true, schema: {type: string}}]
      responses: {"200": {description: The orders}}
```
```python good app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/orders")
def list_orders(region: str):
    return []
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.contract import ParameterDrift

_SAID = {
    "undocumented": "requires the {where} parameter '{name}' in code and does not document it; document it",
    "unread": "documents the {where} parameter '{name}' as required and never reads it; read it, or drop it there",
    "stricter": "requires the {where} parameter '{name}' in code and documents it as optional; document it as required",
    "looser": "documents the {where} parameter '{name}' as required and does without it; document it as optional",
    "kind": "documents the {where} parameter '{name}' as {documented} and reads it as {read}; give both the same type",
}


@rule("route-parameter-mismatch", checklist="contract.routes", severity="warning", profile="regular", since="0.1")
def route_parameter_mismatch(drift: ParameterDrift) -> Findings:
    said = _SAID[drift.problem].format(where=drift.where, name=drift.name, documented=drift.documented, read=drift.read)
    yield Finding(
        drift.at,
        f"{drift} {said}.",
        subject=f"{drift.subject} {drift.name}",
        related=(Related(drift.served_at, "served here"),),
        # Clients that follow the document are served.
        profile="strict" if drift.lenient else None,
        severity="note" if drift.lenient else None,
    )
