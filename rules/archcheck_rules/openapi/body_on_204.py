"""A 204, 205 or 304 has a body.

These answers end with their headers, by law of HTTP. A server that sends a body all the same breaks the next answer on
the connection, and a client that waits for one never gets it.

Answer 200 with the body, or leave out the content. A response shared by many operations is reported once, where it is
defined.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    delete:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "204":
          description: Gone.
          content:  # want
            application/json: {schema: {type: object}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    delete:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "204": {description: Gone.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Response


@rule(
    "body-on-204",
    checklist="api.status-codes",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def body_on_204(response: Response) -> Findings:
    place = response.body_place
    if place is not None and response.bodiless:
        yield Finding(
            place.at,
            f"{response} has content, and {response.bodiless} never has a body; answer 200, or leave out the content.",
            subject=str(response),
        )
