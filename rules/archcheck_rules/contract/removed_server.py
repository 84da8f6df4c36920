"""A server is gone.

Clients that were pointed at it reach nobody from the day it is switched off.

Keep it, and answer with redirects, until nobody asks there any more. Servers of the whole document, of a path and of an
operation are held against each other.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers:
  - url: https://shop.test
  - url: https://eu.shop.test
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers:  # want
  - url: https://shop.test
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers:
  - url: https://shop.test
  - url: https://eu.shop.test
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers:
  - url: https://shop.test
  - url: https://eu.shop.test
  - url: https://us.shop.test
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Removal


@rule("removed-server", checklist="contract.compatibility", severity="error", profile="regular", since="0.1")
def removed_server(removal: Removal) -> Findings:
    if removal.of == "server" and not removal.planned:
        yield removal.finding(f"The server {removal.name} is gone; keep it until nobody asks there any more.")
