"""Nothing in an app limits how often its open routes may be called.

One client can take all there is, by intent or by a loop. Set a limit for the whole app and a smaller one where a call
is dear; where a gateway in front does it, accept this with a comment that says so.

```python bad
from fastapi import FastAPI

app = FastAPI()  # want


@app.get("/articles")
def list_articles(limit: int = 20):
    return []


@app.post("/questions", status_code=201)
def ask():
    return {"asked": True}
```
```python good
from fastapi import FastAPI
from slowapi import Limiter
from slowapi.middleware import SlowAPIMiddleware
from slowapi.util import get_remote_address

app = FastAPI()
app.state.limiter = Limiter(key_func=get_remote_address, default_limits=["60/minute"])
app.add_middleware(SlowAPIMiddleware)


@app.get("/articles")
def list_articles(limit: int = 20):
    return []


@app.post("/questions", status_code=201)
def ask():
    return {"asked": True}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import App


@rule(
    "no-rate-limiter",
    checklist="routes.rate-limits",
    severity="note",
    profile="regular",
    since="0.1",
    precision="medium",
    security=3.0,
    cwe="CWE-770",
)
def no_rate_limiter(app: App) -> Findings:
    if app.rehearses or app.limits or not app.whole:
        return
    if any(route.signs_in and route.auth != "protected" for route in app.routes):
        # What takes passwords is told by itself.
        return
    bare = [route for route in app.routes if route.auth == "public" and not (route.reports_health or route.documents)]
    if any(route.template != "/" for route in bare):
        some = f"{len(bare)} open route{'s' if len(bare) > 1 else ''}"
        yield Finding(
            app.at,
            f"Nothing limits how often the {some} of `{app}` may be called, such as {bare[0]}; set a limit for the "
            "whole app.",
            subject=app.name,
        )
