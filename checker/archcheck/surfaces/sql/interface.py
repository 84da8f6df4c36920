"""The interface of a history: its final catalog in a compact form, for whoever joins histories with other surfaces."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from archcheck.source import Location
from archcheck.surfaces.sql.catalog import Catalog, ColumnFact, Key, TableFact
from archcheck.surfaces.sql.checks import allowed_values
from archcheck.surfaces.sql.families import kind_of
from archcheck.surfaces.sql.lookup import type_name
from archcheck.surfaces.sql.subjects import History
from archcheck.surfaces.sql.types import canonical, length


class ColumnView(Struct, frozen=True):
    """A column: `type` with aliases resolved, `length` of character types, `labels` when its type is an enum.

    `type` is empty where only the server knows it (CREATE TABLE AS). `family` and `width` are those of `families.Kind`,
    `allowed` the texts that a check of its own limits it to.
    """

    name: str
    type: str
    nullable: bool
    default: str | None
    generated: str
    length: int | None
    labels: tuple[str, ...]
    at: Location
    family: str = ""
    width: int = 0
    allowed: tuple[str, ...] = ()


class ForeignKeyView(Struct, frozen=True):
    """A foreign key; `table` is the folded name it points at, with its schema when that is not the default one."""

    columns: tuple[str, ...]
    table: str
    referenced: tuple[str, ...]
    on_delete: str
    on_update: str
    at: Location


class IndexView(Struct, frozen=True):
    """An index, or the one behind a unique constraint; an empty column stands for an expression."""

    name: str
    columns: tuple[str, ...]
    unique: bool
    partial: bool
    at: Location


class TableView(Struct, frozen=True):
    """A final table. `certain` is false when a statement that was not understood may have changed it."""

    name: str
    text: str
    kind: str
    certain: bool
    columns_known: bool
    columns: tuple[ColumnView, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKeyView, ...]
    indexes: tuple[IndexView, ...]
    at: Location


class HistoryView(Struct, frozen=True):
    """The final catalog of one history, how many migrations lead there, and the version or name of the last one."""

    folder: str
    layout: str
    dialect: str
    tables: tuple[TableView, ...]
    migrations: int = 0
    last: str = ""


def encode(history: History) -> bytes:
    """A history's interface as bytes."""
    names = _Names(history)
    tables = tuple(
        _table(table.fact, history.final, table.columns_known, names, history.dialect) for table in history.tables
    )
    last = history.migrations[-1] if history.migrations else None
    view = HistoryView(
        history.folder,
        history.layout,
        history.dialect,
        tables,
        len(history.migrations),
        last.version or last.name if last else "",
    )
    return msgspec.msgpack.encode(view)


def decode(data: bytes) -> HistoryView:
    """What `encode` wrote."""
    return msgspec.msgpack.decode(data, type=HistoryView)


class _Names:
    """The names of columns as the server shows them: PostgreSQL folds what is not quoted, others keep the capitals."""

    def __init__(self, history: History) -> None:
        self.tables = history.final.tables
        self.folding = history.dialect == "postgres"

    def __call__(self, key: Key, columns: Iterable[str]) -> tuple[str, ...]:
        table = self.tables.get(key)
        if self.folding or table is None:
            return tuple(columns)
        texts = {column.key: column.text for column in table.columns}
        return tuple(texts.get(column, column) for column in columns)


def _table(table: TableFact, catalog: Catalog, columns_known: bool, names: _Names, dialect: str) -> TableView:
    allowed = allowed_values(table.checks)
    uniques = tuple(
        IndexView(u.name, names(table.key, u.columns), u.kind == "unique", False, u.at) for u in table.uniques
    )
    indexes = tuple(
        IndexView(i.name, names(table.key, (part.key for part in i.parts)), i.unique, bool(i.predicate), i.at)
        for i in table.indexes
    )
    foreigns = tuple(
        ForeignKeyView(
            names(table.key, f.columns),
            ".".join(filter(None, f.table)),
            names(f.table, f.referenced),
            f.on_delete,
            f.on_update,
            f.at,
        )
        for f in table.foreigns
    )
    return TableView(
        name=".".join(filter(None, table.key)),
        text=table.text,
        kind=table.kind,
        certain=table.known and not table.doubts,
        columns_known=columns_known,
        columns=tuple(
            _column(column, catalog, names(table.key, [column.key])[0], dialect, allowed.get(column.key, ()))
            for column in table.columns
        ),
        primary_key=names(table.key, table.primary.columns) if table.primary else (),
        foreign_keys=foreigns,
        indexes=(*uniques, *indexes),
        at=table.at,
    )


def _column(column: ColumnFact, catalog: Catalog, name: str, dialect: str, allowed: tuple[str, ...]) -> ColumnView:
    family, width = kind_of(column.type, dialect, catalog.types.values())
    kind = canonical(column.type)
    labels: tuple[str, ...] = ()
    if not kind.endswith("[]"):
        own = type_name(column.type)
        labels = next((t.labels for key, t in catalog.types.items() if key[1] == own), ())
    return ColumnView(
        name,
        kind,
        column.nullable,
        column.default,
        column.generated,
        length(column.type),
        labels,
        column.at,
        family,
        width,
        allowed,
    )
