"""Tables change by making a new fact of the old one; what belongs to a column goes and comes with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import ColumnFact, ForeignFact, IndexFact, KeyFact, TableFact
from archcheck.surfaces.sql.parts import Part

_STRING: Final = re.compile(r"'(?:[^']|'')*'")


def covered(table: TableFact, foreign: ForeignFact) -> bool:
    """Whether a lookup by the foreign key's columns has an index: one that starts with them, in any order."""
    wanted = set(foreign.columns)
    keys = [key for key in (table.primary, *table.uniques) if key is not None]
    starts = (_starts_with(key.parts or tuple(Part(column) for column in key.columns), wanted) for key in keys)
    return any(starts) or any(
        _starts_with(index.parts, wanted) and _holds_all(index, wanted) for index in table.indexes
    )


def _starts_with(parts: tuple[Part, ...], wanted: set[str]) -> bool:
    leading = {part.key for part in parts[: len(wanted)]}
    return leading == wanted


def _holds_all(index: IndexFact, wanted: set[str]) -> bool:
    """Whether every row that a lookup by these columns can find is in the index."""
    return not index.predicate or (bool(index.not_null) and wanted.issuperset(index.not_null))


def renamed_column(table: TableFact, old: str, new: str, text: str) -> TableFact:
    """The table with one of its columns under another name, in its keys, indexes, conditions and expressions too."""

    def told(text: str) -> str:
        return _with_name(text, old, new) if text else text

    def names(columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if column == old else column for column in columns)

    def parts(keys: tuple[Part, ...]) -> tuple[Part, ...]:
        renamed = {old: new}
        return tuple(
            msgspec.structs.replace(part, key=renamed.get(part.key, part.key), expression=told(part.expression))
            for part in keys
        )

    def key(fact: KeyFact) -> KeyFact:
        return replace(fact, columns=names(fact.columns), parts=parts(fact.parts))

    return replace(
        table,
        columns=tuple(replace(c, key=new, text=text) if c.key == old else c for c in table.columns),
        primary=key(table.primary) if table.primary else None,
        uniques=tuple(key(unique) for unique in table.uniques),
        foreigns=tuple(replace(f, columns=names(f.columns)) for f in table.foreigns),
        indexes=tuple(
            replace(
                i,
                parts=parts(i.parts),
                include=names(i.include),
                not_null=names(i.not_null),
                predicate=told(i.predicate),
            )
            for i in table.indexes
        ),
        checks=tuple(replace(c, text=told(c.text)) for c in table.checks),
    )


def _with_name(text: str, old: str, new: str) -> str:
    """An expression with a column under another name; strings in it and calls of a function stay as they are."""
    if old.lower() not in text.lower():
        return text
    word = f'"{new}"' if new != new.lower() else new
    pattern = re.compile(
        rf"""('(?:[^']|'')*')|"{re.escape(old)}"|(?<![\w$."]){re.escape(old)}(?![\w$."]|\s*\()""", re.IGNORECASE
    )
    return pattern.sub(lambda match: match.group(1) or word, text)


def without_column(table: TableFact, column: str, dialect: str) -> TableFact:
    """The table without a column and without what fell with it.

    PostgreSQL drops every index and constraint that involves the column; MySQL takes the column out of its indexes.
    """
    mysql = dialect == "mysql"

    def involves(parts: tuple[Part, ...]) -> bool:
        return any(part.key == column or _mentions(part.expression, column) for part in parts)

    indexes = []
    for index in table.indexes:
        if mysql:
            parts = tuple(part for part in index.parts if part.key != column)
            indexes += [replace(index, parts=parts)] if parts else []
        elif not involves(index.parts) and column not in index.include and not _mentions(index.predicate, column):
            indexes.append(index)
    return replace(
        table,
        columns=tuple(c for c in table.columns if c.key != column),
        primary=None if table.primary and column in table.primary.columns else table.primary,
        uniques=tuple(u for u in table.uniques if column not in u.columns and not involves(u.parts)),
        foreigns=tuple(f for f in table.foreigns if column not in f.columns),
        checks=tuple(c for c in table.checks if not _mentions(c.text, column)),
        indexes=tuple(indexes),
    )


def _mentions(text: str, column: str) -> bool:
    if not text:
        return False
    bare = _STRING.sub(" ", text)
    words = "".join(c if c.isalnum() or c in "_$" else " " for c in bare).split()
    return any(column in (word, word.lower()) for word in words)


def with_column(table: TableFact, key: str, change: Callable[[ColumnFact], ColumnFact]) -> TableFact:
    return replace(table, columns=tuple(change(c) if c.key == key else c for c in table.columns))


def required(column: ColumnFact) -> ColumnFact:
    return replace(column, nullable=False)


def without_constraint(table: TableFact, name: str) -> TableFact:
    """The table without the constraint of that name; the same object when there is none."""
    after = replace(
        table,
        primary=None if table.primary and table.primary.name == name else table.primary,
        uniques=tuple(u for u in table.uniques if u.name != name),
        foreigns=tuple(f for f in table.foreigns if f.name != name),
        checks=tuple(c for c in table.checks if c.name != name),
    )
    return table if after == table else after


def renamed_constraint(table: TableFact, old: str, new: say.Word) -> TableFact:
    return replace(
        table,
        primary=replace(table.primary, name=new.key) if table.primary and table.primary.name == old else table.primary,
        uniques=tuple(replace(u, name=new.key) if u.name == old else u for u in table.uniques),
        foreigns=tuple(replace(f, name=new.key) if f.name == old else f for f in table.foreigns),
        checks=tuple(replace(c, name=new.key) if c.name == old else c for c in table.checks),
        indexes=tuple(replace(i, name=new.key, text=new.text) if i.name == old else i for i in table.indexes),
    )


def validated(table: TableFact, name: str) -> TableFact:
    """The table with a check or foreign key that holds for every row."""
    return replace(
        table,
        checks=tuple(replace(c, not_valid=False) if c.name == name else c for c in table.checks),
        foreigns=tuple(replace(f, not_valid=False) if f.name == name else f for f in table.foreigns),
    )
