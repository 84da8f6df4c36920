"""A migration begins a transaction that its runner has begun already, or never ends.

Inside the runner's own transaction BEGIN does nothing, but the COMMIT that follows ends the runner's: what comes after
it is no longer undone when it fails, and the runner may record a migration that did not happen. Without COMMIT
everything is rolled back when the connection closes. Leave transactions to the runner, or turn its own off.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
BEGIN;  -- want
ALTER TABLE orders ADD COLUMN currency text;
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
BEGIN;
ALTER TABLE orders ADD COLUMN currency text;
COMMIT;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Transact, Upgrade


@rule("nested-transaction", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def nested_transaction(upgrade: Upgrade) -> Findings:
    controls = list(upgrade.all(Transact))
    if misplaced := list(upgrade.misplaced):
        who = "The runner" if upgrade.wrapped else "This file"
        yield upgrade.finding(
            misplaced,
            f"{who} has begun a transaction already, and the first COMMIT ends that one; "
            "leave transactions to the runner, or turn its own off for this migration.",
        )
    elif controls and controls[-1][1].kind == "begin" and not upgrade.wrapped:
        yield upgrade.finding(
            [controls[-1][0]], "This transaction is never committed, so what it does is lost; add COMMIT."
        )
