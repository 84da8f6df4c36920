"""A secret is committed with the configuration.

A settings file in the repository is read by everybody who can read the code, and stays in its history. Keep the names
in it and the values out of it: in the environment, in a vault, or in a file that git ignores. Then replace the secret,
since it is known already.

```ini bad alembic.ini
[alembic]
script_location = migrations
sqlalchemy.url = postgresql://shop:vX9kQ2mTz7Lp@db.shop.dev/shop  # want
```
```ini good alembic.ini
[alembic]
script_location = migrations
sqlalchemy.url = postgresql://localhost/shop
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.python import Secret


@rule(
    "secret-in-config",
    checklist="security.secrets",
    severity="error",
    profile="regular",
    since="0.1",
    security=8.0,
    cwe="CWE-798",
)
def secret_in_config(secret: Secret) -> Findings:
    if secret.kept != "configuration":
        return
    told = f"`{secret.name}` is {secret.kind}" if secret.name else f"Here stands {secret.kind}"
    yield Finding(
        secret.at,
        f"{told}, committed with the configuration; let the environment give it, and replace it where it is valid.",
        subject=str(secret),
        severity=None if secret.proven else "warning",
        hidden=(secret.at,),
    )
