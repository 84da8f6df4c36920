"""A task asks another service for something, and is not tried again when that fails.

The work is lost with the first timeout, and nobody is told but a log. Let the broker's library try again, a few times
and with longer and longer waits. Tasks that a clock starts anyway are left alone, and so is Dramatiq, which tries again
by itself. Of the tasks that call through one function the first is named, with the number of the others.

```python bad
import requests
from celery import shared_task


@shared_task  # want
def announce(order_id: int) -> None:
    requests.post("https://hooks.example.com/orders", json={"id": order_id}, timeout=5)
```
```python good
import requests
from celery import shared_task


@shared_task(autoretry_for=(requests.RequestException,), retry_backoff=True, max_retries=5)
def announce(order_id: int) -> None:
    requests.post("https://hooks.example.com/orders", json={"id": order_id}, timeout=5)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.python import Task


@rule(
    "task-without-retry",
    checklist="jobs",
    severity="note",
    profile="regular",
    since="0.1",
    precision="medium",
)
def task_without_retry(task: Task) -> Findings:
    if task.call is None or task.retried is not False or task.scheduled or task.told:
        return
    more = f" ({task.alike} more tasks likewise)" if task.alike else ""
    yield Finding(
        task.at,
        f"The task `{task}` calls `{task.call.what}` and is lost when that fails{more}; have it tried again, with a "
        "limit and a backoff.",
        subject=task.name,
        related=(Related(task.call.at, "what it calls"),),
    )
