"""A demand names an OAuth scope that its scheme does not define.

A client asks the authorization server for the scopes that the scheme lists. What is demanded and not listed is never
asked for, and the call fails with 403 for everybody who followed the contract.

List the scope in the flows of the scheme, or correct its name. Each scope is reported once, where it is first demanded.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      security:
        - login: [orders:raed]  # want
      responses: {"200": {description: All orders.}}
components:
  securitySchemes:
    login:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: /token, scopes: {"orders:read": Read orders.}}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      security:
        - login: [orders:read]
      responses: {"200": {description: All orders.}}
components:
  securitySchemes:
    login:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: /token, scopes: {"orders:read": Read orders.}}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule("undefined-scope", checklist="api.auth", severity="warning", profile="regular", since="0.1")
def undefined_scope(census: Census) -> Findings:
    for demand in census.undefined_scopes:
        (scope,) = demand.scopes
        times = f" {demand.uses} times" if demand.uses > 1 else ""
        yield Finding(
            demand.at,
            f"The scope '{scope}' is demanded{times} and no flow of '{demand.scheme}' defines it; list it there.",
            subject=f"{demand.scheme} {scope}",
        )
