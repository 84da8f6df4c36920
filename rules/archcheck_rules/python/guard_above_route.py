"""A guard stands above the decorator that registers the route.

Decorators apply from the bottom up: the framework registers the bare function first, and the guard then wraps a name
that nobody calls. The route is open, and reads as if it were not. Put the guard below the route's decorator.

```python bad
from flask import Flask
from flask_login import login_required

app = Flask(__name__)


@login_required  # want
@app.post("/orders")
def create_order():
    return {"created": True}, 201
```
```python fixed
from flask import Flask
from flask_login import login_required

app = Flask(__name__)


@app.post("/orders")
@login_required
def create_order():
    return {"created": True}, 201
```
```python good
from flask import Flask
from flask_login import login_required

app = Flask(__name__)


@app.post("/orders")
@login_required
def create_order():
    return {"created": True}, 201
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Handler, fixing


@rule(
    "guard-above-route",
    checklist="routes.auth",
    severity="error",
    profile="regular",
    since="0.1",
    security=8.0,
    cwe="CWE-862",
)
def guard_above_route(handler: Handler) -> Findings:
    for (name, at), edits in zip(handler.idle, handler.moved, strict=True):
        yield Finding(
            at,
            f"`{name}` stands above the route of `{handler}`, which is registered without it; move it below the "
            "decorator of the route.",
            subject=handler.name,
            fix=fixing("move it below", edits),
        )
