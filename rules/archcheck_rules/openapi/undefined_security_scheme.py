"""A demand names a security scheme that nobody defines.

Generators drop what they cannot resolve: the client they make sends no credentials, and the documentation shows a lock
without a key. Most often it is a typing error, or a scheme that was renamed.

Define the scheme, or correct the name. Each name is reported once, where it is first demanded. Since 3.2 a name may
also be the address of a scheme elsewhere.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security:
  - baerer: []  # want
paths: {}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security:
  - bearer: []
paths: {}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule(
    "undefined-security-scheme",
    checklist="api.auth",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
    security=6.5,
    cwe="CWE-306",
)
def undefined_security_scheme(census: Census) -> Findings:
    for demand in census.undefined_schemes:
        times = f" {demand.uses} times" if demand.uses > 1 else ""
        known = census.told(f"'{name}'" for name in census.api.security_schemes)
        cure = f"the schemes are {known}" if known else "define it"
        yield Finding(
            demand.at,
            f"The security scheme '{demand.scheme}' is demanded{times} and defined nowhere; {cure}.",
            subject=demand.scheme,
        )
