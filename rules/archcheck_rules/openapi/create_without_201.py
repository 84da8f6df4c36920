"""A POST that creates does not answer 201.

A client that reads 200 cannot tell a new item from an old one, a proxy cannot tell what may be retried, and a generated
client has no type for "created". 201 says that something is there now that was not there before, and its `Location`
says where.

Answer 201 with the new item or its `Location`; 202 where the work goes on after the answer; 204 where there is nothing
to return. Only a POST to a collection whose items have a path of their own is judged; one that searches, checks,
replaces, attaches or takes many at once is not. An API that answers most creations so is told once. The option
`accepted` takes further statuses.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:  # want
      summary: Place an order
      responses:
        "200": {description: Done.}
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
  /orders:
    post:
      summary: Place an order
      responses:
        "201": {description: Created.}
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One order.}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census

_STYLE = 5


@dataclass(frozen=True, slots=True)
class Options:
    """`accepted` are further statuses with which a creation may be answered."""

    accepted: tuple[str, ...] = ()


@rule("create-without-201", checklist="api.status-codes", severity="warning", profile="regular", since="0.1")
def create_without_201(census: Census, options: Options) -> Findings:
    creating = [operation for operation in census.operations if operation.creates]
    plain = [one for one in creating if one.successes == ("200",) and "200" not in options.accepted]
    if len(plain) >= _STYLE and 2 * len(plain) > len(creating):
        yield Finding(
            census.at,
            f"{len(plain)} of {len(creating)} operations that create an item answer 200, {plain[0]} for one; answer "
            "201 with a Location, or 202 while work goes on.",
            subject="operations",
        )
        return
    for operation in plain:
        yield Finding(
            operation.at,
            f"{operation} creates an item and answers 200; answer 201 with its Location, or 202 while work goes on.",
            subject=str(operation),
        )
