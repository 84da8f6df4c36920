"""A header that the specification handles itself is declared as a parameter.

`Authorization`, `Accept` and `Content-Type` as parameters are ignored: the specification says so. Documentation leaves
them out, generated clients do not send them, and the security that was meant is nowhere declared.

Declare a security scheme for `Authorization`, and media types under `content` for the other two. A shared parameter is
reported once where it is defined.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: Authorization, in: header, schema: {type: string}}  # want
      responses: {"200": {description: All orders.}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{bearer: []}]
paths:
  /orders:
    get:
      responses: {"200": {description: All orders.}}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Parameter

CURES = {
    "authorization": "declare a security scheme",
    "accept": "name the media types under the responses",
    "content-type": "name the media types under the request body",
}


@rule(
    "auth-header-parameter",
    checklist="api.auth",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def auth_header_parameter(parameter: Parameter) -> Findings:
    cure = CURES.get(parameter.name.lower()) if parameter.location == "header" else None
    if cure is not None and parameter.in_request:
        yield Finding(
            parameter.naming.at,
            f"The header '{parameter}' is ignored as a parameter, by the specification; {cure}.",
            subject=f"{parameter.pointer} {parameter}",
        )
