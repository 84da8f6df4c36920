"""A route that creates something answers 200.

201 tells clients, proxies and whoever reads the logs that there is something new, and where. Declare it. Where most
routes of an app do not, this is said once.

```python bad
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Draft(BaseModel):
    name: str


@app.post("/customers", status_code=201)
def create_customer(draft: Draft):
    return draft


@app.post("/orders")  # want
def create_order(draft: Draft):
    return draft
```
```python good
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Draft(BaseModel):
    name: str


@app.post("/orders", status_code=201)
def create_order(draft: Draft):
    return draft
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.python import App


@rule(
    "create-route-without-201",
    checklist="routes.status-codes",
    severity="note",
    profile="regular",
    since="0.1",
)
def create_route_without_201(app: App) -> Findings:
    creating = [route for route in app.declared if route.creates]
    plain = [route for route in creating if route.success == 200 and not {201, 202}.intersection(route.answered)]
    if len(plain) > 1 and len(plain) * 10 >= len(creating) * 8:
        yield Finding(
            app.at,
            f"{len(plain)} routes of `{app}` create something and answer 200, such as {plain[0]}; answer 201.",
            related=(Related(plain[0].at, "creates and answers 200"),),
            subject=app.name,
        )
        return
    for route in plain:
        yield Finding(route.at, f"{route} creates something and answers 200; answer 201.", subject=str(route))
