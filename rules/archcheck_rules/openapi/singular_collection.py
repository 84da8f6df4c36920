"""A collection has a singular name.

`/user/{id}` beside `/orders/{id}` makes every client look up which of the two it is this time. A collection is named in
the plural, so that `/users` is all of them and `/users/{id}` is one.

Name the collection in the plural, and keep the old path as a deprecated alias while clients move. A segment is judged
when an item stands below it (`/user/{id}`) or when a GET on it returns a list. Words that are not known to be countable
nouns are left alone, as are segments that filter (`/orders/customer/{id}`); the option `uncountable` leaves out more.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /user/{id}:  # want
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One user.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /users/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One user.}
  /account:
    get:
      responses:
        "200": {description: The account of the caller.}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Segment


@dataclass(frozen=True, slots=True)
class Options:
    """`uncountable` are words that stay as they are, in the singular."""

    uncountable: tuple[str, ...] = ()


@rule("singular-collection", checklist="api.resources", severity="warning", profile="regular", since="0.1")
def singular_collection(segment: Segment, options: Options) -> Findings:
    if not segment.singular or segment.beside_plural or segment.word in options.uncountable or segment.filters:
        return
    if segment.item_path:
        reason = f"names a collection, for {segment.item_path} is one of its items"
    elif segment.lists:
        reason = f"names a collection, for GET {segment.path} returns a list"
    else:
        return
    yield Finding(
        segment.at,
        f"'{segment}' {reason}; call it '{segment.plural}'.",
        subject=segment.prefix,
    )
