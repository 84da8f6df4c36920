"""A route gives back every row of a table.

Today it is a page; the table grows, and one day the answer takes all the memory there is. Take `limit` and a cursor or
an offset, and put a bound on the query. Tables that are small by nature, such as roles or settings, are a note in
strict.

```python bad
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.database import Order, get_session

app = FastAPI()


@app.get("/orders")
def list_orders(session: Session = Depends(get_session)):
    return session.scalars(select(Order)).all()  # want
```
```python good
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.database import Order, get_session

app = FastAPI()


@app.get("/orders")
def list_orders(limit: int = 50, session: Session = Depends(get_session)):
    return session.scalars(select(Order).limit(min(limit, 200))).all()
```
"""

from __future__ import annotations

import re
from typing import Final

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.python import App

_SMALL: Final = re.compile(
    r"roles?\b|permission|setting|config|countr|language|locale|currenc|categor|status|type|plugin|feature|priorit|severit"
    r"|theme|timezone|enum|options?\b|scopes?\b|kinds?\b|plan|flag|\bpages?\b",
    re.I,
)


@rule(
    "unpaginated-query",
    checklist="routes.pagination",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="medium",
)
def unpaginated_query(app: App) -> Findings:
    places = {route.unbounded[0].at: route for route in reversed(app.routes) if route.unbounded}
    for at, route in places.items():
        what = route.unbounded[0].label
        small = _SMALL.search(f"{route.template} {what}") is not None
        rows = f"every row of `{what}`" if what else "every row"
        yield Finding(
            at,
            f"{route} gives back {rows}; take a limit and a cursor or an offset.",
            related=tuple(Related(step.at, step.label) for step in route.unbounded[1:]),
            subject=str(route),
            severity="note" if small else None,
            profile="strict" if small else None,
        )
