"""Undoing: what a migration says going down, whether that is anything, and whether it tells why not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from archcheck.source import Location
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import Catalog

# A word in a comment, or an error that is raised, by which the author tells that going back was thought about.
_DECIDED: Final = re.compile(
    r"(?:--|/\*|^[ \t]*\*|#)[^\n]*?\b(?:irreversib|(?:not|n't|im)[ -]?(?:be )?(?:revers|possib|undo|support|necessary)"
    r"|cannot|can't|can not|unable|no-?op\b|nothing to|intentional|on purpose|one[- ]way|forward[- ]only"
    r"|no (?:down|rollback|revert|need)|do(?:es)? nothing|not (?:dropped|removed|reverted|needed))"
    r"|\bRAISE[ \t]+EXCEPTION\b|\bSIGNAL[ \t]+SQLSTATE\b",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT: Final = re.compile(r"--[ \t]*([^\n]*)|/\*(.*?)\*/", re.DOTALL)
# What generators write into an empty file, and statements that are only commented out, tell nothing.
_SILENT: Final = re.compile(
    r"(?:this file should undo|your sql goes here|(?:add|write|put)\b.*\bhere|sql in (?:this )?section|\+|migrate:"
    r"|#|noqa|pylint|(?:down|rollback|undo|revert)(?: migration)?\W*$|name:|author:|date:|archcheck:"
    r"|(?:copyright|license|spdx)"
    r"|(?:create|alter|drop|insert|update|delete|truncate|comment|grant|revoke|rename|set|begin|commit)\b)",
    re.IGNORECASE,
)
_IDLE: Final = frozenset("SELECT VALUES BEGIN START COMMIT END ROLLBACK SET RESET SHOW PRAGMA USE".split())


class Undo(Struct, frozen=True, eq=False):
    """The part of a migration that goes down. `unread` is set where a construct in it has no end."""

    at: Location
    statements: tuple[say.Statement, ...]
    explained: bool
    unread: bool = False

    @property
    def path(self) -> str:
        """The file it stands in."""
        return self.at.path

    @property
    def idle(self) -> bool:
        """Whether it does nothing at all."""
        return not self.unread and does_nothing(self.statements)


class Portion(Struct, frozen=True, eq=False):
    """The part of a migration that its author undoes by hand, where a framework undoes the rest by itself.

    The catalogs around it are without the tables that the framework makes in the same migration, and takes away.
    """

    before: Catalog
    after: Catalog
    up: tuple[say.Statement, ...]
    down: tuple[say.Statement, ...]


def does_nothing(statements: Iterable[say.Statement]) -> bool:
    """Whether the statements change neither tables nor rows nor anything else: `SELECT 1`, a transaction, a setting."""
    return all(
        isinstance(statement, say.SetSearchPath | say.SetOption | say.Transact)
        or (isinstance(statement, say.Ignored) and statement.kind in _IDLE and not statement.calls)
        for statement in statements
    )


def explained(text: str, idle: bool) -> bool:
    """Whether a script tells why it undoes less than everything; in one that does nothing, any remark of a person."""
    if _DECIDED.search(text):
        return True
    return idle and any(len(line.split()) > 1 and not _SILENT.match(line) for line in _remarks(text))


def _remarks(text: str) -> Iterator[str]:
    for match in _COMMENT.finditer(text):
        for line in (match.group(1) or match.group(2) or "").splitlines():
            yield line.strip(" \t*-")
