"""A 429 does not say when to come back.

A client that is told to slow down, and not for how long, guesses. Most guess too short, and all of them together keep
the service down that the limit was meant to protect.

Send `Retry-After` with every 429, and document it. A response shared by many operations is reported once, where it is
defined. Header names are compared without case; the option `headers` accepts others that your clients wait on.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        "201": {description: Created.}
        "429":  # want
          description: Too many requests.
```

```yaml fixed
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        "201": {description: Created.}
        "429":
          description: Too many requests.
          headers:
            Retry-After:
              description: Seconds to wait.
              schema: {type: integer}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        "201": {description: Created.}
        "429":
          description: Too many requests.
          headers: {Retry-After: {schema: {type: integer}}}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Response, fixing, header_added


@dataclass(frozen=True, slots=True)
class Options:
    """`headers` tell a client when to come back just as well."""

    headers: tuple[str, ...] = ()


@rule("missing-retry-after", checklist="api.rate-limits", severity="warning", profile="regular", since="0.1")
def missing_retry_after(response: Response, options: Options) -> Findings:
    if not response.answers("429") or response.opaque_headers:
        return
    if any(name.lower() in response.headers for name in ("Retry-After", *options.headers)):
        return
    edits = header_added(response, "Retry-After", "Seconds to wait.", "integer")
    yield Finding(
        response.at,
        f"{response} turns clients away without telling them when to come back; "
        f"document a Retry-After header{response.sharing}.",
        subject=str(response),
        fix=fixing("document a Retry-After header", edits),
    )
