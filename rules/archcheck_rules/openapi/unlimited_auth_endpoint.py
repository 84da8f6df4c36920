"""Whoever guesses passwords is not turned away.

Login, sign-up, tokens, password reset and second factors are where attackers try a million times. Without a limit of
their own, far below that of the rest, it is a matter of time until a guess is right, and of money until the mails and
messages they send are paid for.

Limit these endpoints by account and by address, and document `429`. They are known by the last segment of a POST
(`/login`, `/auth/token`, `/users/password-reset`, `/mfa/verify-code`); a `4XX` counts as documented, and so does an
extension that speaks of a rate limit (`x-ratelimit-bucket`). The option `paths`
leaves out paths by their beginning.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /auth/login:
    post:  # want
      responses:
        "200": {description: A token.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /auth/login:
    post:
      responses:
        "200": {description: A token.}
        "429": {description: Too many attempts., headers: {Retry-After: {schema: {type: integer}}}}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@dataclass(frozen=True, slots=True)
class Options:
    """`paths` are beginnings of paths that are limited elsewhere."""

    paths: tuple[str, ...] = ()


@rule(
    "unlimited-auth-endpoint",
    checklist="api.rate-limits",
    severity="warning",
    profile="regular",
    since="0.1",
    security=5.3,
    cwe="CWE-307",
)
def unlimited_auth_endpoint(census: Census, options: Options) -> Findings:
    for operation in census.operations:
        if operation.nature != "auth" or not operation.read or operation.variation:
            continue
        if operation.path.startswith(options.paths):
            continue
        if not (operation.limited or operation.throttled) and not {"4XX", "4xx"} & set(operation.statuses):
            yield Finding(
                operation.at,
                f"{operation} documents no limit on attempts; limit it by account and address, and document 429.",
                subject=str(operation),
            )
