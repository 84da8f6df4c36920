"""An error is wrapped unlike the others.

A client has one place where it handles errors. Each further shape there is a branch somebody forgets, and the error
that nobody parsed is shown as "something went wrong".

Answer with the envelope that most of the API uses. Two shapes are alike when they share half of the properties of the
smaller one and none is a text here and an object there: `{code, message}` may carry `details` as well. An envelope
prevails when more than half of the errors have it, and three at least; where none does, nothing is said. Errors that
share a schema are reported once, at the schema; a body that names no error (a form shown again) is none.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "400": {$ref: "#/components/responses/Error"}
        "404": {$ref: "#/components/responses/Error"}
        "429": {$ref: "#/components/responses/Error"}
        "500":
          description: Something went wrong.
          content:
            application/json:
              schema: {type: object, properties: {error: {type: string}}}  # want
components:
  responses:
    Error:
      description: Something went wrong.
      content:
        application/json:
          schema: {type: object, properties: {code: {type: string}, message: {type: string}}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "400": {$ref: "#/components/responses/Error"}
        "404": {$ref: "#/components/responses/Error"}
        "500": {$ref: "#/components/responses/Error"}
components:
  responses:
    Error:
      description: Something went wrong.
      content:
        application/json:
          schema: {type: object, properties: {code: {type: string}, message: {type: string}}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.openapi import Census


@rule("mixed-error-envelope", checklist="api.errors", severity="warning", profile="regular", since="0.1")
def mixed_error_envelope(census: Census) -> Findings:
    for odd in census.odd_errors:
        yield Finding(
            odd.at,
            f"{odd.told}, and most errors of the API are {odd.usual}; use one envelope.",
            subject=odd.owner,
            related=(Related(odd.given, "given here"),) if odd.given != odd.at else (),
        )
