"""A migration without a transaction cannot be run again after it failed half-way.

What was done before the failure stays, and the next attempt stops at the first thing that is already there. Write IF
NOT EXISTS and IF EXISTS, or let each such migration do one thing. MySQL commits at every change of the schema, so there
it holds for all migrations of several statements.

```sql bad migrations/0001_init.sql
CREATE TABLE `users` (`id` BIGINT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;  -- want
CREATE TABLE `orders` (`id` BIGINT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;
```
```sql good migrations/0001_init.sql
CREATE TABLE IF NOT EXISTS `users` (`id` BIGINT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS `orders` (`id` BIGINT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.sql import Change, CreateIndex, CreateTable, Drop, Upgrade, named


@rule("unguarded-statement", checklist="db.safe-changes", severity="note", profile="audit", since="0.1")
def unguarded_statement(upgrade: Upgrade) -> Findings:
    if not upgrade.piecemeal:
        return
    bare = [change for change in upgrade.changes if _bare(change, upgrade) and not upgrade.last(change)]
    if bare:
        yield upgrade.finding(
            bare,
            f"This runs without a transaction, and cannot be run again when it fails after {named(bare)}; "
            "write IF NOT EXISTS or IF EXISTS.",
        )


def _bare(change: Change, upgrade: Upgrade) -> bool:
    says = change.says
    passing = change.table is not None and change.table.kind == "temporary"
    if passing or (change.transaction and upgrade.history.dialect != "mysql"):
        return False
    if isinstance(says, CreateIndex):  # MySQL knows no IF NOT EXISTS for it
        return upgrade.history.dialect == "postgres" and not says.if_not_exists
    if isinstance(says, CreateTable):
        return not says.if_not_exists and says.kind != "temporary"
    return isinstance(says, Drop) and not says.if_exists and says.table is None
