"""Transactions: how the runner of a layout runs a migration, where that is certain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from archcheck.surfaces.sql import statements as say

# wrapped: the runner opens a transaction around the file. together: it sends the file as one request, which PostgreSQL
# runs as one transaction. alone: none but what the file opens itself. unknown: it depends.
Mode: TypeAlias = Literal["wrapped", "together", "alone", "unknown"]

_MODES: Final[dict[str, Mode]] = {"prisma": "together", "sqlx": "wrapped"}


def mode(layout: str, dialect: str, statements: Sequence[say.Statement]) -> Mode:
    """How a migration runs."""
    return _MODES.get(layout, "unknown")
