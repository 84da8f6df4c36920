"""A foreign key does not say what happens when the row it points at is deleted.

Without ON DELETE the server refuses the deletion, which is a decision that nobody took: some day an account cannot be
removed, and the code that deletes it fails far away from here. Write what is meant: CASCADE for parts, SET NULL for
loose ties, RESTRICT or NO ACTION where a deletion is to be refused. Where most of many keys say nothing there is one
remark, at the first. Django deletes by itself what hangs on a row and says so in no migration: its keys are left alone.

```sql bad migrations/0001_orders.sql
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id)  -- want "orders.user_id"
);
```
```sql good migrations/0001_orders.sql
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE RESTRICT
);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import History

MANY = 10


@rule("fk-without-on-delete", checklist="db.foreign-keys", severity="warning", profile="regular", since="0.1")
def fk_without_on_delete(history: History) -> Findings:
    keys = [key for table in history.tables if table.permanent for key in table.foreign_keys]
    silent = [key for key in keys if not key.on_delete and not key.managed_by_orm]
    if len(silent) > MANY and 2 * len(silent) > len(keys):
        yield Finding(
            silent[0].at,
            f"{len(silent)} of {len(keys)} foreign keys, first {silent[0]}, do not say what happens on deletion; "
            "add ON DELETE with CASCADE, SET NULL or RESTRICT.",
            subject=str(history),
        )
        return
    for key in silent:
        yield Finding(
            key.at,
            f"The foreign key {key} does not say what happens when its row in {key.references} is deleted; "
            "add ON DELETE with CASCADE, SET NULL or RESTRICT.",
            subject=str(key),
        )
