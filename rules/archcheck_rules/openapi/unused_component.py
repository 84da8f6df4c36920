"""Nothing leads to a shared object.

Readers study it, generators make a class of it, and nobody notices when it is wrong.

Remove it, or use it. References count, the names in security requirements and in the mapping of a discriminator, and
what is derived from a schema that has one. A document without paths and webhooks is a library for others, and left
alone. Where there are many, that is said once, with the count.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /health: {get: {responses: {"200": {description: It lives.}}}}
components:
  schemas:
    Order:  # want
      type: object
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200":
          description: One order.
          content:
            application/json: {schema: {$ref: "#/components/schemas/Order"}}
components:
  schemas:
    Order:
      type: object
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@dataclass(frozen=True, slots=True)
class Options:
    """`most` unused objects are named one by one; more of them are one finding."""

    most: int = 20


@rule("unused-component", checklist="api.structure", severity="note", profile="regular", since="0.1")
def unused_component(api: Api, options: Options) -> Findings:
    if len(api.unused) > options.most:
        first = api.unused[0]
        yield Finding(
            first.at,
            f"Nothing leads to {len(api.unused)} shared objects, such as the {first.label}; remove or use them.",
            subject="components",
        )
        return
    for spot in api.unused:
        yield Finding(spot.at, f"Nothing leads to the {spot.label}; remove it, or use it.", subject=spot.label)
