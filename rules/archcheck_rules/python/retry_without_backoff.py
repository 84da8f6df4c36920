"""Something is tried again at once, or in an even beat.

Whoever failed under its load gets the same load again, from every caller at the same moment. Wait longer from attempt
to attempt, with some chance in it. That the wait is there and always the same is a note, in strict.

```python bad
import requests


def fetch(url):
    for attempt in range(3):  # want
        try:
            return requests.get(url, timeout=5)
        except requests.RequestException:
            continue
    return None
```
```python good
import random
import time

import requests


def fetch(url):
    for attempt in range(3):
        try:
            return requests.get(url, timeout=5)
        except requests.RequestException:
            time.sleep(2**attempt + random.random())
    return None
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Retry


@rule("retry-without-backoff", checklist="resilience", severity="warning", profile="regular", since="0.1")
def retry_without_backoff(retry: Retry) -> Findings:
    if retry.wait in ("growing", "unknown"):
        return
    if retry.wait == "constant" and retry.place != "service":
        # A script that waits for its server to come up.
        return
    quiet = retry.wait == "constant" or retry.place != "service"
    how = "always after the same wait" if retry.wait == "constant" else "at once"
    yield Finding(
        retry.at,
        f"`{retry}` is tried again {how} when it fails; wait longer from attempt to attempt.",
        subject=retry.function,
        severity="note" if quiet else None,
        profile="strict" if quiet else None,
    )
