"""A status of success is gone.

Clients compare the status with the one they know: an answer with another one is a failure to them.

Answer with the same status, or offer the new behaviour under another path or version.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        "200": {description: Stored.}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:  # want
        "201": {description: Stored.}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        "200": {description: Stored.}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        "200": {description: Stored.}
        "202": {description: Taken.}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Removal


@rule("removed-success-status", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def removed_success_status(removal: Removal) -> Findings:
    if removal.of == "success status" and not removal.planned:
        yield removal.finding(
            f"The answer {removal.name} is gone{removal.place}; keep it, or clients take the new one for a failure."
        )
