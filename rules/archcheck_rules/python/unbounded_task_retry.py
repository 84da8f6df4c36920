"""A task is tried again for ever.

What fails today may fail always: a deleted account, a message nobody can parse. Such tasks come back until they fill
the queue. Set a limit, and keep what reaches it where somebody looks.

```python bad
import requests
from celery import shared_task


@shared_task(autoretry_for=(requests.RequestException,), retry_backoff=True, max_retries=None)  # want
def announce(order_id: int) -> None:
    requests.post("https://hooks.example.com/orders", json={"id": order_id}, timeout=5)
```
```python good
import requests
from celery import shared_task


@shared_task(autoretry_for=(requests.RequestException,), retry_backoff=True, max_retries=8)
def announce(order_id: int) -> None:
    requests.post("https://hooks.example.com/orders", json={"id": order_id}, timeout=5)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Task


@rule("unbounded-task-retry", checklist="jobs", severity="warning", profile="regular", since="0.1")
def unbounded_task_retry(task: Task) -> Findings:
    if task.unlimited is not None and task.retried is not False:
        yield Finding(
            task.unlimited,
            f"The task `{task}` is tried again without a limit; set one, and keep what reaches it.",
            subject=task.name,
        )
