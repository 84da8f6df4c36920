"""A mapping has the same key twice.

One of the two is lost without a word: most parsers keep the later one, some the first, some stop.

Remove one, or merge the two.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses: {"200": {description: Orders.}}
  /orders:  # want
    post:
      responses: {"201": {description: Created.}}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses: {"200": {description: Orders.}}
    post:
      responses: {"201": {description: Created.}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.openapi import Api


@rule(
    "duplicate-key", checklist="api.structure", severity="error", profile="regular", since="0.1", precision="very-high"
)
def duplicate_key(api: Api) -> Findings:
    for repeat in api.repeats:
        yield Finding(
            repeat.later,
            f"The key '{repeat.key}' stands twice in this mapping, and one of them is lost; merge them or remove one.",
            subject=repeat.key,
            related=(Related(repeat.first, "the first"),),
        )
