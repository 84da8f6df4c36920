"""A Kafka consumer lets its client commit messages on a clock, while it is still working on them.

A crash between that commit and the end of the work loses the message: the group goes on behind it. Turn automatic
commits off, and commit a message when its work is done.

```python bad
from kafka import KafkaConsumer

from shop.orders import fulfil

consumer = KafkaConsumer("orders", group_id="shop")  # want
for message in consumer:
    fulfil(message.value)
```
```python good
from kafka import KafkaConsumer

from shop.orders import fulfil

consumer = KafkaConsumer("orders", group_id="shop", enable_auto_commit=False)
for message in consumer:
    fulfil(message.value)
    consumer.commit()
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Consumer


@rule(
    "early-commit-consumer",
    checklist="jobs",
    severity="note",
    profile="strict",
    since="0.1",
    precision="medium",
)
def early_commit_consumer(consumer: Consumer) -> Findings:
    yield Finding(
        consumer.at,
        f"The consumer `{consumer}` commits messages on a clock; turn that off, and commit when the work is done.",
        subject=consumer.function,
    )
