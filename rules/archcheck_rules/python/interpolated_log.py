"""Values are pasted into the text of log messages.

Every message is then a different one: nobody can count them, alert on them, or search for an order by its number. And
the text is made even when the level is off. Keep the message constant, and give the values beside it: as arguments
(`"order %s", order`) or as fields (`extra=`, `bind`). It is said once for a module.

```python bad
import logging

logger = logging.getLogger(__name__)


def ship(order):
    logger.info(f"shipped {order}")  # want
```
```python fixed
import logging

logger = logging.getLogger(__name__)


def ship(order):
    logger.info("shipped %s", order)
```
```python good
import logging

logger = logging.getLogger(__name__)


def ship(order):
    logger.info("shipped", extra={"order": order})
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Logs, fixing


@rule("interpolated-log", checklist="logging", severity="note", profile="strict", since="0.1", precision="high")
def interpolated_log(logs: Logs) -> Findings:
    more = f" and {len(logs.pasted) - 1} more like it" if len(logs.pasted) > 1 else ""
    yield Finding(
        logs.pasted[0],
        f"`{logs.first}`{more} in `{logs}` {'have' if more else 'has'} values pasted into the message; keep it "
        "constant, and give them beside it.",
        subject=logs.module,
        fix=fixing("give the values as arguments", logs.edits),
    )
