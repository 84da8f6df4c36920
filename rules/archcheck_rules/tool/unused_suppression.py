"""An acceptance silences nothing, or names no rule.

What was accepted was mended, moved or never there, and the comment stays behind to silence the next finding that lands
on its line. A misspelt rule id looks like an acceptance and accepts nothing.

Delete the id from the comment, or the whole comment; correct the spelling. Only rules that ran, on files that were
read whole, are judged.

```python bad
def total(prices: list[int]) -> int:
    return sum(prices)  # archcheck: allow[interpolated-query] summed by hand # want
```
```python good
import sqlite3


def count(cursor: sqlite3.Cursor, table: str, state: str) -> None:
    # archcheck: allow[interpolated-query] the state comes from our own enum
    cursor.execute(f"SELECT count(*) FROM orders WHERE state = '{state}'")
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surface import Allow


@rule(
    "unused-suppression",
    checklist="tool.suppressions",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def unused_suppression(allow: Allow) -> Findings:
    if not allow.rules:
        yield Finding(allow.at, "This acceptance names no rule; write 'allow[rule-id] reason'.", subject="allow[]")
    for name in allow.unknown:
        yield Finding(
            allow.at, f"'{name}' is no rule, so nothing is accepted here; correct the id or delete it.", subject=name
        )
    for name in allow.idle:
        yield Finding(allow.at, f"Nothing here breaks '{name}' any more; delete the acceptance.", subject=name)
