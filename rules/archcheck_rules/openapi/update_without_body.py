"""A PUT or PATCH takes nothing that says what changes.

Generated clients then have a method that sends nothing, and nobody can tell from the contract what an update may hold
or what the server refuses.

Describe the request body: all of the item for PUT, the parts that change for PATCH. Actions (`PUT /orders/{id}/lock`),
memberships that are all in the path (`PUT /teams/{team}/members/{user}`) and updates that are told by query parameters
are silent.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    put:  # want
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: The order as it is now.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    put:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody:
        content:
          application/json: {schema: {type: object, properties: {note: {type: string}}}}
      responses:
        "200": {description: The order as it is now.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Operation


@rule("update-without-body", checklist="api.methods", severity="warning", profile="regular", since="0.1")
def update_without_body(operation: Operation) -> Findings:
    if operation.lacks_body:
        yield Finding(
            operation.at,
            f"{operation} takes no body, so that nothing says what changes; describe its request body, or post "
            "to a path that names what is done.",
            subject=str(operation),
            related=operation.via,
        )
