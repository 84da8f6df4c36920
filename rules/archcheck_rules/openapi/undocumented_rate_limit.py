"""Nothing says that clients are limited.

Sooner or later every public API turns somebody away. A client that was never told of 429 treats it as a failure and
retries at once, so that the limit makes the load it was meant to take off.

Limit every client, and document `429` with `Retry-After` and the headers that tell what is left. Where no operation
does, it is said once for the API, and more quietly when the description tells of limits in prose. Where most do, each
that does not is reported; health and the like are not (the option `paths` leaves out more), and login and the like are
reported by unlimited-auth-endpoint.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:  # want
  /orders:
    get:
      responses:
        "200": {description: All orders.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200": {description: All orders.}
        "429":
          description: Too many requests.
          headers: {Retry-After: {schema: {type: integer}}}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@dataclass(frozen=True, slots=True)
class Options:
    """`paths` are beginnings of paths that are not limited."""

    paths: tuple[str, ...] = ()


@rule("undocumented-rate-limit", checklist="api.rate-limits", severity="warning", profile="regular", since="0.1")
def undocumented_rate_limit(census: Census, options: Options) -> Findings:
    judged = [
        one for one in census.operations if one.nature == "" and one.read and not one.path.startswith(options.paths)
    ]
    silent = [operation for operation in judged if not operation.limited]
    if judged and len(silent) == len(judged) and census.whole and not any(one.limited for one in census.operations):
        told = " beyond its prose" if census.told_of_limits else ""
        yield Finding(
            census.at,
            f"No operation of {census} documents a 429{told}; limit every client, and document 429 with Retry-After.",
            subject="429",
            severity="note" if told else None,
        )
    elif census.widespread([one for one in judged if one.limited], judged):
        for operation in silent:
            yield Finding(
                operation.at,
                f"{operation} documents no 429, and most operations of the API do; say when it turns clients away.",
                subject=str(operation),
            )
