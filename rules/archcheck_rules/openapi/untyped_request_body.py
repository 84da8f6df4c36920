"""A request body may be anything.

Without a schema nothing can be refused at the door: every mistake of a client travels to where it does damage, and no
generated client has a type for it.

Describe the body. JSON and form bodies are judged; binary bodies and patch documents need no schema. A body that
takes properties of any name on purpose says so with `additionalProperties`.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json: {}  # want
      responses:
        "201": {description: Created.}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [item]
              properties:
                item: {type: string}
      responses:
        "201": {description: Created.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import RequestBody


@rule("untyped-request-body", checklist="api.validation", severity="warning", profile="regular", since="0.1")
def untyped_request_body(body: RequestBody) -> Findings:
    for media in body.untyped:
        whose = (
            f"The body of {body.operation}" if body.operation is not None else f"The request body '{body.place.key}'"
        )
        yield Finding(
            media.at,
            f"{whose} takes anything as {media}; describe it with a schema.",
            subject=f"{body.pointer} {media}",
        )
