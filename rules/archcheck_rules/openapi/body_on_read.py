"""A GET or HEAD takes a body.

A body on GET means nothing in HTTP: caches ignore it, proxies drop it, browsers and many clients cannot send it at all.
OpenAPI 2.0 and 3.0 rule it out and tools leave it out; 3.1 allows it and warns of it.

Take what selects as query parameters, or make it a `POST /orders/search`. A body on DELETE, which HTTP discourages in
the same words, is a note in the strict profile. An API that does so on most of its reads is told so once.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:  # want
      requestBody:
        content:
          application/json: {schema: {type: object, properties: {status: {type: string}}}}
      responses:
        "200": {description: The orders.}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: status, in: query, schema: {type: string}}]
      responses:
        "200": {description: The orders.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule("body-on-read", checklist="api.methods", severity="error", profile="regular", since="0.1", precision="very-high")
def body_on_read(census: Census) -> Findings:
    reads = [operation for operation in census.operations if operation.method in ("GET", "HEAD")]
    taking = [operation for operation in reads if operation.body]
    if census.widespread(taking, reads):
        yield Finding(
            census.at,
            f"{len(taking)} of {len(reads)} reading operations declare a body, which GET has no use for; leave it out, "
            "and take query parameters.",
            subject="operations",
            severity="warning" if census.api.modern else None,
        )
        taking = []
    for operation in taking:
        yield Finding(
            operation.at,
            f"{operation} declares a body, for which {operation.method} has no use; take query parameters, or POST.",
            subject=str(operation),
            severity="warning" if census.api.modern else None,
        )
    yield from _on_delete(census)


def _on_delete(census: Census) -> Findings:
    removals = [operation for operation in census.operations if operation.method == "DELETE"]
    taking = [operation for operation in removals if operation.body]
    if census.widespread(taking, removals):
        problem = f"{len(taking)} of {len(removals)} DELETE operations declare a body"
        told = [(census.at, problem, "DELETE")]
    else:
        told = [(operation.at, f"{operation} declares a body", str(operation)) for operation in taking]
    for at, problem, subject in told:
        message = f"{problem}, which proxies may drop; put what it needs into the path or the query."
        yield Finding(at, message, subject=subject, severity="note", profile="strict")
