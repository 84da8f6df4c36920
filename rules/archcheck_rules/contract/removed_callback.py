"""A callback or a webhook is gone.

Clients wait for a call that never comes, and nothing tells them so.

Keep calling those who asked for it, and mark it as deprecated.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses: {"200": {description: Done.}}
      callbacks:
        paid: {"{$request.query.url}": {post: {responses: {"200": {description: Done.}}}}}
        sent: {"{$request.query.url}": {post: {responses: {"200": {description: Done.}}}}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses: {"200": {description: Done.}}
      callbacks:  # want
        paid: {"{$request.query.url}": {post: {responses: {"200": {description: Done.}}}}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses: {"200": {description: Done.}}
      callbacks:
        paid: {"{$request.query.url}": {post: {responses: {"200": {description: Done.}}}}}
        sent: {"{$request.query.url}": {post: {responses: {"200": {description: Done.}}}}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses: {"200": {description: Done.}}
      callbacks:
        paid: {"{$request.query.url}": {post: {responses: {"200": {description: Done.}}}}}
        sent: {"{$request.query.url}": {post: {responses: {"200": {description: Done.}}}}}
        late: {"{$request.query.url}": {post: {responses: {"200": {description: Done.}}}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Removal


@rule("removed-callback", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def removed_callback(removal: Removal) -> Findings:
    if removal.of == "callback" and not removal.planned:
        yield removal.finding(
            f"'{removal.name}' is no longer called{removal.place}; keep calling the clients that wait for it."
        )
