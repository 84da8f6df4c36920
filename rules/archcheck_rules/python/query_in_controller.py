"""A module of routes asks the database itself.

The query cannot be used by a task or another route, nor tested without a request, and the rules about the data are
spread over the handlers. Let the repositories ask. Only where a project keeps most of its queries in modules of their
own this is a warning; elsewhere it is a note, in strict.

```python bad
from fastapi import FastAPI
from sqlalchemy import select

from shop.database import session
from shop.models import Customer

app = FastAPI()


@app.get("/customers/{number}")
def get_customer(number: int):
    return session.scalars(select(Customer).where(Customer.number == number)).first()  # want
```
```python good
from fastapi import FastAPI

from shop import customers
from shop.database import session

app = FastAPI()


@app.get("/customers/{number}")
def get_customer(number: int):
    return customers.find(session, number)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Mixture


@rule(
    "query-in-controller",
    checklist="layers",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="medium",
)
def query_in_controller(mixture: Mixture) -> Findings:
    if mixture.role != "controller":
        return
    count = f"{mixture.count} functions of" if mixture.count > 1 else f"`{mixture.function}` in"
    home = f", as `{mixture.repositories[0]}` does for others" if mixture.layered else ""
    yield Finding(
        mixture.at,
        f"{count} `{mixture.module}` query the database beside its routes with calls such as `{mixture.what}`; move "
        f"the queries to a module of their own{home}.",
        subject=mixture.module,
        severity=None if mixture.layered else "note",
        profile=None if mixture.layered else "strict",
    )
