"""The members of a table: its columns, foreign keys and indexes, as a rule asks for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from archcheck.finding import Fix
from archcheck.source import Location
from archcheck.surfaces.sql.catalog import ColumnFact, ForeignFact, IndexFact
from archcheck.surfaces.sql.families import Kind, kind_of
from archcheck.surfaces.sql.shapes import deletion_style
from archcheck.surfaces.sql.stated import Named, Stated
from archcheck.surfaces.sql.tables import covered
from archcheck.surfaces.sql.types import canonical

if TYPE_CHECKING:
    from archcheck.surfaces.sql.final import Table


class Column(Named[ColumnFact], frozen=True, eq=False):
    """A column of a final table."""

    table: Table

    @property
    def typed_at(self) -> Location:
        """Where it got the type it has: its definition, or a later change of the type."""
        return self.fact.typed or self.fact.at

    @property
    def name(self) -> str:
        """Its folded name."""
        return self.fact.key

    @property
    def type(self) -> str:
        """Its type as written, lower-cased."""
        return self.fact.type

    @property
    def nullable(self) -> bool:
        """Whether it may be NULL."""
        return self.fact.nullable

    @property
    def kind(self) -> Kind:
        """The family and width of its type, aliases and domains resolved; an empty family where it is not known."""
        history = self.table.history
        return kind_of(self.fact.type, history.dialect, history.final.types.values())

    @property
    def counted(self) -> bool:
        """Whether its values come from a counter of the server."""
        fact = self.fact
        sequence = "nextval" in (fact.default or "").lower()
        rowid = self.table.history.dialect == "sqlite" and fact.type.lower() == "integer" and self.sole_key
        return fact.generated in _COUNTERS or sequence or rowid

    @property
    def greatest(self) -> int:
        """The greatest number that its type of integers holds."""
        bits = 8 * self.kind.width
        return (1 << (bits if "unsigned" in self.fact.type.lower() else bits - 1)) - 1

    @property
    def managed_by_orm(self) -> str:
        """The framework that keeps its table; empty where that is not one."""
        return self.table.managed_by_orm

    @property
    def random(self) -> bool:
        """Whether its values are random by nature: identifiers that the server or the caller makes up."""
        default = (self.fact.default or "").lower()
        return "uuid" in default or "random" in default or (self.kind.family == "uuid" and not self.foreign)

    @property
    def lasting(self) -> bool:
        """Whether its values are never given a second time: random ones, and ids that come from elsewhere."""
        return self.random or (self.word_list[-1:] == ("id",) and not self.foreign)

    @property
    def naive(self) -> bool:
        """Whether it is a PostgreSQL timestamp without time zone."""
        return self.table.history.dialect == "postgres" and "without time zone" in self._moment

    @property
    def aware(self) -> bool:
        """Whether it is a PostgreSQL timestamp with time zone."""
        return self.table.history.dialect == "postgres" and "with time zone" in self._moment

    @property
    def _moment(self) -> str:
        kind = canonical(self.fact.type) if self.fact.type.startswith("timestamp") else ""
        return kind.removesuffix("[]")

    @property
    def padded(self) -> bool:
        """Whether the server fills its values up with blanks, as PostgreSQL does."""
        kind = canonical(self.fact.type)
        fixed = kind == "character" or kind.startswith("character(")
        return self.table.history.dialect == "postgres" and fixed and kind != "character(1)"

    @property
    def flag(self) -> bool:
        """Whether, as a mark of deletion, it is a flag and no time."""
        return deletion_style(self) == "flag"

    @property
    def living(self) -> str:
        """The condition that leaves rows out which it marks as deleted."""
        if self.flag:
            return f"NOT {self.fact.text}" if self.kind.family == "boolean" else f"{self.fact.text} = 0"
        return f"{self.fact.text} IS NULL"

    @property
    def sole_key(self) -> bool:
        """Whether it alone is the primary key."""
        primary = self.table.fact.primary
        return primary is not None and primary.columns == (self.fact.key,)

    @property
    def unique(self) -> bool:
        """Whether no two rows have the same value in it."""
        fact = self.table.fact
        alone = [
            (part.key,) for index in fact.indexes if index.unique for part in index.parts[:1] if len(index.parts) == 1
        ]
        return self.sole_key or (self.fact.key,) in [*alone, *(unique.columns for unique in fact.uniques)]

    @property
    def foreign(self) -> bool:
        """Whether it belongs to a foreign key."""
        return any(self.fact.key in foreign.columns for foreign in self.table.fact.foreigns)

    @property
    def words(self) -> frozenset[str]:
        """The lower-cased words of its name, at underscores and capitals."""
        return name_words(self.fact.text)

    @property
    def word_list(self) -> tuple[str, ...]:
        """The same words in order."""
        return tuple(word.lower() for word in _WORD.findall(self.fact.text))

    @property
    def timely(self) -> bool:
        """Whether it can hold a moment: a date or time, a number, or text where a dialect has no type for times.

        A type that is not known (of CREATE TABLE AS) can.
        """
        if not self.words.isdisjoint(_NO_TIMES):
            return False
        numbers = ("int", "bigint", "numeric", "number", "double", "real", "float")
        texts = ("text", "char", "varchar") if self.table.history.dialect == "sqlite" else ()
        return self.type.startswith(TIMES + numbers) or self.type in ("", *texts) or "time" in self.type

    def __str__(self) -> str:
        return f"{self.table}.{self.fact.text}"


class ForeignKey(Stated[ForeignFact], frozen=True, eq=False):
    """A foreign key of a final table."""

    table: Table

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns as they were written."""
        texts = {column.key: column.text for column in self.table.fact.columns}
        return tuple(texts.get(column, column) for column in self.fact.columns)

    @property
    def references(self) -> str:
        """The table it points at, as written."""
        return self.fact.table_text

    @property
    def referenced_table(self) -> Table | None:
        """The table it points at, when the history knows it."""
        return self.table.history.table(self.fact.table)

    @property
    def managed_by_orm(self) -> bool:
        """Whether a framework keeps it, and what happens on deletion is decided there."""
        return bool(self.table.fact.managed_by_orm)

    @property
    def on_delete(self) -> str:
        """What it says about deletion, lower-cased (`cascade`, `no action`); empty when it says nothing."""
        return self.fact.on_delete

    @property
    def pairs(self) -> tuple[tuple[Column, Column], ...]:
        """Its columns with the columns they point at, as far as they are known."""
        target = self.referenced_table
        if target is None or len(self.fact.columns) != len(self.fact.referenced):
            return ()
        found = (
            (self.table.column(own), target.column(other))
            for own, other in zip(self.fact.columns, self.fact.referenced, strict=True)
        )
        return tuple((own, other) for own, other in found if own is not None and other is not None)

    @property
    def indexed(self) -> bool:
        """Whether an index, unique constraint or primary key starts with its columns, in any order.

        A partial index does not count unless its condition is only that columns of the key are not NULL. MySQL and
        MariaDB make an index of their own.
        """
        return self.table.history.dialect == "mysql" or covered(self.table.fact, self.fact)

    @property
    def unindexed(self) -> bool:
        """Whether it certainly has no such index."""
        return not self.indexed and not self.table.touched_by_opaque

    @property
    def index_added(self) -> Fix | None:
        """The new migration that creates the index; None where its name or its place is not certain."""
        from archcheck.surfaces.sql.missing_indexes import index_added

        return index_added(self)

    @property
    def index_lost_at(self) -> Location | None:
        """Where its last index was dropped, if it ever had one."""
        return self.fact.lost

    def __str__(self) -> str:
        columns = self.columns
        return f"{self.table}.{columns[0]}" if len(columns) == 1 else f"{self.table} ({', '.join(columns)})"


class Index(Named[IndexFact], frozen=True, eq=False):
    """An index of a final table."""

    table: Table

    @property
    def implied(self) -> bool:
        """Whether a framework made it without being asked (Django for every foreign key)."""
        return self.fact.implied

    @property
    def partial(self) -> bool:
        """Whether it holds only some rows."""
        return bool(self.fact.predicate)


_COUNTERS: Final = frozenset({"serial", "identity", "auto"})
TIMES: Final = ("timestamp", "date", "time")
_NO_TIMES: Final = frozenset({"by", "id", "count", "user", "ip"})
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def name_words(name: str) -> frozenset[str]:
    """The lower-cased words of a name."""
    return frozenset(word.lower() for word in _WORD.findall(name))
