"""A body may be left out, and has fields that may not.

`required` of a request body is false unless it says otherwise. A client may send nothing, and the server that counts
on the required fields fails on the absent whole.

Set `required: true` on the body.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:  # want
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

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        required: true
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


@rule("optional-body-with-required-fields", checklist="api.validation", severity="note", profile="strict", since="0.1")
def optional_body_with_required_fields(body: RequestBody) -> Findings:
    if body.required or not body.demands:
        return
    whose = f"The body of {body.operation}" if body.operation is not None else f"The request body '{body.place.key}'"
    names = ", ".join(f"'{name}'" for name in sorted(body.demands)[:3])
    yield Finding(
        body.at, f"{whose} may be left out, though it requires {names}; set required to true.", subject=body.pointer
    )
