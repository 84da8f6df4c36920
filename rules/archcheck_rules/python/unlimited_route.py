"""Some open routes of an app are limited, and this one is not.

Strangers may not call its neighbours as often as they like; whoever finds this one may. Give it a limit as well.

```python bad
from fastapi import FastAPI, Request
from slowapi import Limiter
from slowapi.util import get_remote_address

app = FastAPI()
limiter = Limiter(key_func=get_remote_address)


@app.post("/questions")
@limiter.limit("5/minute")
def ask(request: Request):
    return {"asked": True}


@app.post("/complaints")  # want
def complain(request: Request):
    return {"heard": True}
```
```python good
from fastapi import FastAPI, Request
from slowapi import Limiter
from slowapi.util import get_remote_address

app = FastAPI()
limiter = Limiter(key_func=get_remote_address)


@app.post("/questions")
@limiter.limit("5/minute")
def ask(request: Request):
    return {"asked": True}


@app.post("/complaints")
@limiter.limit("5/minute")
def complain(request: Request):
    return {"heard": True}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.python import App


@rule(
    "unlimited-route",
    checklist="routes.rate-limits",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="medium",
    security=4.0,
    cwe="CWE-770",
)
def unlimited_route(app: App) -> Findings:
    open_routes = [route for route in app.declared if route.auth == "public" and route.certain]
    limited = [route for route in open_routes if route.throttled and not route.signs_in]
    # One limit in many is for a route that is dear, and says nothing of the others.
    bare = {route.at: route for route in sorted(open_routes, key=lambda each: each.writes)}
    for route in bare.values() if len(limited) * 10 >= len(open_routes) else ():
        if route.limited is not False or route.signs_in or route.harmless or route.handler_at is None:
            continue
        yield Finding(
            route.at,
            f"{route} is open and has no limit, while {limited[0]} has one; limit it as well.",
            related=(Related(limited[0].at, "this one is limited"),),
            subject=str(route),
            severity=None if route.writes else "note",
            profile=None if route.writes else "strict",
        )
