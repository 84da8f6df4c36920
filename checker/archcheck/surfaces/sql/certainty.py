"""How sure it is that a step of a revision runs, and what a statement is when it only runs if it is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from archcheck.surfaces.sql import statements as say

# How sure it is that a step runs: always, if what it makes is not there yet, or on a condition that is not known.
Certainty: TypeAlias = Literal["sure", "needed", "maybe"]

_ORDER: Final[Mapping[Certainty, int]] = {"sure": 0, "needed": 1, "maybe": 2}


def weaker(first: Certainty, second: Certainty) -> Certainty:
    """The less sure of the two."""
    return max(first, second, key=lambda certainty: _ORDER[certainty])


def weakest(found: Sequence[Certainty]) -> Certainty:
    """The least sure of all."""
    return max(found, key=lambda certainty: _ORDER[certainty])


def tolerant(statement: say.Statement) -> say.Statement:
    """The same statement as it is when it changes nothing that is there, or gone, already."""
    if isinstance(statement, say.CreateTable | say.CreateIndex):
        return msgspec.structs.replace(statement, if_not_exists=True)
    if isinstance(statement, say.Drop):
        return msgspec.structs.replace(statement, if_exists=True)
    if isinstance(statement, say.AlterTable):
        actions = tuple(_tolerant_action(action) for action in statement.actions)
        return msgspec.structs.replace(statement, actions=actions)
    return statement


def _tolerant_action(action: say.Action) -> say.Action:
    if isinstance(action, say.AddColumn):
        return msgspec.structs.replace(action, if_not_exists=True)
    if isinstance(action, say.DropColumn | say.DropConstraint):
        return msgspec.structs.replace(action, if_exists=True)
    return action


def same(first: say.Statement, second: say.Statement) -> bool:
    """Whether two statements say the same in two places."""
    return type(first) is type(second) and _unplaced(first) == _unplaced(second)


def _unplaced(part: object) -> object:
    """A statement as plain data without its places."""
    if isinstance(part, say.Span):
        return None
    if isinstance(part, msgspec.Struct):
        return [_unplaced(getattr(part, name)) for name in part.__struct_fields__]
    return [_unplaced(item) for item in part] if isinstance(part, tuple) else part


def kind_of(statement: say.Statement) -> str:
    """What a statement is, for the count of what was not understood."""
    return statement.kind if isinstance(statement, say.Drop) else type(statement).__name__


def tables_of(statement: say.Statement) -> tuple[str, ...]:
    """The folded names of the tables that a statement is about, `*` when that is not plain."""
    if isinstance(statement, say.CreateTable | say.AlterTable):
        return (statement.name.key,)
    if isinstance(statement, say.CreateIndex):
        return (statement.table.key,)
    if isinstance(statement, say.Drop):
        return tuple(name.key for name in statement.names) if statement.kind == "TABLE" else ("*",)
    return () if isinstance(statement, say.CreateType | say.AlterType | say.CreateView) else ("*",)
