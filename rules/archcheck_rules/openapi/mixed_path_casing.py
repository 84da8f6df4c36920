"""A path is spelt in another style than the rest of the API.

With `/purchase-orders` beside `/returnLabels` every address has to be looked up, and a wrong guess is a 404.

Write all segments in one style. The style is the one that most segments of several words have; where no style is that
of most, nothing is said. A single word in lower case fits every style but PascalCase, and parameters, versions, file
names and well-known paths are not judged. The option `style` names the style to hold all segments to: `kebab-case`,
`snake_case`, `camelCase` or `PascalCase`.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /purchase-orders: {get: {responses: {"200": {description: Fine.}}}}
  /gift-cards: {get: {responses: {"200": {description: Fine.}}}}
  /price-lists: {get: {responses: {"200": {description: Fine.}}}}
  /returnLabels: {get: {responses: {"200": {description: Fine.}}}}  # want
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /purchase-orders: {get: {responses: {"200": {description: Fine.}}}}
  /gift-cards: {get: {responses: {"200": {description: Fine.}}}}
  /price-lists: {get: {responses: {"200": {description: Fine.}}}}
  /return-labels: {get: {responses: {"200": {description: Fine.}}}}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@dataclass(frozen=True, slots=True)
class Options:
    """`style` is the style of all segments, empty for the one that most have."""

    style: str = ""


@rule("mixed-path-casing", checklist="api.resources", severity="warning", profile="regular", since="0.1")
def mixed_path_casing(api: Api, options: Options) -> Findings:
    for odd in api.odd_casings(options.style):
        whose = "the paths are" if options.style else "most of the paths are"
        more = f", here and in {odd.count - 1} more," if odd.count > 1 else ","
        yield Finding(
            odd.at,
            f"'{odd.text}' in {odd.path} is written in {odd.style}{more} and {whose} in {odd.usual}; "
            "write it like the others.",
            subject=odd.text,
        )
