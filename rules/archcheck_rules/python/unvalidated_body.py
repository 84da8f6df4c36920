"""A handler takes whatever it is sent and uses it.

Keys may be missing, values of another type, or ones that the client was never meant to set. Say what the body looks
like in a schema and let it be checked before the handler runs; what is refused there never reaches the database.

```python bad
from flask import Flask, request

app = Flask(__name__)
ORDERS = []


@app.post("/orders")
def create_order():
    data = request.get_json()  # want
    ORDERS.append((data["article"], data["count"]))
    return {"created": True}, 201
```
```python good
from flask import Flask, request
from pydantic import BaseModel

app = Flask(__name__)
ORDERS = []


class Draft(BaseModel):
    article: str
    count: int


@app.post("/orders")
def create_order():
    draft = Draft.model_validate(request.get_json())
    ORDERS.append((draft.article, draft.count))
    return {"created": True}, 201
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Location, rule
from archcheck.surfaces.python import App, Route


@rule(
    "unvalidated-body",
    checklist="security.validation",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="medium",
    security=5.0,
    cwe="CWE-20",
)
def unvalidated_body(app: App) -> Findings:
    places: dict[Location, Route] = {}
    for route in sorted(app.declared, key=lambda each: not each.writes):
        if route.unchecked is not None:
            places.setdefault(route.unchecked.at, route)
    for at, route in places.items():
        assert route.unchecked is not None
        yield Finding(
            at,
            f"{route} uses {route.unchecked.label} as it comes; say in a schema what the body looks like, and use what "
            "it lets through.",
            subject=str(route),
        )
