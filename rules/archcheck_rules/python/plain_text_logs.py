"""A service writes its logs as plain text.

Lines for people have to be taken apart again by whatever collects them, and fall apart at the first newline in a
message. Write one JSON object for each record, with the time, the level and the fields in it (`structlog`, `python-
json-logger`). It is said once for a project.

```python bad app/main.py
import logging

from fastapi import FastAPI

logging.basicConfig(level=logging.INFO)  # want
app = FastAPI()


@app.get("/")
def index():
    return {}
```
```python good app/main.py
import logging

from fastapi import FastAPI
from pythonjsonlogger.json import JsonFormatter

output = logging.StreamHandler()
output.setFormatter(JsonFormatter())
logging.basicConfig(level=logging.INFO, handlers=[output])
app = FastAPI()


@app.get("/")
def index():
    return {}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import LogSetup


@rule("plain-text-logs", checklist="logging", severity="note", profile="strict", since="0.1", precision="medium")
def plain_text_logs(setup: LogSetup) -> Findings:
    if setup.structured:
        return
    yield Finding(
        setup.at,
        f"`{setup}` sets up logs of plain text, and nothing here writes structured ones; write one JSON object a "
        "record.",
        subject="logs",
    )
