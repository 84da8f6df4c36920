"""An error answers with nothing that a client can read.

A status alone says that something went wrong, not what: a client can neither show the reason nor tell one cause from
another, and whoever writes it guesses the fields from what the server happened to send.

Give every 4xx and 5xx response a schema, and all of them the same one. The answers of an operation are reported
together, a shared response once where it is defined, and an API whose errors mostly have none once as a whole. Answers
to HEAD have no body; `default`, what is not JSON, health and OAuth are not judged, nor what the option `statuses`
names.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        "201": {description: Created.}
        "400":  # want
          description: The order is not valid.
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        "201": {description: Created.}
        "400":
          description: The order is not valid.
          content:
            application/json:
              schema: {type: object, properties: {code: {type: string}, message: {type: string}}}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@dataclass(frozen=True, slots=True)
class Options:
    """`statuses` need no body."""

    statuses: tuple[str, ...] = ()


@rule("error-without-schema", checklist="api.errors", severity="warning", profile="regular", since="0.1")
def error_without_schema(census: Census, options: Options) -> Findings:
    judged = census.failures(options.statuses)
    lacking = [error for error in judged if not error.described]
    if census.widespread(lacking, judged):
        yield Finding(
            census.at,
            f"{census.share(lacking, judged)} error responses of {census} have no schema; describe one error for all.",
            subject="errors",
        )
        return
    for owner, errors in census.by_owner(lacking):
        statuses = census.told(status for error in errors for status in error.statuses if status != "default")
        yield Finding(
            errors[0].at, f"{owner} answers {statuses} without saying with what; give it a schema.", subject=owner
        )
