"""A file that was asked for could not be checked.

A linter that skips what it cannot read reports a clean run over a project it has not seen. So a file that cannot be
opened, decoded or parsed, or that runs into a limit, is an error of its own and the command ends with exit code 3.

Mend the file, raise the limit that the message names, or exclude the path in the configuration. It cannot be accepted
by a comment or a baseline: nothing is known of what it hides.

```python bad
def total(prices: list[int] -> int:  # want
    return sum(prices)
```
```python good
def total(prices: list[int]) -> int:
    return sum(prices)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Location, rule
from archcheck.surface import Gap


@rule("unread-file", checklist="tool.coverage", severity="error", profile="regular", since="0.1", precision="very-high")
def unread_file(gap: Gap) -> Findings:
    way_out = f"; {gap.way_out}" if gap.way_out else ""
    yield Finding(
        Location(gap.path, max(gap.line, 1)),
        f"{gap.path} was not checked: {gap.reason}{way_out}.",
        subject=gap.kind,
    )
