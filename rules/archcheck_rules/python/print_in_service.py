"""A service prints.

What is printed has no level, no time, no request and no place in the logs, and stays behind from debugging more often
than not. Log it, or delete it. Commands, scripts, tests, notebooks and what runs under `__main__` are left alone; it
is said once for a module.

```python bad app/orders.py
from fastapi import FastAPI

app = FastAPI()


@app.post("/orders")
def create_order(amount: int):
    print("order", amount)  # want
    return {"amount": amount}
```
```python good app/orders.py
import logging

from fastapi import FastAPI

app = FastAPI()
logger = logging.getLogger(__name__)


@app.post("/orders")
def create_order(amount: int):
    logger.info("order", extra={"amount": amount})
    return {"amount": amount}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Prints


@rule("print-in-service", checklist="logging", severity="warning", profile="regular", since="0.1")
def print_in_service(prints: Prints) -> Findings:
    often = f"{prints.count} times" if prints.count > 1 else "once"
    yield Finding(
        prints.at,
        f"`{prints}` serves, and prints {often}; log it with a level, or delete it.",
        subject=prints.module,
    )
