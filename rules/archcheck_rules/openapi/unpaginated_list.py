"""A collection is returned whole.

The list that fits in one response today is the outage of next year: it grows with every customer, and the day it is
too large no client knows how to ask for a part of it. Adding pages later breaks everyone who counts on getting
everything.

Accept `cursor` and `limit`, or `page` and `per_page`, from the first release, and return where the next part starts.
Any parameter of that kind counts (the option `parameters` names more), and so does an answer that leads on: a `next`, a
cursor, a `Link` header. Arrays with `maxItems` cannot grow, countries and currencies hardly do (the option `bounded`
names more). A list to which no operation adds, of which none can be changed, and whose items do not tell when they were
made may be a catalogue, short by nature: a note, in strict.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:  # want
      responses:
        "200":
          description: All orders.
          content:
            application/json:
              schema: {type: array, items: {type: object}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: cursor, in: query, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
      responses:
        "200":
          description: A page of orders, newest first.
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: {type: array, items: {type: object}}
                  next_cursor: {type: string}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.openapi import Census


@dataclass(frozen=True, slots=True)
class Options:
    """`parameters` page too, whatever they are called; `bounded` are last words of paths whose lists stay short."""

    parameters: tuple[str, ...] = ()
    bounded: tuple[str, ...] = ()


@rule("unpaginated-list", checklist="api.pagination", severity="warning", profile="regular", since="0.1")
def unpaginated_list(census: Census, options: Options) -> Findings:
    for operation, listed in census.unpaged(options.parameters, options.bounded):
        what = f"every item of '{listed.property}'" if listed.property else "every item"
        quiet = not census.grows(operation)
        yield Finding(
            operation.at,
            f"{operation} returns {what} at once; accept cursor and limit, or page and per_page.",
            subject=str(operation),
            related=tuple(Related(at, "referenced here") for at in listed.via),
            severity="note" if quiet else None,
            profile="strict" if quiet else None,
        )
