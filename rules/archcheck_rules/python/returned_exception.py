"""A handler returns an HTTP exception instead of raising it.

FastAPI and Starlette take what a handler returns for the body of an answer: the client gets 200, with the refusal as
data, and goes on as if it had been let in. Raise it.

```python bad
from fastapi import FastAPI, HTTPException

app = FastAPI()
STOCK = {"nail": 3}


@app.get("/stock/{name}")
def get_stock(name: str):
    if name not in STOCK:
        return HTTPException(status_code=404, detail="no such article")  # want
    return {"left": STOCK[name]}
```
```python fixed
from fastapi import FastAPI, HTTPException

app = FastAPI()
STOCK = {"nail": 3}


@app.get("/stock/{name}")
def get_stock(name: str):
    if name not in STOCK:
        raise HTTPException(status_code=404, detail="no such article")
    return {"left": STOCK[name]}
```
```python good
from fastapi import FastAPI, HTTPException

app = FastAPI()
STOCK = {"nail": 3}


@app.get("/stock/{name}")
def get_stock(name: str):
    if name not in STOCK:
        raise HTTPException(status_code=404, detail="no such article")
    return {"left": STOCK[name]}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Handler, fixing, raised


@rule("returned-exception", checklist="routes.status-codes", severity="error", profile="regular", since="0.1")
def returned_exception(handler: Handler) -> Findings:
    for name, at in handler.returned:
        yield Finding(
            at,
            f"`{handler}` returns `{name}`, which the client gets as a success; raise it.",
            subject=handler.name,
            fix=fixing("raise it", raised(at)),
        )
