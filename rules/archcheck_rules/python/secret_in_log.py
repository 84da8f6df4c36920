"""A password, a token or a whole request is written to the log.

Logs are copied to places that were never meant to hold secrets, read by people who were never meant to have them, and
kept for years. Log who it was and what happened, not what they sent. A bare `token`, which may be anything, and a
body in a debug message are notes, in strict.

```python bad
import logging

logger = logging.getLogger(__name__)


def login(name, password):
    logger.info("login of %s with %s", name, password)  # want
```
```python good
import logging

logger = logging.getLogger(__name__)


def login(name, password):
    logger.info("login of %s", name)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Leak

_SHOWN = {"body": "all that a client sent", "headers": "the headers of a request, credentials among them"}


@rule(
    "secret-in-log",
    checklist="logging",
    severity="warning",
    profile="regular",
    since="0.1",
    security=6.5,
    cwe="CWE-532",
)
def secret_in_log(leak: Leak) -> Findings:
    quiet = leak.kind == "token" or (leak.debug and leak.kind != "secret") or leak.place != "service"
    what = f", {_SHOWN[leak.kind]}" if leak.kind in _SHOWN else ""
    yield Finding(
        leak.at,
        f"`{leak}` writes `{leak.what}`{what} to the log; leave it out, or mask it.",
        subject=leak.function,
        severity="note" if quiet else None,
        profile="strict" if quiet else None,
    )
