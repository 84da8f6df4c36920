"""The API is served without encryption.

Over plain `http` everybody on the way reads the credentials and changes the answers, and a client that was given the
address once goes on using it.

Serve it over `https` alone, and offer no other scheme. Addresses of one's own machine or network (`localhost`, private
ranges, names without a dot, `.internal`, `.local`, `.test`) are left alone; the option `hosts` accepts others.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers:
  - url: http://api.shop.example/v1  # want
paths: {}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers:
  - url: https://api.shop.example/v1
  - url: http://localhost:8080/v1
paths: {}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Server


@dataclass(frozen=True, slots=True)
class Options:
    """`hosts` are parts of addresses that may stay as they are."""

    hosts: tuple[str, ...] = ()


@rule(
    "insecure-server",
    checklist="api.auth",
    severity="warning",
    profile="regular",
    since="0.1",
    security=7.4,
    cwe="CWE-319",
)
def insecure_server(server: Server, options: Options) -> Findings:
    if server.exposed and not any(host in server.exposed for host in options.hosts):
        yield Finding(
            server.exposed_at,
            f"The API is offered at '{server.exposed}' without encryption; offer https alone.",
            subject=server.exposed,
        )
