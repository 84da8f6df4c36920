"""No route tells whether the service is well.

What starts and stops it has to guess: it sends requests to one that is still starting, and keeps one that has lost its
database. Give it a route such as `/health` that answers when the service can.

```python bad
from fastapi import FastAPI

app = FastAPI()  # want


@app.get("/orders/{number}")
def get_order(number: int):
    return {"number": number}


@app.post("/orders", status_code=201)
def create_order():
    return {"number": 1}


@app.delete("/orders/{number}", status_code=204)
def delete_order(number: int):
    return None
```
```python good
from fastapi import FastAPI

app = FastAPI()


@app.get("/orders/{number}")
def get_order(number: int):
    return {"number": number}


@app.post("/orders", status_code=201)
def create_order():
    return {"number": 1}


@app.delete("/orders/{number}", status_code=204)
def delete_order(number: int):
    return None


@app.get("/health")
def health():
    return {"status": "ok"}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import App


@rule(
    "service-without-health-check",
    checklist="observability",
    severity="note",
    profile="strict",
    since="0.1",
)
def service_without_health_check(app: App) -> Findings:
    if app.established and not app.reports_health:
        yield Finding(
            app.at,
            f"None of the {len(app.routes)} routes of `{app}` tells whether it is well; add one such as `/health`.",
            subject=app.name,
        )
