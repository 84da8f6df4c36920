"""A module calls other systems, and nothing tries again or stops trying.

A lost packet becomes an error for a user, and a neighbour that is down is asked again by every request. Try again a
few times with a growing wait, or open a circuit breaker when it keeps failing. It is said once for a module, and not
where the module, or one that imports it, has retries or breakers.

```python bad
import requests


def rates():
    return requests.get("https://rates.example", timeout=5).json()  # want
```
```python good
import requests
from tenacity import retry, stop_after_attempt, wait_exponential


@retry(stop=stop_after_attempt(3), wait=wait_exponential())
def rates():
    return requests.get("https://rates.example", timeout=5).json()
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Unguarded


@rule("unguarded-call", checklist="resilience", severity="note", profile="strict", since="0.1", precision="medium")
def unguarded_call(calls: Unguarded) -> Findings:
    more = f" and {calls.count - 1} more" if calls.count > 1 else ""
    yield Finding(
        calls.at,
        f"`{calls.call}`{more} in `{calls}` {'have' if more else 'has'} neither a retry nor a circuit breaker; a short "
        "failure of the other side becomes one of yours.",
        subject=calls.module,
    )
