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
    if not mixture.layered:
        also = (
            f", and {'one more module of routes does' if mixture.others == 1 else f'{mixture.others} more do'}"
            if mixture.others
            else ""
        )
        yield Finding(
            mixture.at,
            f"`{mixture.module}` queries the database beside its routes with calls such as `{mixture.what}`{also}; "
            "give the queries modules of their own.",
            subject="queries",
            severity="note",
            profile="strict",
        )
        return
    who = f"{mixture.count} functions of" if mixture.count > 1 else f"`{mixture.function}` in"
    verb = "query" if mixture.count > 1 else "queries"
    yield Finding(
        mixture.at,
        f"{who} `{mixture.module}` {verb} the database beside its routes with calls such as `{mixture.what}`; move "
        f"the queries to a module of their own, as `{mixture.repositories[0]}` is.",
        subject=mixture.module,
    )
