"""A module of queries speaks HTTP.

A task, a command or a test that wants the data gets an answer for a browser instead, and the status of a response is
decided where nobody looks for it. Let the repository return nothing or raise an exception of its own, and let the
controller turn that into a status. Only where a project keeps most of its queries in modules of their own this is a
warning; elsewhere it is a note, in strict.

```python bad
from fastapi import HTTPException  # want
from sqlalchemy import select

from shop.database import session
from shop.models import Customer


def find(number: int):
    customer = session.scalars(select(Customer).where(Customer.number == number)).one_or_none()
    if customer is None:
        raise HTTPException(404)
    return customer
```
```python good
from sqlalchemy import select

from shop.database import session
from shop.errors import UnknownCustomer
from shop.models import Customer


def find(number: int):
    customer = session.scalars(select(Customer).where(Customer.number == number)).one_or_none()
    if customer is None:
        raise UnknownCustomer(number)
    return customer
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Mixture


@rule(
    "web-in-repository",
    checklist="layers",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="medium",
)
def web_in_repository(mixture: Mixture) -> Findings:
    if mixture.role != "repository":
        return
    also = (
        f", and {'one more module does' if mixture.others == 1 else f'{mixture.others} more modules do'}"
        if mixture.others
        else ""
    )
    yield Finding(
        mixture.at,
        f"`{mixture.module}` queries the database and imports `{mixture.what}` of the web framework{also}; raise "
        "an exception of its own, and let the route answer.",
        subject=mixture.module,
        severity=None if mixture.layered else "note",
        profile=None if mixture.layered else "strict",
    )
