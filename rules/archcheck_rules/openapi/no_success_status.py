"""An operation documents no success.

All it tells is how it fails. Generated clients return nothing, and no test can tell whether an answer is right.

Document what it answers with when all goes well: a 2xx, a 3xx, or `default`. Operations that never succeed (405, 410,
501) are silent, and so are those without any response: that is told by another rule where the version demands one.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:  # want
      responses:
        "400": {description: Wrong.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200": {description: The orders.}
        "400": {description: Wrong.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Operation


@rule(
    "no-success-status",
    checklist="api.status-codes",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def no_success_status(operation: Operation) -> Findings:
    if not operation.succeeds:
        yield Finding(
            operation.at,
            f"{operation} answers only {', '.join(operation.statuses)}; document what it answers when it succeeds.",
            subject=str(operation),
            related=operation.via,
        )
