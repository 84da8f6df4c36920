"""Versions are told apart in two ways.

Some paths begin with `/v1` and others do not, or the path says one version and a header another. Nobody can say which
version a call is, and a gateway that routes by the one never sees the other.

Choose one way and keep to it. A version in the server's address holds for all paths, which then need none of their own.
Health, documentation, `.well-known` and OAuth paths are exempt, and so are different versions told in the same way. It
is said once for the API; the option `paths` leaves out paths by their beginning.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /v1/orders:
    get: {responses: {"200": {description: All orders.}}}
  /v1/users:
    get: {responses: {"200": {description: All users.}}}
  /invoices:
    get:  # want
      responses: {"200": {description: All invoices.}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /v1/orders:
    get: {responses: {"200": {description: All orders.}}}
  /v2/orders:
    get: {responses: {"200": {description: All orders.}}}
  /health:
    get: {responses: {"200": {description: All is well.}}}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@dataclass(frozen=True, slots=True)
class Options:
    """`paths` are beginnings of paths that are versioned in their own way."""

    paths: tuple[str, ...] = ()


@rule("mixed-versioning", checklist="api.versioning", severity="warning", profile="regular", since="0.1")
def mixed_versioning(census: Census, options: Options) -> Findings:
    judged = [one for one in census.operations if one.nature == "" and "elsewhere" not in one.versions]
    judged = [one for one in judged if not one.path.startswith(options.paths)]
    versioned = [operation for operation in judged if "path" in operation.versions]
    bare = [operation for operation in judged if "path" not in operation.versions]
    other = [strategy for strategy in census.strategies if strategy.partition(":")[0] in ("server", "header", "query")]
    if versioned and other:
        told = census.told("the server's address" if one == "server" else f"'{one.partition(':')[2]}'" for one in other)
        message = f"{census} is versioned by path ({versioned[0].path}) and by {told}; choose one of them."
        yield Finding(versioned[0].at, message, subject="strategies")
    elif versioned and bare:
        few = bare if len(bare) <= len(versioned) else versioned
        paths = [list(dict.fromkeys(operation.path for operation in group)) for group in (versioned, bare)]
        told = census.told(paths[0] if few is versioned else paths[1])
        yield Finding(
            few[0].at,
            f"{census} has a version in {len(paths[0])} of its paths and none in {len(paths[1])} of them ({told}); "
            "version all of them in one way.",
            subject="paths",
        )
