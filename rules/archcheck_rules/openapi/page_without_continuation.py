"""A page does not say whether there is another.

A client that gets a hundred rows knows neither whether that was all nor where to go on. It asks until a page is empty,
or stops at the first and calls it everything.

Return where the next page starts (`next_cursor`, a `next` link, a `Link` header), or how many rows there are. Any
property or header whose name speaks of it counts. An API whose lists mostly say nothing is reported once as a whole.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:  # want
      parameters:
        - {name: page, in: query, schema: {type: integer}}
        - {name: per_page, in: query, schema: {type: integer, maximum: 100}}
      responses:
        "200":
          description: A page of orders.
          content: {application/json: {schema: {type: array, items: {type: object}}}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: page, in: query, schema: {type: integer}}
        - {name: per_page, in: query, schema: {type: integer, maximum: 100}}
      responses:
        "200":
          description: A page of orders.
          headers: {Link: {description: Where the next page is., schema: {type: string}}}
          content: {application/json: {schema: {type: array, items: {type: object}}}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule("page-without-continuation", checklist="api.pagination", severity="note", profile="regular", since="0.1")
def page_without_continuation(census: Census) -> Findings:
    paged = [operation for operation in census.operations if operation.pages]
    ending = [operation for operation in paged if not operation.onward]
    if census.widespread(ending, paged):
        yield Finding(
            ending[0].at,
            f"{census.share(ending, paged)} paged lists of {census} tell neither where the next page starts nor "
            f"how many rows there are ({census.told(ending)}); return one of them.",
            subject="pages",
        )
        return
    for operation in ending:
        yield Finding(
            operation.at,
            f"{operation} tells neither where the next page starts nor how many rows there are; return one of them.",
            subject=str(operation),
        )
