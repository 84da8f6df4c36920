"""A path is gone.

Every client that asks for it gets 404 from the day of the release, those that nobody can update included.

Keep the path and mark its operations as deprecated, with the day on which they leave in `x-sunset`; remove them when
that day has come.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
  /carts:
    get: {responses: {"200": {description: Done.}}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:  # want
  /orders:
    get: {responses: {"200": {description: Done.}}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
  /carts:
    get: {responses: {"200": {description: Done.}}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
  /carts:
    get: {responses: {"200": {description: Done.}}}
  /baskets:
    get: {responses: {"200": {description: Done.}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Removal


@rule("removed-path", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def removed_path(removal: Removal) -> Findings:
    if removal.of == "path" and not removal.planned:
        it, its = ("them", "their") if removal.also else ("it", "its")
        yield removal.finding(
            f"The path {removal.name}{removal.more} {removal.are} gone{removal.early}; keep {it}, as deprecated, until "
            f"{its} clients have moved."
        )
