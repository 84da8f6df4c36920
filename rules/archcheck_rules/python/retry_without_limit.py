"""Something is tried again for ever.

When the other side is gone for good, nobody ever hears of it: the caller hangs in the loop, and all callers together
keep whatever comes back from getting up. Give up after some attempts or some time, and say so.

```python bad
import time

import requests


def fetch(url):
    while True:  # want
        try:
            return requests.get(url, timeout=5)
        except requests.RequestException:
            time.sleep(2)
```
```python good
import requests
from tenacity import retry, stop_after_attempt, wait_exponential


@retry(stop=stop_after_attempt(5), wait=wait_exponential())
def fetch(url):
    return requests.get(url, timeout=5)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Retry


@rule("retry-without-limit", checklist="resilience", severity="warning", profile="regular", since="0.1")
def retry_without_limit(retry: Retry) -> Findings:
    if retry.limited or retry.place != "service":
        return
    yield Finding(
        retry.at,
        f"`{retry}` is tried again for ever when it fails; give up after some attempts or some time.",
        subject=retry.function,
    )
