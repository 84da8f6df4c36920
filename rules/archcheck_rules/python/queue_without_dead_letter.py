"""A queue has no place for messages that nobody can handle.

A message that fails every time is either dropped, and the work with it, or comes back for ever and blocks what waits
behind it. Name a dead-letter exchange or queue, and watch it. A consumer that refuses messages without one drops them,
and so does one that acknowledges them before it has done anything. Where a policy on the broker sets the exchange,
accept the finding with a comment that says so.

```python bad
import pika

channel = pika.BlockingConnection(pika.ConnectionParameters("localhost")).channel()
channel.queue_declare(queue="orders", durable=True)  # want
```
```python good
import pika

channel = pika.BlockingConnection(pika.ConnectionParameters("localhost")).channel()
channel.queue_declare(queue="orders", durable=True, arguments={"x-dead-letter-exchange": "orders.dead"})
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Queue


@rule(
    "queue-without-dead-letter",
    checklist="jobs",
    severity="note",
    profile="strict",
    since="0.1",
    precision="medium",
)
def queue_without_dead_letter(queue: Queue) -> Findings:
    if queue.drops:
        said = (
            f"`{queue.drops}` drops a message that `{queue}` cannot handle; send such messages to a dead-letter queue."
        )
    elif queue.broker == "sqs":
        said = f"The queue `{queue}` is created without a `RedrivePolicy`; name a dead-letter queue in one."
    else:
        said = f"The queue `{queue}` is declared without `x-dead-letter-exchange`; name one for what cannot be handled."
    yield Finding(queue.at, said, subject=str(queue))
