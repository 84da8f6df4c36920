"""A handler raises a status that its documentation does not name.

Clients are generated from the document: they treat what it does not name as a broken server. Add the status to
`responses` of the route, or of its router where all of them may answer so. Where hardly any refusal of an app is
documented, this is said once.

```python bad
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/orders/{number}", responses={404: {"description": "no such order"}})
def get_order(number: int):
    if number < 1:
        raise HTTPException(404)
    return {"number": number}


@app.delete("/orders/{number}", responses={404: {"description": "no such order"}})
def delete_order(number: int):
    if number < 1:
        raise HTTPException(status_code=409)  # want
    return {"number": number}
```
```python good
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.delete("/orders/{number}", responses={409: {"description": "the order is closed"}})
def delete_order(number: int):
    if number < 1:
        raise HTTPException(status_code=409)
    return {"number": number}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.python import App


@rule(
    "undocumented-exception",
    checklist="routes.status-codes",
    severity="note",
    profile="regular",
    since="0.1",
)
def undocumented_exception(app: App) -> Findings:
    candid = [route for route in app.declared if route.in_schema and route.refusals and route.framework == "fastapi"]
    bare = {}
    for route in candid:
        missing = {status: at for status, at in route.refusals.items() if status not in route.responses}
        if missing:
            bare[next(iter(missing.values()))] = (route, ", ".join(map(str, sorted(missing))))
    if len(bare) > 1 and len(bare) * 10 >= len(candid) * 8:
        at, (route, statuses) = next(iter(bare.items()))
        yield Finding(
            app.at,
            f"{len(bare)} handlers of `{app}` raise statuses that no `responses` names, such as {route} with "
            f"{statuses}; document what clients must expect.",
            related=(Related(at, "raised here"),),
            subject=app.name,
        )
        return
    for at, (route, statuses) in bare.items():
        yield Finding(
            at, f"{route} raises {statuses}, which its `responses` do not name; add it there.", subject=str(route)
        )
