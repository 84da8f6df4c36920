"""A token is read without being verified.

A JWT is text that anybody can write. Whoever reads who the caller is from one whose signature was not checked believes
whatever it says. Verify it, with the algorithms named: a library that takes the algorithm from the token itself lets
its writer choose.

```python bad
import jwt
from fastapi import Depends
from fastapi.security import OAuth2PasswordBearer

bearer = OAuth2PasswordBearer(tokenUrl="/token")


def current_user(token: str = Depends(bearer)) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})  # want
    return claims["sub"]
```
```python good
import os

import jwt
from fastapi import Depends
from fastapi.security import OAuth2PasswordBearer

bearer = OAuth2PasswordBearer(tokenUrl="/token")


def current_user(token: str = Depends(bearer)) -> str:
    claims = jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256"])
    return claims["sub"]
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import TokenReading


@rule(
    "unverified-token",
    checklist="routes.auth",
    severity="error",
    profile="regular",
    since="0.1",
    security=8.5,
    cwe="CWE-347",
)
def unverified_token(reading: TokenReading) -> Findings:
    flaw = {
        "unverified": "reads a token without checking its signature",
        "none": "takes tokens that are signed by nobody",
        "any": "lets the token say how it is signed",
    }[reading.flaw]
    then = ", and believes what it says of the caller" if reading.decides else ""
    yield Finding(
        reading.at,
        f"`{reading.call}` {flaw}{then}; verify it with a key and a list of algorithms.",
        subject=reading.function,
        severity=None if reading.decides and reading.flaw != "any" else "warning",
    )
