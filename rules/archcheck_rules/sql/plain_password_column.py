"""A column may hold passwords as they are typed.

A password that can be read is everybody's once one backup or one log is. Store what argon2, scrypt or bcrypt makes of
it, and call the column `password_hash`, so that the next reader need not look it up in the code.

```sql bad migrations/0001_users.sql
CREATE TABLE users (
    id uuid PRIMARY KEY,
    password text NOT NULL  -- want "users.password"
);
```
```sql good migrations/0001_users.sql
CREATE TABLE users (
    id uuid PRIMARY KEY,
    password_hash text NOT NULL
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Column

PASSWORDS = frozenset({"password", "passwd", "pwd", "passphrase"})
HASHED = frozenset("hash hashed digest encrypted crypt bcrypt argon scrypt pbkdf salt salted cipher".split())
# What hash functions write out: bcrypt, hex and base64 of SHA-2, argon2.
LENGTHS = frozenset({32, 40, 60, 64, 72, 88, 96, 97, 128})


@rule(
    "plain-password-column",
    checklist="db.types",
    severity="warning",
    profile="strict",
    since="0.1",
    precision="low",
    security=7.5,
    cwe="CWE-256",
)
def plain_password_column(column: Column) -> Findings:
    if column.kind.family != "text" or column.kind.width in LENGTHS or not column.table.permanent:
        return
    hashed = any(other.words & HASHED for other in column.table.columns)
    if column.word_list[-1:] and column.word_list[-1] in PASSWORDS and not hashed:
        yield Finding(
            column.at,
            f"Nothing tells that {column} holds a hash; store one, and call it {column.fact.text}_hash.",
            subject=str(column),
        )
