"""The way from a CREATE INDEX that blocks to one that does not: CONCURRENTLY, in a migration without a transaction.

Only for the last migration of a history, which may not have run yet, and only where it does nothing else: then nothing
else loses the transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from archcheck.finding import Edit, Fix, NewFile
from archcheck.surfaces.sql import statements as say

if TYPE_CHECKING:
    from archcheck.surfaces.sql.acts import Change
    from archcheck.surfaces.sql.upgrades import Upgrade

# What the first line of a file says to run without a transaction. The others need no word, for one statement.
_HEADS: Final = {
    "diesel": "",
    "flyway": "",
    "golang-migrate": "",
    "goose": "-- +goose NO TRANSACTION\n",
    "plain": "",
    "prisma": "",
    "sqlx": "-- no-transaction\n",
}


def built_concurrently(upgrade: Upgrade, change: Change) -> Fix | None:
    """The edit that builds an index without keeping writers out; None where more than that would change."""
    history, step = upgrade.history, upgrade.migrations[-1]
    says = change.says
    alone = len(upgrade.migrations) == 1 and step.up == (change.statement,) and step is history.migrations[-1]
    if not alone or not isinstance(says, say.CreateIndex) or not says.rest.line or history.layout not in _HEADS:
        return None
    if change.table is None or change.table.partitioned_by:
        return None
    edits = [Edit(step.path, says.rest.line, says.rest.column, says.rest.line, says.rest.column, "CONCURRENTLY ")]
    files: tuple[NewFile, ...] = ()
    if step.transaction != "alone":
        if head := _HEADS[history.layout]:
            edits.append(Edit(step.path, 1, 1, 1, 1, head))
        if history.layout == "diesel":
            path = f"{step.path.rpartition('/')[0]}/metadata.toml"
            files = (NewFile(path, ("run_in_transaction = false\n",)),)
    return Fix("build it CONCURRENTLY, outside a transaction", tuple(edits), files=files)
