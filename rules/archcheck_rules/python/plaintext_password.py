"""A password is kept as it came.

Where the password a user sends is compared with the one in the database, the database holds passwords, and everybody
who reads it, or a backup of it, can log in here and wherever else the same people use the same words. Store a slow hash
and let its library compare.

```python bad
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.models import User

router = APIRouter()


class Credentials(BaseModel):
    email: str
    password: str


@router.post("/login")
def login(credentials: Credentials, session: Session = Depends()):
    user = session.get(User, credentials.email)
    if user is None or user.password != credentials.password:  # want
        raise HTTPException(401)
    return {"id": user.id}
```
```python good
from argon2 import PasswordHasher
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.models import User

router = APIRouter()
hasher = PasswordHasher()


class Credentials(BaseModel):
    email: str
    password: str


@router.post("/login")
def login(credentials: Credentials, session: Session = Depends()):
    user = session.get(User, credentials.email)
    if user is None or not hasher.verify(user.password_hash, credentials.password):
        raise HTTPException(401)
    return {"id": user.id}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import PasswordUse


@rule(
    "plaintext-password",
    checklist="security.passwords",
    severity="warning",
    profile="regular",
    since="0.1",
    security=8.0,
    cwe="CWE-256",
)
def plaintext_password(use: PasswordUse) -> Findings:
    if use.algorithm:
        return
    yield Finding(
        use.at,
        f"`{use.password}` is {use.use} as it came, so passwords are kept in the clear; keep a slow hash, "
        "such as argon2, and let its library compare.",
        subject=use.function,
    )
