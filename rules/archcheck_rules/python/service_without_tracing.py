"""Nothing in a service traces its requests or tells of its errors.

When an answer is slow or wrong, there is only the log of one process to look at. Set up OpenTelemetry, Sentry or their
kin; where an agent beside the service does it, accept this with a comment that says so.

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
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

app = FastAPI()
FastAPIInstrumentor.instrument_app(app)


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
    "service-without-tracing",
    checklist="observability",
    severity="note",
    profile="strict",
    since="0.1",
    precision="medium",
)
def service_without_tracing(app: App) -> Findings:
    if app.established and not app.traces:
        yield Finding(
            app.at,
            f"Nothing traces the requests of `{app}` or tells of its errors; set up OpenTelemetry, Sentry or "
            "their kin.",
            subject=app.name,
        )
