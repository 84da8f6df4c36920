"""The catalog: what tables there are at one moment of a history, as immutable facts that remember where they were made.

A change replaces the fact of one table and no more, so a copy of the catalog is a copy of a few dictionaries, and the
catalog before and after every migration costs next to nothing.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, field

from archcheck.source import Location
from archcheck.surfaces.sql.statements import Part

# A schema (empty: the default one) and a folded name.
Key: TypeAlias = tuple[str, str]


class ColumnFact(Struct, frozen=True):
    """A column. `type` as written; `default` None without one; `generated` as in `statements.Column`, or `serial`.

    `typed` is where a later statement gave it another type, None as long as it has its first.
    """

    key: str
    text: str
    type: str
    nullable: bool
    default: str | None
    generated: str
    at: Location
    typed: Location | None = None


class KeyFact(Struct, frozen=True):
    """A primary key, a unique constraint or an exclusion (`kind`), with the index that stands behind it."""

    kind: str
    name: str
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    at: Location


class ForeignFact(Struct, frozen=True):
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


class CheckFact(Struct, frozen=True):
    """A check constraint with its text."""

    name: str
    text: str
    not_valid: bool
    at: Location


class IndexFact(Struct, frozen=True):
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
    implied: bool = False


class Doubt(Struct, frozen=True):
    """A statement that may have changed a table in a way that is not known."""

    at: Location
    kind: str


class TableFact(Struct, frozen=True):
    """A table. `known` is false for one that no file of the history creates, `whole` when not all columns are known.

    `kind` as in `statements.CreateTable`. `key_lost` is where its primary key was dropped.
    `managed_by_orm` names the framework that keeps it (`django`): what it promises itself, the database need not.
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
    managed_by_orm: str = ""


class TypeFact(Struct, frozen=True):
    """An enum with its labels, a domain with its base type, or another type of the user's."""

    key: Key
    text: str
    kind: str
    labels: tuple[str, ...]
    base: str
    at: Location


class Catalog(Struct):
    """All facts at one moment. `functions` holds those that may change tables, and which."""

    tables: dict[Key, TableFact] = field(default_factory=dict)
    types: dict[Key, TypeFact] = field(default_factory=dict)
    views: dict[Key, Location] = field(default_factory=dict)
    functions: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def copy(self) -> Catalog:
        """The same facts, apart from what is changed later."""
        return Catalog(self.tables.copy(), self.types.copy(), self.views.copy(), self.functions.copy())
