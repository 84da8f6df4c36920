"""A deprecated operation does not say until when it works.

"Deprecated" without a date is a wish. Nobody schedules a migration for it, and on the day it is switched off everybody
is surprised.

Say when: a `Sunset` header on its responses, an extension such as `x-sunset`, or a date or release in its description.
An API whose deprecated operations mostly say nothing is reported once as a whole.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /baskets:
    get:  # want
      deprecated: true
      responses: {"200": {description: All baskets.}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /baskets:
    get:
      deprecated: true
      x-sunset: 2027-03-01
      responses: {"200": {description: All baskets.}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule("deprecated-without-sunset", checklist="api.versioning", severity="note", profile="strict", since="0.1")
def deprecated_without_sunset(census: Census) -> Findings:
    deprecated = [operation for operation in census.operations if operation.deprecated]
    undated = [operation for operation in deprecated if operation.deprecated == "undated"]
    if census.widespread(undated, deprecated):
        yield Finding(
            undated[0].at,
            f"{census.share(undated, deprecated)} deprecated operations of {census} do not say until when they "
            f"work ({census.told(undated)}); give each a Sunset header, x-sunset or a date.",
            subject="deprecated operations",
        )
        return
    for operation in undated:
        yield Finding(
            operation.at,
            f"{operation} is deprecated and does not say until when it works; give it a Sunset header or a date.",
            subject=str(operation),
        )
