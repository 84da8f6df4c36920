"""Whoever finds the address of a webhook can send events that nobody sent.

Orders get paid and accounts closed by a plain POST. Compute the signature of the raw body with the shared secret,
compare it with `hmac.compare_digest`, and refuse what does not fit before anything is read.

```python bad
from fastapi import FastAPI, Request

app = FastAPI()
PAID = set()


@app.post("/webhooks/payments")  # want
async def payment_webhook(request: Request):
    event = await request.json()
    PAID.add(event["order"])
    return {"received": True}
```
```python good
import hashlib
import hmac
import os

from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
PAID = set()


@app.post("/webhooks/payments")
async def payment_webhook(request: Request):
    body = await request.body()
    expected = hmac.new(os.environ["HOOK_SECRET"].encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("x-signature", "")):
        raise HTTPException(401)
    PAID.add(body)
    return {"received": True}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Hook


@rule(
    "unverified-webhook",
    checklist="webhooks",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="medium",
    security=7.0,
    cwe="CWE-345",
)
def unverified_webhook(hook: Hook) -> Findings:
    if not hook.verified:
        yield Finding(
            hook.at,
            f"{hook} takes events from anybody; verify the sender's signature before anything is read.",
            subject=hook.route,
        )
