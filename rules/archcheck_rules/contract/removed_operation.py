"""An operation is gone from a path that stays.

Clients that call it get 405 or 404 from the day of the release.

Keep it and mark it as deprecated, with the day on which it leaves in `x-sunset`; remove it when that day has come.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
    delete: {responses: {"200": {description: Done.}}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:  # want
    get: {responses: {"200": {description: Done.}}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
    delete: {responses: {"200": {description: Done.}}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
    delete: {deprecated: true, x-sunset: "2027-01-31", responses: {"200": {description: Done.}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Removal


@rule("removed-operation", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def removed_operation(removal: Removal) -> Findings:
    if removal.of == "operation" and not removal.planned:
        yield removal.finding(
            f"{removal.name} is gone{removal.early}; keep it, marked as deprecated, until its clients have moved."
        )
