"""A PUT stands on a collection.

PUT replaces what its address names. On `/orders` that is every order there is: a client that means to add one deletes
the rest, if the server takes the method at its word.

Replace one item by `PUT /orders/{id}`, and add one by `POST /orders`. A path is a collection when it
is in the plural and an item stands below it. One whose name says that it is to set or replace them all is silent.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    put:  # want
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        "200": {description: Saved.}
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One order.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    put:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        "200": {description: Saved.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Operation


@rule("put-on-collection", checklist="api.methods", severity="note", profile="strict", since="0.1")
def put_on_collection(operation: Operation) -> Findings:
    last = operation.last
    if operation.method != "PUT" or not operation.served or last is None or not last.plural:
        return
    if last.has_items and not last.mixed and not operation.replaces_all:
        yield Finding(
            operation.at,
            f"{operation} reads as replacing the whole collection, whose items have paths of their own; put one item, "
            "or post a new one.",
            subject=str(operation),
            related=operation.via,
        )
