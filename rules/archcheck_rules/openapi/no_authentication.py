"""Nobody has to say who asks.

A contract without authentication is either incomplete, so that generated clients send no credentials, or it describes
an API that anybody can write to.

Define a security scheme and demand it at the top with `security`; say `security: []` where an operation is meant for
everybody. An API that only reads may well be open: that is a note, in strict. One that takes its credentials as plain
parameters is told to declare them (auth-header-parameter), and one that waives security everywhere has chosen.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:  # want
  /orders:
    post:
      responses:
        "201": {description: Created.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security:
  - bearer: []
paths:
  /orders:
    post:
      responses:
        "201": {description: Created.}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule(
    "no-authentication",
    checklist="api.auth",
    severity="warning",
    profile="regular",
    since="0.1",
    security=7.5,
    cwe="CWE-306",
)
def no_authentication(census: Census) -> Findings:
    open_ones = [operation for operation in census.operations if operation.demand == "none"]
    if census.requirements or not open_ones or any(operation.keyed for operation in census.operations):
        return
    quiet = not any(operation.writes for operation in open_ones)
    schemes = census.told(f"'{name}'" for name in census.api.security_schemes)
    lacking = f"defines {schemes} and demands it nowhere" if schemes else "defines no security scheme"
    yield Finding(
        census.at,
        f"{census} {lacking}; demand one with security, or say security: [] where everybody may ask.",
        subject="security",
        severity="note" if quiet else None,
        profile="strict" if quiet else None,
    )
