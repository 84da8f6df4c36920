"""A response stands under a key that is no status code.

Tools drop a key they cannot read, so that the response is neither generated, nor mocked, nor tested. A code that nobody
registered (`420`, `499`) reaches clients, proxies and monitors that know nothing of it and treat it as they like.

Use a registered code, a range such as `4XX` (from 3.0 on) or `default`. A code between 100 and 599 that is not
registered is a warning; the option `known` takes those that you have agreed on.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200": {description: The orders.}
        "4000": {description: Wrong.}  # want
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

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Operation


@dataclass(frozen=True, slots=True)
class Options:
    """`known` are unregistered codes that clients of this API understand."""

    known: tuple[str, ...] = ()


@rule(
    "unknown-status",
    checklist="api.status-codes",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def unknown_status(operation: Operation, options: Options) -> Findings:
    for place, kind in operation.odd_statuses:
        if str(place.key) in options.known:
            continue
        problem = "is no status code" if kind == "none" else "is no registered status code"
        yield Finding(
            place.at,
            f"'{place.key}' of {operation} {problem}; use a registered one, a range or default.",
            subject=f"{operation} {place.key}",
            severity="warning" if kind == "unregistered" else None,
        )
