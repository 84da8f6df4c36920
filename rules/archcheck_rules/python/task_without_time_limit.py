"""Neither the tasks nor the app that runs them limit how long a task may take.

One call that hangs takes a worker with it for ever, and a handful of them stop the queue. Set a limit for the app,
with a soft one below it so that a task can clean up; longer tasks get their own. RQ, Dramatiq and arq have limits from
the start: only taking them away is reported.

```python bad
import time

from celery import Celery

app = Celery("shop", broker="redis://localhost:6379/0")  # want


@app.task
def export_orders() -> None:
    time.sleep(60)
```
```python good
import time

from celery import Celery

app = Celery("shop", broker="redis://localhost:6379/0")
app.conf.update(task_time_limit=300, task_soft_time_limit=270)


@app.task
def export_orders() -> None:
    time.sleep(60)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import TaskApp


@rule("task-without-time-limit", checklist="jobs", severity="note", profile="regular", since="0.1")
def task_without_time_limit(app: TaskApp) -> Findings:
    if app.limited is not False or not app.unlimited:
        return
    first = app.unlimited[0].rpartition(":")[2]
    count = f"{len(app.unlimited)} of {len(app.tasks)} tasks" if len(app.tasks) > 1 else f"The task `{first}`"
    such = f", such as `{first}`," if len(app.tasks) > 1 else ""
    verb = "has" if len(app.unlimited) == 1 else "have"
    yield Finding(
        app.at,
        f"{count}{such} {verb} no time limit, and the app sets none; set one for all of them.",
        subject=app.name,
    )
