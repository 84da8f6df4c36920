"""A call to another system has no timeout.

When the other side stops answering, the call waits for ever, and so does whoever waits for it: one dead neighbour
takes a worker after the other, until none is left. Give every call a timeout, or the session or client that makes it.

```python bad
import requests


def rates(currency):
    return requests.get(f"https://rates.example/{currency}").json()  # want
```
```python fixed
import requests


def rates(currency):
    return requests.get(f"https://rates.example/{currency}", timeout=10).json()
```
```python good
import requests


def rates(currency):
    return requests.get(f"https://rates.example/{currency}", timeout=5).json()
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Outbound, fixing


@rule("missing-timeout", checklist="resilience", severity="warning", profile="regular", since="0.1", precision="high")
def missing_timeout(outbound: Outbound) -> Findings:
    quiet = outbound.family == "connection" or outbound.place != "service"
    how = "has its timeout turned off" if outbound.disabled else "has no timeout"
    yield Finding(
        outbound.at,
        f"`{outbound}` {how} and waits for ever when the other side does not answer; give it `{outbound.parameter}`.",
        subject=outbound.function,
        fix=fixing("give it ten seconds", outbound.edits),
        severity="note" if quiet else None,
        profile="strict" if quiet else None,
    )
