"""A `$ref` leads nowhere.

Whatever stands behind it is missing from the contract: generators fail, documentation shows a hole, and a validator
that ignores it lets everything through.

Correct the path or the pointer, or restore what it named. A reference that leads over the network or out of the project
is not followed and not judged here; a file that is there and cannot be read is reported as unread.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Ordr"  # want
      responses:
        "201": {description: Created.}
components:
  schemas:
    Order:
      type: object
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Order"
      responses:
        "201": {description: Created.}
components:
  schemas:
    Order:
      type: object
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Reference


@rule(
    "unresolved-ref", checklist="api.structure", severity="error", profile="regular", since="0.1", precision="very-high"
)
def unresolved_ref(reference: Reference) -> Findings:
    if reference.broken:
        cure = f"'{reference.nearest}' is there" if reference.nearest else "correct it, or restore what it named"
        yield Finding(
            reference.at,
            f"The reference '{reference}' leads nowhere: {reference.reason}; {cure}.",
            subject=f"{reference.pointer} -> {reference}",
        )
