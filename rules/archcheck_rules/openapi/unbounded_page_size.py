"""A client may ask for a page of any size.

A list that is paged only when the client is polite is not paged: `limit=1000000` reads the table, fills the memory and
holds the connection, and it takes one client to do it.

Declare a `maximum` for the parameter, and enforce it. A parameter that many operations share is reported once where it
is defined, and an API whose page sizes mostly have no bound once as a whole. Only numbers are judged, and an `enum`
bounds as well. A maximum in words alone is a note. The option `parameters` names those that bound nothing.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer}}  # want
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {type: object}}}}}}
```
```yaml fixed
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {type: object}}}}}}
```
```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 500}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {type: object}}}}}}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census, fixing


@dataclass(frozen=True, slots=True)
class Options:
    """`parameters` are bounded elsewhere."""

    parameters: tuple[str, ...] = ()


@rule("unbounded-page-size", checklist="api.pagination", severity="warning", profile="regular", since="0.1")
def unbounded_page_size(census: Census, options: Options) -> Findings:
    judged = [size for size in census.page_sizes if size.name not in options.parameters]
    if census.widespread(open_ended := [size for size in judged if not size.bounded], judged):
        names = census.told(dict.fromkeys(f"'{size.name}'" for size in open_ended))
        bounds = tuple(dict.fromkeys(edit for size in open_ended for edit in size.edits))
        worded = [size for size in open_ended if size.told]
        yield Finding(
            open_ended[0].at,
            f"{census.share(open_ended, judged)} page sizes of {census} have no maximum"
            f"{', or one in words alone' if worded else ''} ({names}); declare and enforce one.",
            subject="page sizes",
            severity="note" if 2 * len(worded) > len(open_ended) else None,
            fix=fixing("declare a maximum for each", bounds if all(size.edits for size in open_ended) else ()),
        )
        return
    for size in open_ended:
        yield Finding(
            size.at,
            f"{size.problem}.",
            subject=f"{size.owner} {size.name}",
            severity="note" if size.told else None,
            fix=fixing("declare a maximum", size.edits),
        )
