"""The catalog: what tables there are at one moment of a history, as immutable facts that remember where they were made.

A change replaces the fact of one table and no more, so a copy of the catalog is a copy of a few dictionaries, and the
catalog before and after every migration costs next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from archcheck.source import Location
from archcheck.surfaces.sql.statements import Part

# A schema (empty: the default one) and a folded name.
Key: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ColumnFact:
    """A column. `type` as written; `default` None without one; `generated` as in `statements.Column`, or `serial`."""

    key: str
    text: str
    type: str
    nullable: bool
    default: str | None
    generated: str
    at: Location


@dataclass(frozen=True, slots=True)
class KeyFact:
    """A primary key, a unique constraint or an exclusion (`kind`), with the index that stands behind it."""

    kind: str
    name: str
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    at: Location


@dataclass(frozen=True, slots=True)
class ForeignFact:
    """A foreign key. `table_text` is the referenced table as written; `lost` is where its last index was dropped."""

    name: str
    columns: tuple[str, ...]
    table: Key
    table_text: str
    referenced: tuple[str, ...]
    on_delete: str
    on_update: str
    not_valid: bool
    at: Location
    lost: Location | None = None


@dataclass(frozen=True, slots=True)
class CheckFact:
    """A check constraint with its text."""

    name: str
    text: str
    not_valid: bool
    at: Location


@dataclass(frozen=True, slots=True)
class IndexFact:
    """An index that is no constraint's own. `not_null` as in `statements.Index`."""

    name: str
    text: str
    parts: tuple[Part, ...]
    unique: bool
    method: str
    include: tuple[str, ...]
    predicate: str
    not_null: tuple[str, ...]
    at: Location


@dataclass(frozen=True, slots=True)
class Doubt:
    """A statement that may have changed a table in a way that is not known."""

    at: Location
    kind: str


@dataclass(frozen=True, slots=True)
class TableFact:
    """A table. `known` is false for one that no file of the history creates, `whole` when its columns are not all known.

    `kind` as in `statements.CreateTable`. `key_lost` is where its primary key was dropped.
    """

    key: Key
    text: str
    kind: str
    at: Location
    changed: Location
    known: bool = True
    whole: bool = True
    columns: tuple[ColumnFact, ...] = ()
    primary: KeyFact | None = None
    uniques: tuple[KeyFact, ...] = ()
    foreigns: tuple[ForeignFact, ...] = ()
    checks: tuple[CheckFact, ...] = ()
    indexes: tuple[IndexFact, ...] = ()
    partition_of: Key | None = None
    partitioned_by: str = ""
    inherits: tuple[Key, ...] = ()
    engine: str = ""
    key_lost: Location | None = None
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeFact:
    """An enum with its labels, a domain with its base type, or another type of the user's."""

    key: Key
    text: str
    kind: str
    labels: tuple[str, ...]
    base: str
    at: Location


@dataclass(slots=True)
class Catalog:
    """All facts at one moment. `functions` holds those that may change tables, and which."""

    tables: dict[Key, TableFact] = field(default_factory=dict)
    types: dict[Key, TypeFact] = field(default_factory=dict)
    views: dict[Key, Location] = field(default_factory=dict)
    functions: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def copy(self) -> Catalog:
        """The same facts, apart from what is changed later."""
        return Catalog(self.tables.copy(), self.types.copy(), self.views.copy(), self.functions.copy())


def covered(table: TableFact, foreign: ForeignFact) -> bool:
    """Whether a lookup by the foreign key's columns has an index: one that starts with them, in any order."""
    wanted = set(foreign.columns)
    keys = [key for key in (table.primary, *table.uniques) if key is not None]
    return any(_starts_with(key.parts or tuple(Part(column) for column in key.columns), wanted) for key in keys) or any(
        _starts_with(index.parts, wanted)
        and (not index.predicate or (index.not_null and wanted.issuperset(index.not_null)))
        for index in table.indexes
    )


def _starts_with(parts: tuple[Part, ...], wanted: set[str]) -> bool:
    leading = {part.key for part in parts[: len(wanted)]}
    return leading == wanted


def renamed_column(table: TableFact, old: str, new: str, text: str) -> TableFact:
    """The table with one of its columns under another name, in its keys and indexes too."""

    def names(columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if column == old else column for column in columns)

    def parts(keys: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple(
            Part(new, part.expression, part.descending, part.nulls_first, part.length) if part.key == old else part
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
            replace(i, parts=parts(i.parts), include=names(i.include), not_null=names(i.not_null))
            for i in table.indexes
        ),
    )


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
    words = "".join(c if c.isalnum() or c in "_$" else " " for c in text).split()
    return any(column in (word, word.lower()) for word in words)
