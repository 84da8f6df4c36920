"""A column is renamed while the running release uses its old name.

Between the migration and the last old process every query with the old name fails, and after a rollback all of them do.
Add a column with the new name, write both, move the readers over, and drop the old one when nobody uses it.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
ALTER TABLE users RENAME COLUMN name TO full_name;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
ALTER TABLE users ADD COLUMN full_name text;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Rollout, Upgrade, named


@rule("renamed-column", checklist="db.safe-changes", severity="warning", profile="regular", since="0.1")
def renamed_column(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "rename columns that the release before may use")


def _judged(upgrade: Upgrade) -> Findings:
    renamed = [
        change
        for change in upgrade.changes
        if change.existed and change.renames and not upgrade.added(change, change.renames)
        if not upgrade.stands(change, change.renames)
    ]
    if renamed:
        yield upgrade.finding(
            renamed,
            f"This renames {named(renamed)}, and the running release knows only the old name; "
            "add the new one beside it, and drop the old one later.",
        )
