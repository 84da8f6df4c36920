"""A column may be NULL from now on, and its readers have never met that.

The running release reads the column as always given: a NULL that a newer one writes breaks it, and reports and clients
as well. First ship readers that cope with NULL, and drop NOT NULL with the next release.

Where more than ten old migrations of a history do so, that is told once.

```sql bad migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql bad migrations/0002_change.sql
ALTER TABLE orders ALTER COLUMN user_id DROP NOT NULL;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric, note text);
```
```sql good migrations/0002_change.sql
ALTER TABLE orders ALTER COLUMN user_id SET DEFAULT 0;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Rollout, Upgrade, named


@rule("dropped-not-null", checklist="db.safe-changes", severity="note", profile="strict", since="0.1")
def dropped_not_null(rollout: Rollout) -> Findings:
    yield from rollout.once(_judged, "let columns be NULL that were not")


def _judged(upgrade: Upgrade) -> Findings:
    loosened = [change for change in upgrade.changes if change.existed and change.loosens and not upgrade.gone(change)]
    if loosened:
        yield upgrade.finding(
            loosened, f"{named(loosened)} may be NULL from now on; ship readers that cope with it first."
        )
