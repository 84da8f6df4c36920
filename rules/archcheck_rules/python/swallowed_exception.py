"""Every exception is caught, and nothing is said.

The typo, the full disk and the lost connection look like success, until somebody asks where the data went. Catch what
you expect, log the rest, or say in a comment why it does not matter. Tidying up is left alone; where something else
stands ready when the work fails, and in scripts and commands, it is a note, in strict.

```python bad
def sync(orders, send):
    for order in orders:
        try:
            send(order)
        except Exception:  # want
            pass
```
```python good
import logging

logger = logging.getLogger(__name__)


def sync(orders, send):
    for order in orders:
        try:
            send(order)
        except Exception:
            logger.exception("an order was not sent", extra={"order": order})
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Swallowed


@rule("swallowed-exception", checklist="logging", severity="warning", profile="regular", since="0.1", cwe="CWE-390")
def swallowed_exception(swallowed: Swallowed) -> Findings:
    quiet = swallowed.fallback or swallowed.place != "service"
    work = f"when `{swallowed.work}` fails" if swallowed.work else "when this fails"
    caught = "everything" if swallowed.caught == "everything" else f"`{swallowed.caught}`"
    yield Finding(
        swallowed.at,
        f"{caught[:1].upper()}{caught[1:]} is caught and dropped {work}; catch what you expect, and log the rest.",
        subject=swallowed.function,
        severity="note" if quiet else None,
        profile="strict" if quiet else None,
    )
