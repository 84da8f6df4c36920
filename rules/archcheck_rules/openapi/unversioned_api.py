"""Nothing tells one version of the API from the next.

The first change that breaks a client has to go somewhere. Where no version stands in the address, in a header or in a
media type, it goes into the one API there is, and everybody breaks at once.

Put a version into the server's address or the paths (`/v1`), or ask for it in a header, a media type or a query
parameter, before the first client is written. A version in the host counts, and so does a description that tells of a
header. The version in `info` is that of the document, and chooses nothing.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers:
  - url: https://api.shop.example
paths:  # want
  /orders:
    get: {responses: {"200": {description: All orders.}}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers:
  - url: https://api.shop.example/v1
paths:
  /orders:
    get: {responses: {"200": {description: All orders.}}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule("unversioned-api", checklist="api.versioning", severity="warning", profile="regular", since="0.1")
def unversioned_api(census: Census) -> Findings:
    judged = [operation for operation in census.operations if operation.nature != "public"]
    if not judged or not census.whole or census.strategies or census.told_of_versions:
        return
    yield Finding(
        census.at,
        f"{census} tells its versions apart nowhere: not by address, path, header, media type or query; "
        "put a version into the server's address.",
        subject="version",
    )
