"""A secret is written into the code.

Everybody who can read the repository has it, now and in every old commit: former colleagues, build machines, whoever
finds a laptop. Take it out of the code, read it from the environment or a vault, and replace it at the provider, since
it is known already. What is told by its shape is a key of a known provider, a password in a URL, or a random value in
a name that means a secret; keys of providers are errors.

```python bad
import httpx

PAYMENT_API_KEY = "vX9kQ2mTz7LpR4wNc8Yb3HsJ"  # want


async def charge(cents: int) -> None:
    async with httpx.AsyncClient(headers={"Authorization": PAYMENT_API_KEY}) as client:
        await client.post("https://payments.invalid/charges", json={"cents": cents})
```
```python good
import os

import httpx

PAYMENT_API_KEY = os.environ["PAYMENT_API_KEY"]


async def charge(cents: int) -> None:
    async with httpx.AsyncClient(headers={"Authorization": PAYMENT_API_KEY}) as client:
        await client.post("https://payments.invalid/charges", json={"cents": cents})
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Secret


@rule(
    "hardcoded-secret",
    checklist="security.secrets",
    severity="error",
    profile="regular",
    since="0.1",
    security=8.0,
    cwe="CWE-798",
)
def hardcoded_secret(secret: Secret) -> Findings:
    if secret.kept != "code":
        return
    told = f"`{secret.name}` is {secret.kind}" if secret.name else f"Here stands {secret.kind}"
    yield Finding(
        secret.at,
        f"{told}, written into the code; read it from the environment, and replace it where it is valid.",
        subject=str(secret),
        severity=None if secret.proven else "warning",
        hidden=(secret.at,),
    )
