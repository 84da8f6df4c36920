"""A route that takes passwords or tokens may be called as often as anybody likes.

Passwords are guessed, codes are tried one after the other, and mail is sent to strangers, at the speed of the network.
Limit it by address and by account.

```python bad
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Credentials(BaseModel):
    name: str
    password: str


@app.post("/login")  # want
def login(credentials: Credentials):
    return {"welcome": credentials.name}
```
```python good
from fastapi import FastAPI, Request
from pydantic import BaseModel
from slowapi import Limiter
from slowapi.util import get_remote_address

app = FastAPI()
limiter = Limiter(key_func=get_remote_address)


class Credentials(BaseModel):
    name: str
    password: str


@app.post("/login")
@limiter.limit("5/minute")
def login(request: Request, credentials: Credentials):
    return {"welcome": credentials.name}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import App


@rule(
    "unlimited-auth-route",
    checklist="routes.rate-limits",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="medium",
    security=5.0,
    cwe="CWE-307",
)
def unlimited_auth_route(app: App) -> Findings:
    for route in app.declared:
        if route.signs_in and route.limited is False and route.handler_at is not None and route.auth != "protected":
            yield Finding(
                route.at,
                f"{route} may be called as often as anybody likes; limit it by address and by account.",
                subject=str(route),
            )
