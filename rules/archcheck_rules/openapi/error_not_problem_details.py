"""Errors have a format of their own where a standard one exists.

`application/problem+json` (RFC 9457) gives an error a type, a title, a status and a detail, and leaves room for more.
Gateways, clients and tools know it already; a format of one's own has to be explained to each of them.

Answer errors as `application/problem+json`. It is said once for the API when most of its errors are something else,
otherwise of each. Errors without any schema are reported by error-without-schema.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "400":  # want
          description: The filter is not valid.
          content:
            application/json:
              schema: {type: object, properties: {message: {type: string}}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "400":
          description: The filter is not valid.
          content:
            application/problem+json:
              schema: {type: object, properties: {title: {type: string}, status: {type: integer}}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule("error-not-problem-details", checklist="api.errors", severity="note", profile="audit", since="0.1")
def error_not_problem_details(census: Census) -> Findings:
    judged = [error for error in census.errors if error.described]
    other = [error for error in judged if not error.problem]
    if census.widespread(other, judged):
        yield Finding(
            census.at,
            f"{census.share(other, judged)} described errors of {census} are not application/problem+json; "
            "use the standard format.",
            subject="errors",
        )
        return
    for owner, errors in census.by_owner(other):
        statuses = census.told(status for error in errors for status in error.statuses)
        yield Finding(
            errors[0].at, f"{owner} answers {statuses} in a format of its own; use problem+json.", subject=owner
        )
