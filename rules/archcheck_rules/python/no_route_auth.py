"""No route of an app asks who is calling, and some of them write.

Whoever reaches the port can change the data. Authenticate the callers, or let something in front of the app do it and
accept this finding with a comment that says what.

```python bad
from fastapi import FastAPI

app = FastAPI()  # want


@app.post("/orders")
def create_order():
    return {"created": True}
```
```python good
from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer

app = FastAPI(dependencies=[Depends(HTTPBearer())])


@app.post("/orders")
def create_order():
    return {"created": True}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import App


@rule(
    "no-route-auth",
    checklist="routes.auth",
    severity="warning",
    profile="regular",
    since="0.1",
    security=7.0,
    cwe="CWE-306",
)
def no_route_auth(app: App) -> Findings:
    writing = [route for route in app.routes if route.writes and route.auth == "public" and not route.opens]
    if (
        app.rehearses
        or not writing
        or not app.whole
        or any(route.auth in ("protected", "unknown") for route in app.routes)
    ):
        return
    yield Finding(
        app.at,
        f"None of the {len(app.routes)} routes of `{app}` asks who is calling, and {len(writing)} of them "
        f"{'writes' if len(writing) == 1 else 'write'}, such as {writing[0]}; authenticate the callers.",
        subject=app.name,
    )
