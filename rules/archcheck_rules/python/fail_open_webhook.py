"""A verifier lets messages pass when it has no secret.

One lost setting, and every forged event is taken for a real one, without a word. Refuse to start, or refuse the
message. So is a message without a signature. A check that stands under a condition that there is a secret is a warning.

```python bad
import hashlib
import hmac
import os

SECRET = os.environ.get("HOOK_SECRET", "")


def genuine(body: bytes, signature: str) -> bool:
    if not SECRET:
        return True  # want
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)
```
```python good
import hashlib
import hmac
import os

SECRET = os.environ.get("HOOK_SECRET", "")


def genuine(body: bytes, signature: str) -> bool:
    if not SECRET:
        return False
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Verifier


@rule(
    "fail-open-webhook",
    checklist="webhooks",
    severity="error",
    profile="regular",
    since="0.1",
    security=8.0,
    cwe="CWE-636",
)
def fail_open_webhook(verifier: Verifier) -> Findings:
    for at, secret in verifier.opened:
        yield Finding(
            at,
            f"`{verifier}` lets every message pass when `{secret}` is not set; refuse it instead.",
            subject=verifier.name,
        )
    for at, signature in verifier.unsigned:
        yield Finding(
            at,
            f"`{verifier}` lets every message pass that carries no `{signature}`; refuse it instead.",
            subject=verifier.name,
        )
    for at, secret in verifier.skipped:
        yield Finding(
            at,
            f"`{verifier}` checks the signature only when `{secret}` is set; refuse messages when it is not.",
            subject=verifier.name,
            severity="warning",
        )
