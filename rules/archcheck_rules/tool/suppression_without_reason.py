"""An acceptance gives no reason.

The next reader cannot tell a decision from a shortcut, and nobody dares to delete it. A reason of five words is enough
to judge later whether it still holds.

Write after the bracket why the finding is accepted here.

```python bad
import sqlite3


def archive(cursor: sqlite3.Cursor, state: str) -> None:
    cursor.execute(f"DELETE FROM orders WHERE state = '{state}'")  # archcheck: allow[interpolated-query] # want
```
```python good
import sqlite3


def archive(cursor: sqlite3.Cursor, state: str) -> None:
    # archcheck: allow[interpolated-query] the state is a member of our own enum
    cursor.execute(f"DELETE FROM orders WHERE state = '{state}'")
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surface import Allow


@rule(
    "suppression-without-reason",
    checklist="tool.suppressions",
    severity="note",
    profile="strict",
    since="0.1",
    precision="very-high",
)
def suppression_without_reason(allow: Allow) -> Findings:
    if allow.rules and not allow.reason:
        named = ", ".join(allow.rules)
        message = f"Nothing says why '{named}' is accepted here; write the reason after it."
        yield Finding(allow.at, message, subject=named)
