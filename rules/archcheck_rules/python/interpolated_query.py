"""A value is pasted into a query.

Whatever stands in that value becomes part of the statement: a quote in a name breaks it, and a stranger who sends
one on purpose reads or deletes the table. Give the value to the driver beside the text, as a bound parameter. Names
of tables and columns cannot be bound: compare them with a list of allowed ones, or quote them with the driver's
own function. What a request or an argument brings is told in the regular profile; an attribute of an argument, a value
whose origin is not known, an argument in a script or in a statement about tables themselves, and a whole statement from
a client, which is what a console is for, are notes in the strict one.

```python bad
from fastapi import APIRouter, Depends
from sqlalchemy import text
from sqlalchemy.orm import Session

router = APIRouter()


@router.get("/users")
def find_users(name: str, db: Session = Depends()):
    query = "SELECT id, email FROM users WHERE name = '" + name + "'"
    return db.execute(text(query)).all()  # want
```
```python good
from fastapi import APIRouter, Depends
from sqlalchemy import text
from sqlalchemy.orm import Session

router = APIRouter()


@router.get("/users")
def find_users(name: str, db: Session = Depends()):
    query = "SELECT id, email FROM users WHERE name = :name"
    return db.execute(text(query), {"name": name}).all()
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.python import Hole, Query


@rule(
    "interpolated-query",
    checklist="security.queries",
    severity="error",
    profile="regular",
    since="0.1",
    precision="high",
    security=9.0,
    cwe="CWE-89",
)
def interpolated_query(query: Query) -> Findings:
    if not query.pasted or query.place == "test":
        return
    worst = query.pasted[0]
    quiet = query.place == "migration" or query.doubtful(worst)
    yield Finding(
        query.at,
        f"`{query.sink}` runs {_described(worst)}.",
        subject=query.function,
        related=tuple(Related(step.at, step.label) for step in worst.trail if step.at != query.at),
        flow=True,
        severity="note" if quiet else "error" if worst.origin == "request" else "warning",
        profile="strict" if quiet else None,
    )


def _described(hole: Hole) -> str:
    if hole.position == "whole":
        return f"a statement that a client sends, `{hole.text}`; send a name, and look the statement up by it"
    if hole.origin == "request":
        what = f"`{hole.text}`, which a client sends,"
    else:
        known = hole.origin == "parameter"
        what = f"the argument `{hole.text}`" if known else f"`{hole.text}`, whose origin is not known,"
    cure = "look it up in a list of allowed names" if hole.position == "identifier" else "bind the value as a parameter"
    return f"SQL with {what} pasted into it; {cure}"
