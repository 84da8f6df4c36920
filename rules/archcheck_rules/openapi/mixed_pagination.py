"""A list is paged in another way than most of the API.

Every style needs code of its own in every client: what walks through pages by number cannot follow a cursor. One list
that differs is the one whose second page nobody ever reads.

Page as the rest of the API does, or accept its parameters as well. A style prevails when more than half of the lists
that are paged accept it, and three at least. Lists that take a limit alone have no style, a later version of a list
(`/v2/orders` beside `/orders`) may page in a newer one, and what has servers of its own is another API. The option
`paths` leaves out lists by the beginning of their path.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders: &list
    get:
      parameters: [{name: cursor, in: query, schema: {type: string}}]
      responses: &page
        "200": {description: A page., content: {application/json: {schema: {type: array, items: {type: object}}}}}
  /users: *list
  /items: *list
  /invoices:
    get:  # want
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses: *page
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders: &list
    get:
      parameters: [{name: cursor, in: query, schema: {type: string}}]
      responses:
        "200": {description: A page., content: {application/json: {schema: {type: array, items: {type: object}}}}}
  /users: *list
  /items: *list
  /invoices: *list
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@dataclass(frozen=True, slots=True)
class Options:
    """`paths` are beginnings of paths that page as they like."""

    paths: tuple[str, ...] = ()


@rule("mixed-pagination", checklist="api.pagination", severity="warning", profile="regular", since="0.1")
def mixed_pagination(census: Census, options: Options) -> Findings:
    usual = frozenset(census.paging)
    for operation in census.operations:
        if not usual or not operation.styles or not usual.isdisjoint(operation.styles):
            continue
        if operation.path.startswith(options.paths) or operation.elsewhere or census.renews(operation):
            continue
        yield Finding(
            operation.at,
            f"{operation} is paged by {operation.styles[0]}, and most lists by {' or '.join(census.paging)}; "
            "page all of them alike.",
            subject=str(operation),
        )
