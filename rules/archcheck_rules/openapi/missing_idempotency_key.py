"""A creation that is repeated creates twice.

A client whose connection breaks does not know whether the order was placed. It tries again, and without a key that says
"this is the same one" the customer pays twice.

Accept an `Idempotency-Key` header on every POST that creates, and answer the second call as the first. A body property
for the same purpose counts, such as `client_token` or `request_id`, and so does a description that speaks of it. An API
most of whose creations take none is reported once as a whole.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:  # want
      responses: {"201": {description: Created.}}
  /orders/{id}:
    get: {responses: {"200": {description: One order.}}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      responses: {"201": {description: Created.}}
  /orders/{id}:
    get: {responses: {"200": {description: One order.}}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule("missing-idempotency-key", checklist="api.events", severity="note", profile="audit", since="0.1")
def missing_idempotency_key(census: Census) -> Findings:
    creating = [operation for operation in census.operations if operation.creates]
    repeated = [operation for operation in creating if not operation.idempotent]
    if census.widespread(repeated, creating):
        yield Finding(
            repeated[0].at,
            f"{census.share(repeated, creating)} creations of {census} take no Idempotency-Key "
            f"({census.told(repeated)}); accept one, so that a retry does no harm.",
            subject="creations",
        )
        return
    for operation in repeated:
        yield Finding(
            operation.at,
            f"{operation} takes no Idempotency-Key, so that a retry creates twice; accept one.",
            subject=str(operation),
        )
