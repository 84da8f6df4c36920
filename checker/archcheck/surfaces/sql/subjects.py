"""Subjects are what a rule about databases may ask for: a history, its migrations, and its final tables part by part.

They are views over immutable facts. Names print as the user wrote them: `str(table)` is `orders`, `str(key)` is
`orders.user_id`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from archcheck.finding import Stage
from archcheck.source import Location
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import (
    Catalog,
    ColumnFact,
    Doubt,
    ForeignFact,
    IndexFact,
    Key,
    KeyFact,
    TableFact,
)
from archcheck.surfaces.sql.dialect import RELATIONAL
from archcheck.surfaces.sql.tables import covered
from archcheck.surfaces.sql.undoing import Undo


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """All migrations of one folder and one dialect, replayed. `final` is the catalog after the last of them.

    `names` are all that were ever given to tables, constraints and indexes.
    """

    surface: ClassVar[str] = "sql"
    stage: ClassVar[Stage] = "unit"

    folder: str
    layout: str
    dialect: str
    migrations: tuple[Migration, ...]
    final: Catalog
    names: frozenset[str] = frozenset()

    @property
    def relational(self) -> bool:
        """Whether its dialect is one whose tables are judged."""
        return self.dialect in RELATIONAL

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables there are at the end, in the order of the places that made them."""
        facts = sorted(self.final.tables.values(), key=lambda fact: (fact.at, fact.key))
        return tuple(Table(self, fact) for fact in facts)

    def table(self, key: Key) -> Table | None:
        """The final table of that schema and folded name."""
        fact = self.final.tables.get(key)
        return Table(self, fact) if fact else None

    def __str__(self) -> str:
        return self.folder or "."


