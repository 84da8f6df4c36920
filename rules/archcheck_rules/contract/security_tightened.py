"""Credentials are demanded that were not.

Clients are refused with 401 from the day of the release, however right their requests are.

Accept the old credentials beside the new ones until every client has some.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}, user: {type: http, scheme: basic}}}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}, security: [{key: []}]}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}, user: {type: http, scheme: basic}}}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}, security: [{user: []}]}  # want
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}, user: {type: http, scheme: basic}}}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}, security: [{key: []}]}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}, user: {type: http, scheme: basic}}}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}, security: [{key: []}, {user: []}]}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Demand


@rule("security-tightened", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def security_tightened(demand: Demand) -> Findings:
    if demand.of == "credentials":
        who = "callers that needed no credentials" if demand.added else "the credentials of today"
        yield demand.finding(
            f"'{demand.name}' is demanded{demand.place}; keep letting {who} in until clients have moved."
        )
