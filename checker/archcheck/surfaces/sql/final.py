"""A table as it is at the end of its history, as a rule asks for it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from archcheck.source import Location
from archcheck.surfaces.sql.catalog import Doubt, KeyFact, TableFact
from archcheck.surfaces.sql.indexing import Order, Spare, duplicates, leading, orders
from archcheck.surfaces.sql.members import TIMES, Column, ForeignKey, Index, name_words
from archcheck.surfaces.sql.shapes import (
    Copy,
    Pair,
    Reference,
    copied,
    polymorphic,
    repeating,
    soft_deletion,
    unreferenced,
)
from archcheck.surfaces.sql.stated import Named

if TYPE_CHECKING:
    from archcheck.surfaces.sql.subjects import History, Migration


class Table(Named[TableFact], frozen=True, eq=False):
    """A table as it is at the end of its history."""

    history: History

    @property
    def name(self) -> str:
        """Its folded name, without a schema."""
        return self.fact.key[1]

    @property
    def permanent(self) -> bool:
        """Whether it is an ordinary table that the history creates.

        Not temporary, foreign or virtual, no partition, and none that a runner keeps its own books in.
        """
        kind = self.fact.kind in ("permanent", "unlogged") and self.fact.key[1] not in _BOOKS
        return kind and self.fact.known and self.history.relational and not self.partition

    @property
    def managed_by_orm(self) -> str:
        """The framework that keeps it (`django`), and what it promises itself the database need not; else empty."""
        return self.fact.managed_by_orm

    @property
    def partition(self) -> bool:
        """Whether it is a part of another table, declared as such or by inheritance."""
        return self.fact.partition_of is not None or bool(self.fact.inherits)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """The statements that may have changed it in a way that is not known."""
        return self.fact.doubts

    @property
    def touched_by_opaque(self) -> bool:
        """Whether a statement that was not understood may concern it: then its absences prove nothing."""
        return bool(self.fact.doubts)

    @property
    def columns_known(self) -> bool:
        """Whether all of its columns are known."""
        return self.fact.whole and not self.fact.doubts

    @property
    def types_known(self) -> bool:
        """Whether all of its columns are known with their types; those of a CREATE TABLE AS are not."""
        return self.columns_known and all(column.type for column in self.columns)

    @property
    def primary_key(self) -> KeyFact | None:
        """Its primary key."""
        return self.fact.primary

    @property
    def keyless(self) -> bool:
        """Whether it certainly has no primary key."""
        return self.fact.primary is None and not self.fact.doubts

    @property
    def key_lost_at(self) -> Location | None:
        """Where its primary key was dropped, if it was."""
        return self.fact.key_lost

    @property
    def columns(self) -> tuple[Column, ...]:
        """Its columns in order."""
        return tuple(Column(fact, self) for fact in self.fact.columns)

    @property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """Its foreign keys in the order they were added."""
        return tuple(ForeignKey(fact, self) for fact in self.fact.foreigns)

    @property
    def indexes(self) -> tuple[Index, ...]:
        """Its indexes, without those that stand behind a constraint."""
        return tuple(Index(fact, self) for fact in self.fact.indexes)

    def column(self, key: str) -> Column | None:
        """Its column of that folded name."""
        return next((Column(fact, self) for fact in self.fact.columns if fact.key == key), None)

    @property
    def surrogate(self) -> Column | None:
        """The one column of its primary key, when its values come from a counter."""
        return next((column for column in self.columns if column.sole_key and column.counted), None)

    @property
    def narrow_key(self) -> Column | None:
        """Its surrogate key, when that certainly counts in a type that runs out."""
        key = self.surrogate
        if key is None or self.history.cockroach or not self.permanent or self.touched_by_opaque:
            return None
        narrow = key.kind.family == "integer" and key.kind.width <= 4 and not key.foreign
        return key if narrow else None

    @property
    def duplicate_orders(self) -> tuple[Spare, ...]:
        """Its indexes and unique keys that are the same as another one."""
        return () if self.fact.doubts else tuple(duplicates(self.fact))

    @property
    def leading_orders(self) -> tuple[Spare, ...]:
        """Its plain indexes that are the beginning of a longer one."""
        return () if self.fact.doubts else tuple(leading(self.fact))

    @property
    def soft_deletion(self) -> Column | None:
        """The column that marks a row as deleted, when it has one."""
        return soft_deletion(self)

    @property
    def unique_orders(self) -> tuple[Order, ...]:
        """Its unique keys and indexes other than the primary key, without those that contain it."""
        own = set(self.fact.primary.columns) if self.fact.primary else {""}
        return tuple(
            order
            for order in orders(self.fact)
            if order.unique and order.kind != "primary" and not own <= {part.key for part in order.parts}
        )

    def implied(self, order: Order) -> bool:
        """Whether an index is no more than the one that goes with a foreign key of one column."""
        keys = [part.key for part in order.parts]
        return any(list(foreign.columns) == keys for foreign in self.fact.foreigns)

    def columns_of(self, order: Order) -> tuple[Column, ...]:
        """The columns an order is over, those in its expressions too."""
        words = {part.key for part in order.parts}.union(*(part.expression.split("(") for part in order.parts))
        names = {word.strip('() "').lower() for word in words}
        return tuple(column for column in self.columns if column.name.lower() in names)

    def referred_by(self, columns: Collection[str]) -> bool:
        """Whether a foreign key of the history points at these columns of it."""
        tables = self.history.final.tables.values()
        return any(f.table == self.fact.key and set(f.referenced) == set(columns) for t in tables for f in t.foreigns)

    @property
    def repeating_columns(self) -> tuple[tuple[Column, ...], ...]:
        """Groups of columns of one type whose names count: `phone1`, `phone2`."""
        return tuple(repeating(self))

    @property
    def polymorphic_pairs(self) -> tuple[Pair, ...]:
        """Its pairs of columns like `target_type` and `target_id`."""
        return tuple(polymorphic(self))

    @property
    def unreferenced(self) -> tuple[Reference, ...]:
        """Its columns that are named after a table and not tied to it by a foreign key."""
        return tuple(unreferenced(self)) if self.columns_known else ()

    @property
    def copies(self) -> tuple[Copy, ...]:
        """Its columns that hold again what the row holds that they refer to."""
        return tuple(copied(self))

    def tells_when(self, words: Collection[str]) -> bool:
        """Whether a column with one of these words in its name (`created_at`, `dateCreated`) holds a time."""
        return any(column.timely and column.words.intersection(words) for column in self.columns)

    def stamped(self, but: Collection[str]) -> bool:
        """Whether the database writes down when a row came, under a name without these words (`granted_at`)."""
        return any(
            column.type.startswith(TIMES)
            and not column.nullable
            and _NOW.match(column.fact.default or "") is not None
            and column.words.isdisjoint(but)
            for column in self.columns
        )

    @property
    def keeps_time(self) -> bool:
        """Whether any column is a date or time."""
        return any(column.type.startswith(TIMES) for column in self.columns)

    @property
    def dated(self) -> bool:
        """Whether a column is called the time and no more, or its key is a ULID, which starts with the time."""
        own = self.fact.primary.columns if self.fact.primary else ()
        return any(
            (column.fact.key in own and _ULID.fullmatch(column.type) is not None)
            or (column.fact.key in _THE_TIME and column.type.startswith(("timestamp", "datetime")))
            for column in self.columns
        )

    @property
    def list_of_names(self) -> bool:
        """Whether it only gives things names, as a table of languages or kinds does: it points at nothing else."""
        others = [column for column in self.columns if not column.sole_key]
        return bool(others) and not self.fact.foreigns and all(c.words <= _NAMING for c in others)

    def called(self, names: Collection[str]) -> bool:
        """Whether it has one of these names, written with or without schema, in any case."""
        return bool({self.name.lower(), str(self).lower()}.intersection(name.lower() for name in names))

    def named_with(self, words: Collection[str]) -> bool:
        """Whether one of these words is in its name."""
        return not name_words(str(self)).isdisjoint(words)

    @property
    def single_row(self) -> bool:
        """Whether it is made to hold one row: its key is one boolean, or it holds settings that are nobody's."""
        columns = self.fact.primary.columns if self.fact.primary else ()
        key = self.column(columns[0]) if len(columns) == 1 else None
        if key is None or key.type.startswith("bool"):
            return key is not None
        bound = self.fact.foreigns or any("id" in column.words for column in self.columns if not column.sole_key)
        return not bound and key.counted and self.name.endswith(_SETTINGS)

    @property
    def join_table(self) -> bool:
        """Whether it only ties other tables together: foreign keys, and no more but a key, times and a place."""
        if len(self.fact.foreigns) < 2:
            return False
        tied = {column for foreign in self.fact.foreigns for column in foreign.columns}
        own = set(self.fact.primary.columns) if self.fact.primary else set()
        if any(foreign.table[1] == "django_content_type" for foreign in self.fact.foreigns):
            own.add("object_id")  # what a generic foreign key of Django points with
        return all(
            column.fact.key in tied | own or column.type.startswith(TIMES) or column.words <= _ORDER
            for column in self.columns
        )

    @property
    def migration(self) -> Migration | None:
        """The migration that created it."""
        return next((step for step in self.history.migrations if step.path == self.fact.at.path), None)


_BOOKS: Final = frozenset(
    "schema_migrations schema_migration __diesel_schema_migrations _sqlx_migrations _prisma_migrations gorp_migrations"
    " goose_db_version flyway_schema_history alembic_version django_migrations knex_migrations knex_migrations_lock"
    " pgmigrations databasechangelog databasechangeloglock atlas_schema_revisions ar_internal_metadata".split()
)
_ORDER: Final = frozenset(
    "display sort list item order position rank index ordinal sequence priority weight no".split()
)
_NOW: Final = re.compile(
    r"\(*(?:now\(|current_timestamp|localtimestamp|statement_timestamp|clock_timestamp|getdate)", re.I
)
_THE_TIME: Final = frozenset({"time", "timestamp", "datetime", "ts"})
_SETTINGS: Final = ("settings", "configuration", "config")
_ULID: Final = re.compile(r"ulid|char(?:acter)? ?\(26\)")
_NAMING: Final = frozenset({"name", "code", "label", "description", "slug"})
