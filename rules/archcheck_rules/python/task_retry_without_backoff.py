"""A task is tried again at once, or always after the same time.

All the tasks that failed together come back together, and hit the service that was about to recover. Wait longer each
time, and not all equally long: `retry_backoff=True` does both. A constant wait of `patient` seconds or more (300) is
taken as long enough, and a single second attempt needs no plan.

```python bad
import requests
from celery import shared_task


@shared_task(bind=True, max_retries=5)
def announce(self, order_id: int) -> None:
    try:
        requests.post("https://hooks.example.com/orders", json={"id": order_id}, timeout=5)
    except requests.RequestException as error:
        raise self.retry(exc=error, countdown=10)  # want
```
```python good
import requests
from celery import shared_task


@shared_task(bind=True, max_retries=5)
def announce(self, order_id: int) -> None:
    try:
        requests.post("https://hooks.example.com/orders", json={"id": order_id}, timeout=5)
    except requests.RequestException as error:
        raise self.retry(exc=error, countdown=10 * 2**self.request.retries)
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Task


@dataclass(frozen=True, slots=True)
class Options:
    """`patient`: a constant wait of so many seconds is long enough."""

    patient: int = 300


@rule("task-retry-without-backoff", checklist="jobs", severity="warning", profile="regular", since="0.1")
def task_retry_without_backoff(task: Task, options: Options) -> Findings:
    if task.wait not in ("none", "constant") or task.attempts in (0, 1):
        return
    if task.wait == "constant" and task.seconds >= options.patient:
        return
    timed = "every second" if task.seconds == 1 else f"every {task.seconds:g} seconds"
    pace = timed if task.wait == "constant" and task.seconds else "without waiting longer"
    yield Finding(task.wait_at, f"The task `{task}` is tried again {pace}; wait longer each time.", subject=task.name)
