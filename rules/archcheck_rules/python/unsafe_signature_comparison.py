"""A signature is compared with `==`.

The comparison stops at the first byte that differs, and the time it takes tells how many were right: a forger finds
the signature byte by byte. Compare with `hmac.compare_digest`.

```python bad
import hashlib
import hmac


def genuine(secret: bytes, body: bytes, signature: str) -> bool:
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return expected == signature  # want
```
```python fixed
import hashlib
import hmac


def genuine(secret: bytes, body: bytes, signature: str) -> bool:
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)
```
```python good
import hashlib
import hmac


def genuine(secret: bytes, body: bytes, signature: str) -> bool:
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Verifier, fixing


@rule(
    "unsafe-signature-comparison",
    checklist="webhooks",
    severity="warning",
    profile="regular",
    since="0.1",
    security=5.0,
    cwe="CWE-208",
)
def unsafe_signature_comparison(verifier: Verifier) -> Findings:
    for (at, what), edits in zip(verifier.compared, verifier.mended, strict=True):
        yield Finding(
            at,
            f"`{verifier}` compares {what} with `==`, and the time it takes tells how much was right; use "
            "`hmac.compare_digest`.",
            subject=verifier.name,
            fix=fixing("compare in constant time", edits),
        )
