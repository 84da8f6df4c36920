"""Locking: which lock of PostgreSQL a change takes, and whether it holds it for as long as the table is large."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from archcheck.surfaces.sql import statements as say

_EXCLUSIVE: Final = frozenset({"VACUUM FULL", "CLUSTER", "REINDEX"})


class Hold(NamedTuple):
    """A lock: `all` keeps out readers and writers, `writes` only writers, empty neither.

    `long` it is held when it lasts for as many rows as there are.
    """

    blocks: Literal["all", "writes", ""] = ""
    long: bool = False


def hold(says: say.Action | say.Statement, version: int) -> Hold:
    """The lock that a change takes on its table."""
    if isinstance(says, say.CreateIndex):
        return Hold() if says.concurrently else Hold("writes", long=not says.only)
    if isinstance(says, say.AddConstraint):
        return _constraint(says.constraint)
    if isinstance(says, say.ValidateConstraint):
        return Hold()
    if isinstance(says, say.AttachPartition):
        return Hold() if (says.attach and version >= 12) or says.concurrently else Hold("all")
    if isinstance(says, say.OtherAction):
        return _other(says.kind)
    if isinstance(says, say.SetNullable):
        return Hold("all", long=not says.nullable)
    if isinstance(says, say.Drop):
        return Hold() if says.concurrently or says.kind not in ("TABLE", "INDEX") else Hold("all")
    if isinstance(says, say.Maintain):
        return _maintenance(says)
    if isinstance(says, say.Write):
        return Hold("all") if says.kind == "truncate" else Hold("", long=says.whole)
    if isinstance(says, say.SetType | say.SetGenerated):
        return Hold("all", long=True)
    return Hold("all" if isinstance(says, _ACTIONS) else "")


_ACTIONS: Final = (
    say.AddColumn,
    say.DropColumn,
    say.ChangeColumn,
    say.SetDefault,
    say.RenameColumn,
    say.DropConstraint,
    say.DropSought,
    say.RenameConstraint,
    say.RenameTo,
    say.SetSchema,
    say.SetParent,
    say.RenameTables,
)


def _constraint(constraint: say.Constraint) -> Hold:
    if constraint.kind == "foreign":
        return Hold("writes", long=not constraint.not_valid)
    return Hold("all", long=not constraint.not_valid and not constraint.using_index)


def _other(kind: str) -> Hold:
    if kind in ("SET LOGGED", "SET UNLOGGED"):
        return Hold("all", long=True)
    if kind.startswith(("SET", "RESET", "CLUSTER", "ALTER COLUMN")):
        return Hold()
    return Hold("writes" if kind.split(" ")[0] in ("ENABLE", "DISABLE") and "LEVEL" not in kind else "all")


def _maintenance(says: say.Maintain) -> Hold:
    if says.concurrently:
        return Hold()
    if says.kind == "LOCK":
        blocks = says.mode in ("ACCESS EXCLUSIVE", "EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE")
        return Hold("all" if says.mode == "ACCESS EXCLUSIVE" else "writes" if blocks else "")
    return Hold("all", long=True) if says.kind in _EXCLUSIVE or says.kind == "REFRESH" else Hold()
