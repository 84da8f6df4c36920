"""A GET says by its name that it changes something.

GET is safe by contract: browsers fetch links ahead, crawlers follow them, proxies repeat and caches swallow them. A GET
that deletes does so for each of them.

Make it a POST, PUT, PATCH or DELETE; or name it after what it returns, if it changes nothing. Judged is the verb that
leads the last segment of the path or the operationId.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}/delete:
    get:  # want
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "204": {description: Gone.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    delete:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "204": {description: Gone.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Operation


@rule("read-that-writes", checklist="api.methods", severity="warning", profile="regular", since="0.1")
def read_that_writes(operation: Operation) -> Findings:
    if operation.method in ("GET", "HEAD") and (verb := operation.changes_by_name):
        called = f", called '{operation.id}'," if operation.id else ""
        yield Finding(
            operation.at,
            f"{operation}{called} says that it is to {verb} something, which {operation.method} never does; use a "
            "method that writes, or name it after what it returns.",
            subject=str(operation),
            related=operation.via,
        )
