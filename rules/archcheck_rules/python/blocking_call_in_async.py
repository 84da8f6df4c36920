"""A coroutine waits in a way that stops every other one.

While it sleeps, reads from a socket or asks the database, nothing else on the event loop runs: one slow answer is
slow for every user at once. Await an asynchronous library, hand the call to a thread (`asyncio.to_thread`), or make
the handler a plain `def` where the framework runs those in threads. It is said once for a helper, or for a function
and kind of work.

```python bad
import time

from fastapi import FastAPI

app = FastAPI()


@app.get("/report")
async def report():
    time.sleep(1)  # want
    return {"ready": True}
```
```python good
import asyncio

from fastapi import FastAPI

app = FastAPI()


@app.get("/report")
async def report():
    await asyncio.sleep(1)
    return {"ready": True}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.python import Blocked

_WORK = {"sleep": "sleeps", "database": "waits for the database", "process": "waits for another process"}


@rule("blocking-call-in-async", checklist="resilience", severity="warning", profile="regular", since="0.1")
def blocking_call_in_async(blocked: Blocked) -> Findings:
    work = _WORK.get(blocked.kind, "waits for the network")
    inside = f" (in `{blocked.inner}`)" if blocked.inner != blocked.call else ""
    others = f", as {'does' if blocked.others == 1 else 'do'} {blocked.others} more like it" if blocked.others else ""
    yield Finding(
        blocked.at,
        f"`{blocked}` {work}{inside} while it holds the event loop{others}; await an asynchronous call, or hand it to "
        "a thread.",
        subject=blocked.function,
        related=tuple(Related(at, label) for label, at in blocked.steps),
    )
