"""A release breaks clients, and its version does not tell.

Clients decide by the version whether they may update without reading: a break behind a small step meets them
unprepared.

Raise the major version, or keep what the last release promised. Of versions that are not semantic, any new one will
do.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info:
  title: Shop
  version: 1.4.0
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
  version: 1.5.0  # want
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info:
  title: Shop
  version: 1.4.0
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
  version: 2.0.0
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Release


@rule(
    "breaking-without-version-bump",
    checklist="contract.compatibility",
    severity="warning",
    profile="regular",
    since="0.1",
)
def breaking_without_version_bump(release: Release) -> Findings:
    if release.breaks and not release.promised:
        count = "1 change breaks" if release.breaks == 1 else f"{release.breaks} changes break"
        step = (
            f"is still {release.after}"
            if release.before == release.after
            else f"went {release.before} to {release.after}"
        )
        yield release.finding(f"{count} clients, and the version {step}; raise its major number.")
