"""A 201 does not say where the new item is.

A client that has created something wants to read it, link to it or change it next. Without a `Location` and without an
id in the answer it has to search for what it has just made.

Send `Location` with the address of the new item, or return the item with its id; best both. An answer that cannot be
read, or that may hold anything, is silent. A response shared by many operations is reported once, where it is defined.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        "201":  # want
          description: Created.
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        "201":
          description: Created.
          headers:
            Location: {schema: {type: string, format: uri-reference}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Response


@rule("created-without-location", checklist="api.status-codes", severity="note", profile="strict", since="0.1")
def created_without_location(response: Response) -> Findings:
    if not response.answers("201") or response.identifies:
        return
    owner = response.operation
    if owner is not None and owner.method != "POST":
        return
    sharing = response.sharing if response.statuses == ("201",) else ""
    yield Finding(
        response.at,
        f"{response} tells neither the Location nor an id of what was created; send a Location{sharing}.",
        subject=str(response),
    )
