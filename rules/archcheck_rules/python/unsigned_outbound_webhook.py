"""An event is posted to an address that a customer gave, with nothing that proves who sent it.

Whoever learns the address can send events in your name. Sign the body with a secret of that customer and send the
signature in a header.

```python bad
import httpx


def deliver(webhook, event):
    httpx.post(webhook.url, json=event, timeout=5)  # want
```
```python good
import hashlib
import hmac
import json

import httpx


def deliver(webhook, event):
    body = json.dumps(event).encode()
    digest = hmac.new(webhook.secret, body, hashlib.sha256).hexdigest()
    httpx.post(webhook.url, content=body, headers={"x-signature": digest}, timeout=5)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Delivery


@rule(
    "unsigned-outbound-webhook",
    checklist="webhooks",
    severity="note",
    profile="strict",
    since="0.1",
    precision="medium",
)
def unsigned_outbound_webhook(delivery: Delivery) -> Findings:
    if not delivery.signed:
        yield Finding(
            delivery.at,
            f"What is posted to `{delivery.address}` carries no signature; sign the body with a secret that the "
            "receiver knows.",
            subject=delivery.function,
        )
