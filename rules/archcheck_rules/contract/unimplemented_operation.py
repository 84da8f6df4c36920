"""An operation is documented and no route serves it.

A client that trusts the document gets a 404. The operation was renamed, moved or removed in code, or never written.
Serve it, or take it out of the document; mark it `deprecated` while it is on its way out. Operations of a whole part of
the tree are said once. Where a part of the app cannot be read, nothing is said.

```yaml bad openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: The orders}}}
  /invoices:
    get: {operationId: listInvoices, responses: {"200": {description: The invoices}}}  # want "GET /invoices"
```
```python bad app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/orders")
def list_orders():
    return []
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
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.contract import UnimplementedOperations


@rule("unimplemented-operation", checklist="contract.routes", severity="warning", profile="regular", since="0.1")
def unimplemented_operation(missing: UnimplementedOperations) -> Findings:
    if missing.function:
        said = (
            f"{missing.operations[0]} is bound to `{missing.function}`, and there is no such function; write it, or "
            "take the operation out of the document"
        )
    elif missing.single:
        said = f"{missing.operations[0]} is documented and no route serves it; serve it, or take it out of the document"
    else:
        said = f"{missing} are documented and no route serves them; serve them, or take them out of the document"
    yield Finding(
        missing.at,
        f"{said}.",
        subject=missing.name,
        related=(
            Related(missing.app.at, "the module it names" if missing.function else "the app that serves this document"),
        ),
    )
