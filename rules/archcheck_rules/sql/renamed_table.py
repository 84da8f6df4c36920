"""A table is renamed while the running release uses its old name.

Between the migration and the last old process every query with the old name fails, and after a rollback all of them do.
Leave a view with the old name in the same migration, or keep the old name and let only the code use a new one.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
ALTER TABLE users RENAME TO customers;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
ALTER TABLE users RENAME TO customers;
CREATE VIEW users AS SELECT * FROM customers;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import RenameTables, RenameTo, Rollout, SetSchema, Upgrade, named


@rule("renamed-table", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def renamed_table(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "rename tables that the release before may use")


def _judged(upgrade: Upgrade) -> Findings:
    renamed = [
        change
        for change, _ in (*upgrade.all(RenameTo), *upgrade.all(RenameTables), *upgrade.all(SetSchema))
        if change.existed and not upgrade.remade(change) and not upgrade.gone(change)
    ]
    if renamed:
        yield upgrade.finding(
            renamed,
            f"This renames {named([change.of for change in renamed])}, and the running release knows only the old "
            "name; leave a view under it.",
        )
