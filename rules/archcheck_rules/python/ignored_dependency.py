"""A handler takes its `dependencies` as a parameter, where nobody looks at them.

`dependencies=[Depends(check)]` belongs to the decorator. As the default of a parameter it is an ordinary list: the
check never runs, and the route is open. Move it into the decorator.

```python bad
from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()


def staff_only(key: str = Header()):
    if key != "s3":
        raise HTTPException(403)


@app.delete("/orders/{order_id}")
def delete_order(order_id: int, dependencies=[Depends(staff_only)]):  # want
    return {"deleted": order_id}
```
```python good
from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()


def staff_only(key: str = Header()):
    if key != "s3":
        raise HTTPException(403)


@app.delete("/orders/{order_id}", dependencies=[Depends(staff_only)])
def delete_order(order_id: int):
    return {"deleted": order_id}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Handler


@rule(
    "ignored-dependency",
    checklist="routes.auth",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
    security=8.0,
    cwe="CWE-306",
)
def ignored_dependency(handler: Handler) -> Findings:
    for at in handler.ignored:
        yield Finding(
            at,
            f"`{handler}` takes its dependencies as a parameter, and none of them ever runs; move the list into the "
            "decorator.",
            subject=handler.name,
        )
