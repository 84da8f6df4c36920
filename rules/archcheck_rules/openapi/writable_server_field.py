"""A client may set what is the server's to keep.

Whoever may send `role` with a new account, sends `admin`. Whoever may send `created_at`, rewrites history. Frameworks
bind what comes in to the fields of the same name.

Mark the property `readOnly`, or give the request a schema of its own. Looked for are ids, the times of creation and
change, the role of an account, marks of administrators. The role of a member is given by whoever adds it, and an id in
a PUT or alone in a body names what is there already. Where most bodies have such a field, that is said once.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /users:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                email: {type: string}
                is_admin: {type: boolean}  # want
      responses: {"201": {description: Created.}}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /users:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                email: {type: string}
                is_admin: {type: boolean, readOnly: true}
      responses: {"201": {description: Created.}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule("writable-server-field", checklist="api.validation", severity="note", profile="strict", since="0.1")
def writable_server_field(api: Api) -> Findings:
    tally = api.tally("settable fields")
    if tally.widespread:
        counted = f"{len(tally.spots)} of {tally.owed}"
        yield Finding(
            api.home,
            f"{counted} request bodies let a client set what the server keeps, such as ids; mark it readOnly.",
            subject="fields",
        )
    for spot in tally.outliers:
        yield Finding(spot.at, f"{spot.label} in its body; mark it readOnly, or take it out.", subject=spot.label)
