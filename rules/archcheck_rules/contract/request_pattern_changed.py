"""The pattern of a request is another one.

No reader can tell whether all that matched the old pattern match the new one; texts that clients hold may be refused.

Keep the old pattern beside the new one with anyOf, unless every value in use is known to match.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {code: {type: string, pattern: "^[A-Z]{3,8}$"}}}
      responses: {"200": {description: Done.}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {code: {type: string, pattern: "^[A-Z]{6}$"}}}  # want
      responses: {"200": {description: Done.}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {code: {type: string, pattern: "^[A-Z]{3,8}$"}}}
      responses: {"200": {description: Done.}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {code: {type: string, pattern: "^[A-Z]{3,8}$", maxLength: 8}}}
      responses: {"200": {description: Done.}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Limit


@rule("request-pattern-changed", checklist="contract.compatibility", severity="warning", profile="regular", since="0.1")
def request_pattern_changed(limit: Limit) -> Findings:
    if limit.side != "response" and limit.of == "pattern":
        yield limit.finding(
            f"{limit} went {limit.step} as its pattern; make sure that what clients hold still matches."
        )
