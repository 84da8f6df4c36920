"""Nothing gives the requests of a service a number.

The lines that one request left in the logs of several services cannot be found again. Take `X-Request-ID` from the
caller or make one, put it into every line of the log, and send it back.

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
from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI

app = FastAPI()
app.add_middleware(CorrelationIdMiddleware)


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
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import App


@rule(
    "service-without-request-id",
    checklist="observability",
    severity="note",
    profile="strict",
    since="0.1",
    precision="medium",
)
def service_without_request_id(app: App) -> Findings:
    if app.established and not app.numbers:
        yield Finding(
            app.at,
            f"Nothing gives the requests of `{app}` a number; take `X-Request-ID` or make one, log it and send it "
            "back.",
            subject=app.name,
        )
