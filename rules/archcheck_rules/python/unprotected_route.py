"""A route that writes asks nobody who they are, while others of its app do.

Somebody decided that this app has users, and this route was left out: anyone who finds it can change what is behind it.
Give it the dependency or decorator that its neighbours have. Where it is open on purpose, say so in a comment.

```python bad
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
token = OAuth2PasswordBearer(tokenUrl="/token")


@app.post("/orders")
def create_order(token: Annotated[str, Depends(token)]):
    return {"created": True}


@app.delete("/orders/{order_id}")  # want
def delete_order(order_id: int):
    return {"deleted": order_id}
```
```python good
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
token = OAuth2PasswordBearer(tokenUrl="/token")


@app.post("/orders")
def create_order(token: Annotated[str, Depends(token)]):
    return {"created": True}


@app.delete("/orders/{order_id}", dependencies=[Depends(token)])
def delete_order(order_id: int):
    return {"deleted": order_id}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import App


@rule(
    "unprotected-route",
    checklist="routes.auth",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="medium",
    security=7.0,
    cwe="CWE-306",
)
def unprotected_route(app: App) -> Findings:
    protected = sum(route.auth == "protected" for route in app.routes)
    if not protected:
        return
    # A router that is included twice is declared once.
    for route in {route.at: route for route in reversed(app.routes)}.values():
        if route.auth != "public" or route.method in ("ANY", "WS", "HEAD", "OPTIONS"):
            continue
        quiet = route.opens or route.avowed or not route.writes or route.conditional
        yield Finding(
            route.at,
            f"{route} asks nobody who they are, while {protected} of {len(app.routes)} routes do; protect it, or say "
            "why it is open.",
            subject=str(route),
            severity="note" if quiet else None,
            profile="strict" if quiet else None,
        )
