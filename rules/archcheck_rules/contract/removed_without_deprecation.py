"""Something left without ever having been marked as deprecated.

Clients learn of it by an error in production: no release told them that it would go.

Mark what will leave as deprecated one release ahead, with the day in `x-sunset`, and remove it in a later one.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info:
  title: Shop
  version: 1.0.0
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
  /carts:
    get: {responses: {"200": {description: Done.}}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info:
  title: Shop
  version: 2.0.0  # want
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info:
  title: Shop
  version: 1.0.0
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
  /carts:
    get: {responses: {"200": {description: Done.}}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info:
  title: Shop
  version: 1.1.0
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
  /carts:
    get: {deprecated: true, responses: {"200": {description: Done.}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Release, listed


@rule(
    "removed-without-deprecation",
    checklist="contract.compatibility",
    severity="warning",
    profile="regular",
    since="0.1",
)
def removed_without_deprecation(release: Release) -> Findings:
    if release.unannounced:
        names = listed(release.unannounced)
        yield release.finding(f"{names} left unannounced; mark what will leave as deprecated one release ahead.")
