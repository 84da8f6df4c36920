"""Callers prove who they are with HTTP basic.

Basic sends the password itself with every call, so that every proxy, log and crash report on the way can hold it; it
cannot be limited to a scope, expires never, and is revoked by changing it everywhere.

Issue tokens that expire (`bearer`, OAuth), or keys that can be revoked one by one. Where basic only carries a key, or
is what a standard demands of the token endpoint, accept it with a reason.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  securitySchemes:
    basic:  # want
      type: http
      scheme: basic
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  securitySchemes:
    bearer:
      type: http
      scheme: bearer
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import SecurityScheme


@rule(
    "basic-auth",
    checklist="api.auth",
    severity="note",
    profile="regular",
    since="0.1",
    precision="very-high",
    security=3.7,
    cwe="CWE-522",
)
def basic_auth(scheme: SecurityScheme) -> Findings:
    if scheme.type == "http" and scheme.scheme == "basic":
        yield Finding(
            scheme.at,
            f"The security scheme '{scheme}' sends the password with every call; issue tokens that expire instead.",
            subject=str(scheme),
        )
