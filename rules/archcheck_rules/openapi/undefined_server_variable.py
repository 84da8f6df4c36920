"""A server's address has a variable that is not defined, or that starts with a value it may not have.

No client can build the address: it is called with the braces in it.

Define the variable with a default, and keep the default among the values of its `enum`.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
servers:
  - url: https://{region}.example.com  # want
paths: {}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
servers:
  - url: https://{region}.example.com
    variables:
      region: {default: eu, enum: [eu, us]}
paths: {}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Server


@rule(
    "undefined-server-variable",
    checklist="api.structure",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def undefined_server_variable(server: Server) -> Findings:
    for place, problem, cure in server.flaws:
        yield Finding(place.at, f"{problem}; {cure}.", subject=f"{place.pointer} {problem.partition(',')[0]}")
