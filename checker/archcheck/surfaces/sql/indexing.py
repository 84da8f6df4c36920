"""Indexing: everything of a table that orders its rows, and which of it another one makes superfluous."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from archcheck.source import Location
from archcheck.surfaces.sql.catalog import IndexFact, KeyFact, TableFact
from archcheck.surfaces.sql.parts import Part


class Order(NamedTuple):
    """An index, or the one behind a key. `kind` is index, unique or primary; a unique one keeps rows apart as well."""

    kind: str
    name: str
    parts: tuple[Part, ...]
    unique: bool
    method: str
    include: frozenset[str]
    predicate: str
    at: Location

    @property
    def text(self) -> str:
        """Its columns, expressions and condition, lower-cased."""
        keys = " ".join(part.key or part.expression for part in self.parts)
        return f"{keys} {self.predicate}".lower()


class Spare(NamedTuple):
    """An order that another one of the same table makes superfluous."""

    order: Order
    instead: Order


_DEFAULT_METHOD: Final = "btree"


def orders(table: TableFact) -> tuple[Order, ...]:
    """The orders of a table: keys first, then indexes as they were made."""
    keys = [key for key in (table.primary, *table.uniques) if key is not None and key.kind != "exclude"]
    return (*map(_of_key, keys), *map(_of_index, table.indexes))


def _of_key(key: KeyFact) -> Order:
    parts = key.parts or tuple(Part(column) for column in key.columns)
    return Order(key.kind, key.name, parts, True, _DEFAULT_METHOD, frozenset(), "", key.at)


def _of_index(index: IndexFact) -> Order:
    predicate = " ".join(index.predicate.lower().replace("(", " ").replace(")", " ").split())
    method = (index.method or _DEFAULT_METHOD).lower()
    include = frozenset(index.include)
    return Order("index", index.text or index.name, index.parts, index.unique, method, include, predicate, index.at)


def duplicates(table: TableFact) -> Iterator[Spare]:
    """Orders that are the same as another: of two the key stays, then the unique one, then the older."""
    kept: list[Order] = []
    for order in sorted(orders(table), key=lambda order: (order.kind == "index", not order.unique)):
        same = next((other for other in kept if _same(other, order)), None)
        if same is None:
            kept.append(order)
        else:
            yield Spare(order, same)


def _same(one: Order, other: Order) -> bool:
    return one[2:3] + one[4:7] == other[2:3] + other[4:7]


def leading(table: TableFact) -> Iterator[Spare]:
    """Plain indexes whose every lookup a longer one serves, because it starts with the same columns."""
    found = orders(table)
    for order in found:
        if order.unique or order.include or order.method != _DEFAULT_METHOD:
            continue
        length = len(order.parts)
        longer = (
            other
            for other in found
            if other.method == _DEFAULT_METHOD
            and len(other.parts) > length
            and other.parts[:length] == order.parts
            and other.predicate == order.predicate
        )
        if (wider := next(longer, None)) is not None:
            yield Spare(order, wider)


def held(table: TableFact) -> frozenset[str]:
    """The folded names of a table, its columns, constraints and indexes."""
    keys = [key.name for key in (table.primary, *table.uniques) if key is not None]
    constraints = [foreign.name for foreign in table.foreigns] + [check.name for check in table.checks]
    indexes = [index.name for index in table.indexes]
    return frozenset([table.key[1], *keys, *constraints, *indexes, *(column.key for column in table.columns)])
