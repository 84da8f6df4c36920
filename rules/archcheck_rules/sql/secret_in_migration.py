"""A password or key is written out in a migration.

It is in the repository, in every clone and in its history, and it is the same in every environment. Whoever reads it
once keeps it. Create the role without a password and let the deployment set it, and change the one that was written
here: deleting the line does not make it secret again.

```sql bad migrations/0001_init.sql
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
```
```sql bad migrations/0002_change.sql
CREATE ROLE app LOGIN PASSWORD 'dragon-42';  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
```
```sql good migrations/0002_change.sql
CREATE ROLE app LOGIN;
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Privileges


@rule(
    "secret-in-migration",
    checklist="db.least-privilege",
    severity="error",
    profile="regular",
    since="0.1",
    security=8.0,
    cwe="CWE-798",
)
def secret_in_migration(privileges: Privileges) -> Findings:
    for secret in privileges.secrets:
        yield Finding(
            secret.places[0],
            f"The secret {secret.of} is written out here; let the deployment set it, and change this one.",
            subject=secret.of,
            hidden=secret.places,
        )
