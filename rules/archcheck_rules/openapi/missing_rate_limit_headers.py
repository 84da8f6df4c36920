"""No response tells how much a client has left.

A client that sees its allowance shrink slows down before it is turned away. One that sees nothing runs into the wall
each time, and cannot even tell whether one call or a thousand were too many.

Send `RateLimit` and `RateLimit-Policy`, or the `X-RateLimit-*` that are widely known, and document them. It is said
once for an API that documents 429 and no such header on any response; an API without 429 has more to do first, and is
reported by undocumented-rate-limit. Names are compared without case.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:  # want
  /orders:
    get:
      responses:
        "200": {description: All orders.}
        "429":
          description: Too many requests.
          headers: {Retry-After: {schema: {type: integer}}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200": {description: All orders.}
        "429":
          description: Too many requests.
          headers: {Retry-After: {schema: {type: integer}}, RateLimit: {schema: {type: string}}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule("missing-rate-limit-headers", checklist="api.rate-limits", severity="note", profile="regular", since="0.1")
def missing_rate_limit_headers(census: Census) -> Findings:
    if not any(operation.limited for operation in census.operations) or not census.whole:
        return
    if not any(operation.quota for operation in census.operations):
        yield Finding(
            census.at,
            f"{census} answers 429, and no response tells how much a client has left; document RateLimit or "
            "X-RateLimit-*.",
            subject="headers",
        )
