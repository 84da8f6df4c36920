"""A successful answer has content and no schema.

That there is JSON is all a client learns. It has no type for it, and no test notices when it changes.

Describe the answer. JSON is judged; files and streams need no schema. A response shared by many operations is
reported once, where it is defined.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200":
          description: Orders.
          content:
            application/json: {}  # want
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200":
          description: Orders.
          content:
            application/json:
              schema: {type: array, items: {type: string}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Response


@rule("response-without-schema", checklist="api.documentation", severity="warning", profile="regular", since="0.1")
def response_without_schema(response: Response) -> Findings:
    for media in response.undescribed:
        yield Finding(
            media.at,
            f"{response} answers {media} and does not say what is in it; add a schema{response.sharing}.",
            subject=f"{response} {media}",
        )
