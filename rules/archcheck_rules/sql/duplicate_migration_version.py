"""Two migrations claim one version.

The runner takes one of them and passes the other by, or refuses both; which, depends on who merged first. Give the
younger one the next number.

```sql bad migrations/000001_users.up.sql
CREATE TABLE users (id bigint PRIMARY KEY);
```
```sql bad migrations/000002_orders.up.sql
CREATE TABLE orders (id bigint PRIMARY KEY);
```
```sql bad migrations/000002_payments.up.sql
CREATE TABLE payments (id bigint PRIMARY KEY);  -- want "000002_orders"
```
```sql good migrations/000001_users.up.sql
CREATE TABLE users (id bigint PRIMARY KEY);
```
```sql good migrations/000002_orders.up.sql
CREATE TABLE orders (id bigint PRIMARY KEY);
```
```sql good migrations/000003_payments.up.sql
CREATE TABLE payments (id bigint PRIMARY KEY);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import History


@rule("duplicate-migration-version", checklist="db.migrations", severity="error", profile="regular", since="0.1")
def duplicate_migration_version(history: History) -> Findings:
    for first, *others in history.claimed_twice:
        for other in others:
            yield Finding(
                other.at,
                f"{other} has the version {other.version} of {first}; give it one of its own.",
                subject=str(other),
                related=(Related(first.at, "the other migration of this version"),),
                # A runner that nobody knows may go by the whole name.
                severity="warning" if history.layout == "plain" else None,
            )
