"""A webhook acts on an event without asking whether it had it before.

Senders repeat what they are not sure was received: the second copy ships the order again. Keep the event's id, and do
nothing when it is there already.

```python bad
import os

import stripe
from fastapi import FastAPI, Request

from shop.orders import create_shipment

app = FastAPI()


@app.post("/webhooks/stripe")  # want
async def stripe_webhook(request: Request):
    event = stripe.Webhook.construct_event(
        await request.body(), request.headers["stripe-signature"], os.environ["HOOK_SECRET"]
    )
    create_shipment(event["data"])
    return {"received": True}
```
```python good
import os

import stripe
from fastapi import FastAPI, Request

from shop.orders import create_shipment, events

app = FastAPI()


@app.post("/webhooks/stripe")
async def stripe_webhook(request: Request):
    event = stripe.Webhook.construct_event(
        await request.body(), request.headers["stripe-signature"], os.environ["HOOK_SECRET"]
    )
    if events.add(event["id"]):
        create_shipment(event["data"])
    return {"received": True}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Hook


@rule(
    "undeduplicated-webhook",
    checklist="webhooks",
    severity="note",
    profile="strict",
    since="0.1",
    precision="medium",
)
def undeduplicated_webhook(hook: Hook) -> Findings:
    if hook.repeats:
        yield Finding(
            hook.at,
            f"{hook} acts on each event it is sent, also on one that is sent twice; keep the ids of events and look "
            "there first.",
            subject=hook.route,
        )
