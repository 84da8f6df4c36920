"""A path has a query in it.

A path template names a place; what stands behind `?` is no part of it. Tools match such a key against nothing, or take
it for a second path beside the one without the query, so that its operations are neither tested nor protected.

Write the path without the query, and declare what it takes as parameters `in: query`.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders?status={status}:  # want
    get:
      responses:
        "200": {description: Fine.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: status, in: query, schema: {type: string}}]
      responses:
        "200": {description: Fine.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule(
    "query-in-path", checklist="api.resources", severity="error", profile="regular", since="0.1", precision="very-high"
)
def query_in_path(api: Api) -> Findings:
    for path, place in api.keys.items():
        before, mark, query = path.partition("?")
        if mark and before.startswith("/") and not before.endswith("{"):
            yield Finding(
                place.at,
                f"The path {path} has a query in it; write '{before}', and declare '{query}' as parameters in: query.",
                subject=path,
            )
