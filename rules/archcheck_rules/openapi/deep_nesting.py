"""A path goes through more than three resources.

A client has to know every parent to reach the child, even where the child has an id of its own, and a child that moves
to another parent changes its address.

Give the resource a path of its own with a filter for its parent: `/comments?post={id}`. Each collection with its item
is one level; versions, prefixes and actions are none. The option `levels` sets how many are allowed.

```yaml bad
openapi: 3.1.0
info: {title: Blog, version: 1.0.0}
paths:
  /blogs/{blog}/posts/{post}/comments/{comment}/likes:  # want
    get:
      parameters:
        - {name: blog, in: path, required: true, schema: {type: string}}
        - {name: post, in: path, required: true, schema: {type: string}}
        - {name: comment, in: path, required: true, schema: {type: string}}
      responses:
        "200": {description: Fine.}
```

```yaml good
openapi: 3.1.0
info: {title: Blog, version: 1.0.0}
paths:
  /comments/{comment}/likes:
    get:
      parameters: [{name: comment, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: Fine.}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Segment


@dataclass(frozen=True, slots=True)
class Options:
    """`levels` is how many resources a path may go through."""

    levels: int = 3


@rule("deep-nesting", checklist="api.resources", severity="note", profile="strict", since="0.1")
def deep_nesting(segment: Segment, options: Options) -> Findings:
    if segment.opens_level and segment.level == options.levels + 1:
        yield Finding(
            segment.at,
            f"{segment.path} goes through {segment.level} resources to reach '{segment}'; give it a path of its own, "
            "with a filter for what it belongs to.",
            subject=segment.prefix,
        )
