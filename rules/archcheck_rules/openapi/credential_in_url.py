"""A secret travels in the URL.

URLs are written down everywhere: in the logs of servers and proxies, in browsers' histories, in `Referer` headers, in
the links people send each other. What stands in one is not secret for long.

Send it in a header or in the body. A scheme of type `apiKey` in the query counts, and a query or path parameter whose
name ends in a secret: `password`, `api_key`, `access_token`, `client_secret`. A bare `token` does not, for it may mark
a page or be used once; names of secrets that are kept as resources do not either. The option `names` accepts some.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: access_token, in: query, schema: {type: string}}  # want
      responses: {"200": {description: All orders.}}
components:
  securitySchemes:
    key:
      type: apiKey
      in: query
      name: api_key  # want
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: page_token, in: query, schema: {type: string}}
      responses: {"200": {description: All orders.}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Api-Key}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Credential


@dataclass(frozen=True, slots=True)
class Options:
    """`names` may stand in a URL."""

    names: tuple[str, ...] = ()


@rule(
    "credential-in-url",
    checklist="api.auth",
    severity="warning",
    profile="regular",
    since="0.1",
    security=6.5,
    cwe="CWE-598",
)
def credential_in_url(credential: Credential, options: Options) -> Findings:
    if credential.name not in options.names:
        what = "The API key" if credential.scheme else "The secret"
        where = "as a query parameter" if credential.location == "query" else "in the path"
        yield Finding(
            credential.naming.at,
            f"{what} '{credential}' travels {where}, where logs and histories keep it; send it in a header.",
            subject=f"{credential.pointer} {credential}",
        )