@dataclass(frozen=True, slots=True, eq=False)
class Migration:
    """One step of a history: what it says going up and down, and the catalogs around it.

    `down` is empty where the layout has no such file for it.
    """

    surface: ClassVar[str] = "sql"
    stage: ClassVar[Stage] = "unit"

    version: str
    name: str
    path: str
    down_path: str
    up: tuple[say.Statement, ...]
    down: tuple[say.Statement, ...]
    before: Catalog
    after: Catalog
    undo: Undo | None = None

    @property
    def at(self) -> Location:
        """The first line of its file."""
        return Location(self.path, 1)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement of a migration going up, with its migration; `says` is its typed content."""

    surface: ClassVar[str] = "sql"
    stage: ClassVar[Stage] = "unit"

    history: History
    migration: Migration
    says: say.Statement

    @property
    def at(self) -> Location:
        """Its first word."""
        return self.says.at.within(self.migration.path)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table as it is at the end of its history."""

    surface: ClassVar[str] = "sql"
    stage: ClassVar[Stage] = "unit"

    history: History
    fact: TableFact

    @property
    def at(self) -> Location:
        """Its name in the statement that created it."""
        return self.fact.at

    @property
    def name(self) -> str:
        """Its folded name, without a schema."""
        return self.fact.key[1]

    @property
    def permanent(self) -> bool:
        """Whether it is an ordinary table that the history creates: not temporary, foreign or virtual, no partition."""
        kind = self.fact.kind in ("permanent", "unlogged")
        return kind and self.fact.known and self.history.relational and not self.partition

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
        return tuple(Column(self, fact) for fact in self.fact.columns)

    @property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """Its foreign keys in the order they were added."""
        return tuple(ForeignKey(self, fact) for fact in self.fact.foreigns)

    @property
    def indexes(self) -> tuple[Index, ...]:
        """Its indexes, without those that stand behind a constraint."""
        return tuple(Index(self, fact) for fact in self.fact.indexes)

    def tells_when(self, words: Collection[str]) -> bool:
        """Whether a column with one of these words in its name (`created_at`, `dateCreated`) holds a time."""
        return any(column.timely and column.words.intersection(words) for column in self.columns)

    @property
    def keeps_time(self) -> bool:
        """Whether any column is a date or time."""
        return any(column.type.startswith(_TIMES) for column in self.columns)

    def called(self, names: Collection[str]) -> bool:
        """Whether it has one of these names, written with or without schema, in any case."""
        return bool({self.name.lower(), str(self).lower()}.intersection(name.lower() for name in names))

    def named_with(self, words: Collection[str]) -> bool:
        """Whether one of these words is in its name."""
        return not name_words(str(self)).isdisjoint(words)

    @property
    def join_table(self) -> bool:
        """Whether it only ties other tables together: two foreign keys or more, and nothing else but keys and times."""
        if len(self.fact.foreigns) < 2:
            return False
        tied = {column for foreign in self.fact.foreigns for column in foreign.columns}
        own = set(self.fact.primary.columns) if self.fact.primary else set()
        return all(column.fact.key in tied | own or column.type.startswith(_TIMES) for column in self.columns)

    @property
    def migration(self) -> Migration | None:
        """The migration that created it."""
        return next((step for step in self.history.migrations if step.path == self.fact.at.path), None)

    def __str__(self) -> str:
        return self.fact.text


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of a final table."""

    surface: ClassVar[str] = "sql"
    stage: ClassVar[Stage] = "unit"

    table: Table
    fact: ColumnFact

    @property
    def at(self) -> Location:
        """Its name where it was defined."""
        return self.fact.at

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
    def words(self) -> frozenset[str]:
        """The lower-cased words of its name, at underscores and capitals."""
        return name_words(self.fact.text)

    @property
    def timely(self) -> bool:
        """Whether it can hold a moment: a date or time, a number, or text where a dialect has no type for times.

        A type that is not known (of CREATE TABLE AS) can.
        """
        if not self.words.isdisjoint(_NO_TIMES):
            return False
        numbers = ("int", "bigint", "numeric", "number", "double", "real", "float")
        texts = ("text", "char", "varchar") if self.table.history.dialect == "sqlite" else ()
        return self.type.startswith(_TIMES + numbers) or self.type in ("", *texts) or "time" in self.type

    def __str__(self) -> str:
        return f"{self.table}.{self.fact.text}"


@dataclass(frozen=True, slots=True, eq=False)
class ForeignKey:
    """A foreign key of a final table."""

    surface: ClassVar[str] = "sql"
    stage: ClassVar[Stage] = "unit"

    table: Table
    fact: ForeignFact

    @property
    def at(self) -> Location:
        """The constraint, or the column it stands at."""
        return self.fact.at

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
    def index_lost_at(self) -> Location | None:
        """Where its last index was dropped, if it ever had one."""
        return self.fact.lost

    def __str__(self) -> str:
        columns = self.columns
        return f"{self.table}.{columns[0]}" if len(columns) == 1 else f"{self.table} ({', '.join(columns)})"


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """An index of a final table."""

    surface: ClassVar[str] = "sql"
    stage: ClassVar[Stage] = "unit"

    table: Table
    fact: IndexFact

    @property
    def at(self) -> Location:
        """The statement that created it."""
        return self.fact.at

    @property
    def partial(self) -> bool:
        """Whether it holds only some rows."""
        return bool(self.fact.predicate)

    def __str__(self) -> str:
        return self.fact.text


_TIMES: Final = ("timestamp", "date", "time")
_NO_TIMES: Final = frozenset({"by", "id", "count", "user", "ip"})
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def name_words(name: str) -> frozenset[str]:
    """The lower-cased words of a name."""
    return frozenset(word.lower() for word in _WORD.findall(name))


def subjects(history: History, wanted: frozenset[type]) -> Iterator[object]:
    """The subjects of a history whose type is wanted, in the order of the places that made them."""
    if History in wanted:
        yield history
    for migration in history.migrations:
        if Migration in wanted:
            yield migration
        if Statement in wanted:
            yield from (Statement(history, migration, statement) for statement in migration.up)
    for table in history.tables:
        if Table in wanted:
            yield table
        if Column in wanted:
            yield from table.columns
        if ForeignKey in wanted:
            yield from table.foreign_keys
        if Index in wanted:
            yield from table.indexes
