"""A list is answered with a bare array.

An array has no room beside its items: no cursor, no total, no warning, ever. Whatever is added later breaks every
client that has learned to expect the array.

Answer with an object that holds the items, such as `{"data": [...], "next_cursor": ...}`. Lists that page through a
`Link` header lose nothing today, which is why this is only said in the strict profile. An API whose lists mostly are
bare arrays is reported once as a whole.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:  # want
      responses:
        "200":
          description: All orders.
          content: {application/json: {schema: {type: array, items: {type: object}}}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200":
          description: All orders.
          content:
            application/json:
              schema: {type: object, properties: {data: {type: array, items: {type: object}}}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule("bare-array-response", checklist="api.pagination", severity="note", profile="strict", since="0.1")
def bare_array_response(census: Census) -> Findings:
    lists = [operation for operation in census.operations if operation.lists]
    bare = [operation for operation in lists if operation.bare]
    if census.widespread(bare, lists):
        yield Finding(
            bare[0].at,
            f"{census.share(bare, lists)} lists of {census} answer with a bare array ({census.told(bare)}); "
            "answer with an object that holds the items.",
            subject="lists",
        )
        return
    for operation in bare:
        yield Finding(
            operation.at,
            f"{operation} answers with a bare array, which has no room for page data; wrap it in an object.",
            subject=str(operation),
        )
