"""Some paths end in a slash and most do not, or the reverse.

`/orders` and `/orders/` are two addresses. Servers answer the wrong one with a redirect, which turns a POST into a GET
in many clients, or with a 404.

End all paths alike, best without a slash, and redirect the other form with 308 where clients use it. The path `/` is
not judged, nor is an API in which no form is that of most paths.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders: {get: {responses: {"200": {description: Fine.}}}}
  /carts: {get: {responses: {"200": {description: Fine.}}}}
  /prices: {get: {responses: {"200": {description: Fine.}}}}
  /labels/: {get: {responses: {"200": {description: Fine.}}}}  # want
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders: {get: {responses: {"200": {description: Fine.}}}}
  /carts: {get: {responses: {"200": {description: Fine.}}}}
  /prices: {get: {responses: {"200": {description: Fine.}}}}
  /labels: {get: {responses: {"200": {description: Fine.}}}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule(
    "mixed-trailing-slash",
    checklist="api.resources",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def mixed_trailing_slash(api: Api) -> Findings:
    for odd in api.odd_slashes:
        yield Finding(
            odd.at,
            f"{odd.path} ends in {odd.style}, where most of the paths end in {odd.usual}; end them all alike.",
            subject=odd.path,
        )
