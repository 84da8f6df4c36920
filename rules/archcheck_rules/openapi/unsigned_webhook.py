"""A webhook cannot be told from a forgery.

Whoever knows the address of a receiver can post to it. Without a signature the receiver cannot tell whether an order
was paid or somebody merely says so.

Sign the body with a secret of the receiver's, and document the header. A parameter, a security demand or a property
that speaks of a signature or a token counts. An API most of whose webhooks and callbacks are unsigned is reported once
as a whole.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
webhooks:
  paid:
    post:  # want
      responses: {"200": {description: Thanks.}}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
webhooks:
  paid:
    post:
      parameters: [{name: X-Shop-Signature, in: header, required: true, schema: {type: string}}]
      responses: {"200": {description: Thanks.}}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@rule(
    "unsigned-webhook",
    checklist="api.events",
    severity="note",
    profile="strict",
    since="0.1",
    security=5.3,
    cwe="CWE-345",
)
def unsigned_webhook(census: Census) -> Findings:
    unsigned = [message for message in census.messages if not message.signed]
    if census.widespread(unsigned, census.messages):
        yield Finding(
            unsigned[0].at,
            f"{census.share(unsigned, census.messages)} webhooks and callbacks of {census} document no signature "
            f"({census.told(unsigned)}); sign them, and document the header.",
            subject="webhooks",
        )
        return
    for message in unsigned:
        yield Finding(
            message.at,
            f"{message} documents no signature, so that nobody can tell it from a forgery; sign it.",
            subject=str(message),
        )
