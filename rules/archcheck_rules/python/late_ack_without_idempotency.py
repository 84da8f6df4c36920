"""A task that is acknowledged late adds rows or charges somebody, and may do so twice.

It does not look whether it has done so before. With late acknowledgement a task whose worker dies is given to another
one, from the beginning: the row is added twice, the card is charged twice. Give the work a key and look it up first,
or let the database refuse the second one.

```python bad
import stripe
from celery import shared_task


@shared_task(acks_late=True)
def charge(customer: str, amount: int) -> None:
    stripe.PaymentIntent.create(customer=customer, amount=amount, currency="eur")  # want
```
```python good
import stripe
from celery import shared_task


@shared_task(acks_late=True)
def charge(order: str, customer: str, amount: int) -> None:
    stripe.PaymentIntent.create(customer=customer, amount=amount, currency="eur", idempotency_key=order)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.python import Task


@rule(
    "late-ack-without-idempotency",
    checklist="jobs",
    severity="warning",
    profile="strict",
    since="0.1",
    precision="medium",
)
def late_ack_without_idempotency(task: Task) -> Findings:
    if task.late is None or task.repeatable:
        return
    act = next(act for act in task.acts if act.kind != "call")
    done = "charges" if act.kind == "charge" else "adds rows"
    yield Finding(
        act.at,
        f"`{act.what}` {done} again when a worker dies in `{task}`, which is acknowledged late; make it "
        "safe to run twice, with a key.",
        subject=task.name,
        related=(Related(task.late, "late acknowledgement is set here"),),
    )
