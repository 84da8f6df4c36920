"""A router holds routes, and no app includes it.

Its handlers look alive, are tested and reviewed, and answer 404 in production: the line that includes the router was
forgotten, or lost in a merge. Include it, or delete it.

```python bad app/invoices.py
from fastapi import APIRouter

router = APIRouter(prefix="/invoices")  # want


@router.get("")
def list_invoices():
    return []
```
```python bad app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    return {"status": "ok"}
```
```python good app/invoices.py
from fastapi import APIRouter

router = APIRouter(prefix="/invoices")


@router.get("")
def list_invoices():
    return []
```
```python good app/main.py
from fastapi import FastAPI

from app import invoices

app = FastAPI()
app.include_router(invoices.router)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Router


@rule("orphan-router", checklist="routes.structure", severity="warning", profile="regular", since="0.1")
def orphan_router(router: Router) -> Findings:
    if not router.certain or router.tests:
        return
    count = f"{router.routes} route{'' if router.routes == 1 else 's'}"
    yield Finding(
        router.at,
        f"No app includes the {router.what} `{router}`, and its {count} cannot be reached; include it, or delete it.",
        subject=router.name,
    )
