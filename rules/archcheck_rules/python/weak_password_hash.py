"""A password is hashed with a hash that is made to be fast.

Whoever steals the table tries billions of passwords a second against MD5 or SHA-256, salted or not, and has most of
them the same day. Use what is made to be slow: `argon2`, `scrypt`, `bcrypt`, or the framework's own hasher.

```python bad
import hashlib


def register(session, user, password: str) -> None:
    user.password_hash = hashlib.sha256(password.encode()).hexdigest()  # want
    session.add(user)
```
```python good
from argon2 import PasswordHasher


def register(session, user, password: str) -> None:
    user.password_hash = PasswordHasher().hash(password)
    session.add(user)
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import PasswordUse


@rule(
    "weak-password-hash",
    checklist="security.passwords",
    severity="error",
    profile="regular",
    since="0.1",
    security=7.5,
    cwe="CWE-916",
)
def weak_password_hash(use: PasswordUse) -> Findings:
    if not use.algorithm:
        return
    then = "" if use.use == "unknown" else f" and {use.use}"
    yield Finding(
        use.at,
        f"`{use.password}` is hashed with {use.algorithm.upper()}{then}, which a thief tries by the billion; hash it "
        "with argon2, scrypt or bcrypt.",
        subject=use.function,
        severity="warning" if use.use == "unknown" else None,
    )
