"""The broker hands a task out again before its time is up.

Redis and SQS wait so long for an acknowledgement, and then take the worker for dead. With late acknowledgement a task
that is still running is started a second time beside the first. Let the timeout be longer than the longest task.

```python bad
from celery import Celery

app = Celery("shop", broker="redis://localhost:6379/0")
app.conf.update(
    task_acks_late=True,
    task_time_limit=7200,
    broker_transport_options={"visibility_timeout": 3600},  # want
)


@app.task
def export_orders() -> None: ...
```
```python good
from celery import Celery

app = Celery("shop", broker="redis://localhost:6379/0")
app.conf.update(
    task_acks_late=True,
    task_time_limit=7200,
    broker_transport_options={"visibility_timeout": 10800},
)


@app.task
def export_orders() -> None: ...
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.python import TaskApp


@rule("short-visibility-timeout", checklist="jobs", severity="warning", profile="regular", since="0.1")
def short_visibility_timeout(app: TaskApp) -> Findings:
    if not 0 < app.visible < app.longest:
        return
    yield Finding(
        app.visible_at,
        f"The broker hands a task out again after {app.visible:,g} seconds, while tasks may take {app.longest:,g}; "
        "raise the visibility timeout above that.",
        subject=app.name,
        related=(Related(app.longest_at, "the time that a task may take"),),
    )
