"""The document does not say what the API is, whom to ask, or what one may do with it.

A description, a contact and a license are what a stranger looks for first.

Add them to `info`.

```yaml bad
openapi: 3.0.3
info:  # want
  title: Shop
  version: 1.0.0
paths: {}
```

```yaml good
openapi: 3.0.3
info:
  title: Shop
  version: 1.0.0
  description: Orders and what is paid for them.
  contact: {email: api@example.com}
  license: {name: Apache-2.0}
paths: {}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule(
    "incomplete-info",
    checklist="api.documentation",
    severity="note",
    profile="audit",
    since="0.1",
    precision="very-high",
)
def incomplete_info(api: Api) -> Findings:
    info = api.place.child("info")
    missing = [key for key in ("description", "contact", "license") if info is not None and info.child(key) is None]
    if info is not None and missing:
        listed = " and no ".join((", no ".join(missing[:-1]), missing[-1]) if len(missing) > 1 else missing)
        yield Finding(info.at, f"'{api}' has no {listed} in its info; add what is missing.", subject="info")
