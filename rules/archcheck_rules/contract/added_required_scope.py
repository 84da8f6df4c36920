"""Another scope is needed.

The tokens of today lack it: clients are refused with 403 until their users have consented anew.

Accept the old scope beside the new one, or demand the new one for new operations alone.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  securitySchemes:
    login: {type: oauth2, flows: {clientCredentials: {tokenUrl: https://shop.test/token, scopes: {}}}}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}, security: [{login: [read]}]}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  securitySchemes:
    login: {type: oauth2, flows: {clientCredentials: {tokenUrl: https://shop.test/token, scopes: {}}}}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}, security: [{login: [read, write]}]}  # want
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  securitySchemes:
    login: {type: oauth2, flows: {clientCredentials: {tokenUrl: https://shop.test/token, scopes: {}}}}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}, security: [{login: [read]}]}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  securitySchemes:
    login: {type: oauth2, flows: {clientCredentials: {tokenUrl: https://shop.test/token, scopes: {}}}}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}, security: [{login: [read]}, {login: [write]}]}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Demand


@rule("added-required-scope", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def added_required_scope(demand: Demand) -> Findings:
    if demand.of == "scope":
        yield demand.finding(f"The scope {demand} is needed now; keep accepting tokens that lack it.")
