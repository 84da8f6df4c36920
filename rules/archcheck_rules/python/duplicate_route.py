"""Two handlers answer the same method and path.

The framework asks the one that was registered first; the other never runs, however well it is written and tested. Give
one of them another path, or delete it.

```python bad
from fastapi import FastAPI

app = FastAPI()


@app.get("/users/{user_id}")
def get_user(user_id: int):
    return {"id": user_id}


@app.get("/users/{name}")  # want
def get_user_by_name(name: str):
    return {"name": name}
```
```python good
from fastapi import FastAPI

app = FastAPI()


@app.get("/users/{user_id}")
def get_user(user_id: int):
    return {"id": user_id}


@app.get("/users/by-name/{name}")
def get_user_by_name(name: str):
    return {"name": name}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.python import App


@rule("duplicate-route", checklist="routes.structure", severity="warning", profile="regular", since="0.1")
def duplicate_route(app: App) -> Findings:
    for first, second in app.duplicates:
        yield Finding(
            second.at,
            f"`{first.handler}` already answers {second}, so `{second.handler}` is never called; change its path, or "
            "delete it.",
            subject=str(second),
            related=(Related(first.at, "the handler that answers"),),
        )
