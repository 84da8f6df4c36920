"""A POST is tried again, and nothing tells the other side that it is the same one.

An answer that got lost looks like a failure: the order is placed, the card is charged, and then again. Send a key
that stays the same over the attempts (`Idempotency-Key`), where the other side knows one, or do not try it again.

```python bad
import requests
from tenacity import retry, stop_after_attempt, wait_exponential


@retry(stop=stop_after_attempt(3), wait=wait_exponential())
def charge(amount):
    return requests.post("https://pay.example/charges", json={"amount": amount}, timeout=5)  # want
```
```python good
import requests
from tenacity import retry, stop_after_attempt, wait_exponential


@retry(stop=stop_after_attempt(3), wait=wait_exponential())
def charge(amount, key):
    headers = {"Idempotency-Key": key}
    return requests.post("https://pay.example/charges", json={"amount": amount}, headers=headers, timeout=5)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Retry


@rule("retried-write", checklist="resilience", severity="note", profile="strict", since="0.1", precision="medium")
def retried_write(retry: Retry) -> Findings:
    if retry.write is None:
        return
    yield Finding(
        retry.write,
        f"`{retry}` sends a POST again when it fails, and the first may have arrived; send an idempotency key with it.",
        subject=retry.function,
    )
