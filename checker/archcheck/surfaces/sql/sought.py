"""Constraints that a migration asks the server for before it drops them: which of a table's these are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from msgspec.structs import replace

from archcheck.source import Location
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import CheckFact, Doubt, ForeignFact, KeyFact, TableFact
from archcheck.surfaces.sql.tables import without_constraint

_Fact: TypeAlias = KeyFact | ForeignFact | CheckFact

UNFOUND: Final = "a constraint that is looked up when it runs"


def without_sought(table: TableFact, action: say.DropSought, at: Location) -> TableFact:
    """The table without the constraints that are meant, with a doubt where it cannot be told which these are."""
    found = _sought(table, action)
    if found is None:
        return replace(table, doubts=(*table.doubts, Doubt(at, UNFOUND)))
    for name in found:
        table = without_constraint(table, name)
    return table


def _sought(table: TableFact, action: say.DropSought) -> tuple[str, ...] | None:
    if not table.known:
        return ()
    of_kind = list(_of_kind(table, action.kind))
    meant = [fact for fact in of_kind if fact.name in action.names]
    for grade in (2, 1) if action.names else (0,):
        meant = meant or [fact for fact in of_kind if _about(fact, table, action.names) == grade]
    if len(meant) == 1 or (meant and action.every):
        return tuple(fact.name for fact in meant)
    # Nothing is dropped where there is nothing of that kind, as far as all of the table is known.
    return () if not meant and table.whole and not table.doubts else None


def _of_kind(table: TableFact, kind: str) -> Iterator[_Fact]:
    if kind in ("foreign", ""):
        yield from table.foreigns
    if kind in ("unique", ""):
        yield from table.uniques
    if kind in ("check", ""):
        yield from table.checks
    if kind in ("primary", "") and table.primary is not None:
        yield table.primary


def _about(fact: _Fact, table: TableFact, names: tuple[str, ...]) -> int:
    """How much a constraint has to do with the names that are asked for: 2 by its columns, 1 by the table it refers to.

    The columns of a key of another table count where that table is named.
    """
    if isinstance(fact, ForeignFact) and fact.table != table.key and fact.table[1] in names:
        return 2 if _all(fact.referenced, names) or _all(fact.columns, names) else 1
    return 2 if not isinstance(fact, CheckFact) and _all(fact.columns, names) else 0


def _all(columns: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return bool(columns) and all(column in names for column in columns)
