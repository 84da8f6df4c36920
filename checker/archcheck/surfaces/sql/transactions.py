"""Transactions: how the runner of a layout runs a migration, where that is certain.

What a layout does by itself, and the words by which a file asks for something else, are taken from the runners'
sources and manuals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from archcheck.surfaces.sql import statements as say

# wrapped: the runner opens a transaction around the file. together: it sends the file as one request, which PostgreSQL
# runs as one transaction. alone: none but what the file opens itself. unknown: it depends.
Mode: TypeAlias = Literal["wrapped", "together", "alone", "unknown"]

_MODES: Final[dict[str, Mode]] = {
    "alembic": "wrapped",
    "atlas": "wrapped",
    "dbmate": "wrapped",
    "diesel": "wrapped",
    "django": "wrapped",
    "drizzle": "wrapped",
    "flyway": "wrapped",
    "golang-migrate": "together",
    "goose": "wrapped",
    "liquibase": "wrapped",
    "node-pg-migrate": "wrapped",
    "pop": "wrapped",
    "prisma": "together",
    "sql-migrate": "wrapped",
    "sqitch": "alone",
    "sqlx": "wrapped",
    # The CLI sends a file and its own note of it in one batch.
    "supabase": "wrapped",
}
_OUTSIDE: Final = {
    "atlas": re.compile(r"^--[ \t]*atlas:txmode[ \t]+none\b", re.MULTILINE),
    "dbmate": re.compile(r"^--[ \t]*migrate:up\b[^\n]*\btransaction:[ \t]*false\b", re.MULTILINE),
    "goose": re.compile(r"^[ \t]*--.*\+goose[ \t]+NO[ \t]+TRANSACTION\b", re.MULTILINE | re.IGNORECASE),
    "sql-migrate": re.compile(r"^--[ \t]*\+migrate[ \t]+Up\b[^\n]*\bnotransaction\b", re.MULTILINE),
    "sqlx": re.compile(r"\A-- no-transaction\b"),
}
_CHANGESET: Final = re.compile(r"^[ \t]*--[ \t]*changeset[ \t]+\S.*$", re.MULTILINE | re.IGNORECASE)
_NO_TRANSACTION: Final = re.compile(r"\brunInTransaction:[ \t]*\"?false\b", re.IGNORECASE)


def mode(layout: str, dialect: str, statements: Sequence[say.Statement], outside: bool | None = False) -> Mode:
    """How a migration runs. `outside` is whether it asks for no transaction, None when a part of it does."""
    if outside is None:
        return "unknown"
    found = _MODES.get(layout, "unknown")
    if outside or (layout == "flyway" and dialect == "postgres" and _all_concurrent(statements)):
        return "alone"
    return "unknown" if found == "together" and dialect != "postgres" else found


def outside(layout: str, path: str, text: str) -> bool | None:
    """Whether a file asks its runner for no transaction; None when some of its changesets do."""
    if layout == "liquibase":
        asked = [_NO_TRANSACTION.search(line) is not None for line in _CHANGESET.findall(text)]
        return None if any(asked) and not all(asked) else any(asked)
    if layout == "pop":
        return ".autocommit." in path.rpartition("/")[2]
    pattern = _OUTSIDE.get(layout)
    return pattern is not None and pattern.search(text) is not None


def _all_concurrent(statements: Sequence[say.Statement]) -> bool:
    """Whether all is of the kind that no transaction takes: Flyway sees that and opens none."""
    found = [isinstance(s, say.CreateIndex | say.Drop) and s.concurrently for s in statements]
    return bool(found) and all(found)
