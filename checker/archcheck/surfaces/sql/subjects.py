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
    Doubt,
    Key,
    KeyFact,
    TableFact,
)
from archcheck.surfaces.sql.dialect import RELATIONAL
from archcheck.surfaces.sql.given import Given, given_names
from archcheck.surfaces.sql.indexing import Order, Spare, duplicates, held, leading, orders
from archcheck.surfaces.sql.members import TIMES, Column, ForeignKey, Index, name_words
from archcheck.surfaces.sql.privileges import Privileges
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
from archcheck.surfaces.sql.symmetry import Residue, Way, residues
from archcheck.surfaces.sql.transactions import Mode
from archcheck.surfaces.sql.undoing import Undo
from archcheck.surfaces.sql.upgrades import Rollout, Upgrade, upgrades


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """All migrations of one folder and one dialect, replayed. `final` is the catalog after the last of them.

    `names` are all that were ever given to tables, constraints and indexes. `applied` is how many of the migrations are
    known to have run everywhere.
    """

    surface: ClassVar[str] = "sql"
    stage: ClassVar[Stage] = "unit"

    folder: str
    layout: str
    dialect: str
    migrations: tuple[Migration, ...]
    final: Catalog
    names: frozenset[str] = frozenset()
    postgres_version: int = 14
    applied: int = 0

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

    @property
    def without_undo(self) -> tuple[Migration, ...]:
        """The migrations that cannot be taken back although most can. Repeated ones and baselines have no way back."""
        owing = [step for step in self.migrations if step.version and not _BASELINE.match(step.name)]
        lacking = tuple(step for step in owing if step.undo is None)
        return lacking if 2 * len(lacking) < len(owing) else ()

    @property
    def claimed_twice(self) -> tuple[tuple[Migration, ...], ...]:
        """The migrations that share a version, where the runner tells them apart by it."""
        if self.layout in _TOLD_BY_NAME:
            return ()
        found: dict[str, list[Migration]] = {}
        for step in self.migrations:
            found.setdefault(step.version.lstrip("0"), []).append(step)
        return tuple(tuple(steps) for version, steps in found.items() if version and len(steps) > 1)

    @property
    def cockroach(self) -> bool:
        """Whether it is for CockroachDB, as names in its paths tell."""
        return any(word in step.path.lower() for step in self.migrations for word in ("cockroach", "crdb"))

    def transaction(self, step: Migration) -> Mode:
        """How the runner of this layout runs a migration."""
        return step.transaction

    def keeps(self, key: str) -> bool:
        """Whether something has that folded name at the end."""
        return any(key in held(table) for table in self.final.tables.values())

    @property
    def steps(self) -> Iterator[tuple[Migration, ...]]:
        """The migrations, those together that follow each other under one title or were cut from one second.

        Generators cut what a migration says into one file a statement, and only all of them undo each other.
        """
        found: list[Migration] = []
        for step in self.migrations:
            if found and not found[-1].goes_on(step):
                yield tuple(found)
                found = []
            found.append(step)
        if found:
            yield tuple(found)

    def residues(self, steps: tuple[Migration, ...]) -> list[Residue]:
        """What is not as before after these migrations went up and down; empty where one of them has no way down."""
        undone = [(step, step.undo) for step in steps if step.undo is not None and not step.undo.unread]
        if len(undone) < len(steps) or all(undo.idle for _, undo in undone):
            return []
        ways = [Way(undo.path, step.up, undo.statements) for step, undo in undone]
        found = residues(self.dialect, self.names, steps[0].before, steps[-1].after, ways)
        if any(undo.explained for _, undo in undone):
            # The common remark: PostgreSQL cannot take a label back.
            found = [residue for residue in found if residue.kind != "label" or residue.fate != "left"]
        return found

    def forgotten(self, steps: tuple[Migration, ...]) -> list[Residue]:
        """What would stay of these migrations if nothing were undone."""
        ways = [Way(step.path, step.up, ()) for step in steps]
        return residues(self.dialect, self.names, steps[0].before, steps[-1].after, ways)

    def __str__(self) -> str:
        return self.folder or "."


@dataclass(frozen=True, slots=True, eq=False)
class Migration:
    """One step of a history: what it says going up and down, and the catalogs around it.

    `down` is empty where the layout has no such file for it. `transaction` is how its runner runs it. `parents` are the
    versions it says that it follows. A `fresh` one runs on new databases only (a baseline, a squashed migration).
    `final` is the place of a part that cannot be taken back, where that is what takes its way down away.
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
    transaction: Mode = "unknown"
    parents: tuple[str, ...] = ()
    fresh: bool = False
    final: Location | None = None

    @property
    def at(self) -> Location:
        """The first line of its file."""
        return Location(self.path, 1)

    @property
    def title(self) -> str:
        """Its name without the number in front."""
        return self.name[len(self.version) :].lstrip("._-") if self.name.startswith(self.version) else ""

    def goes_on(self, other: Migration) -> bool:
        """Whether the next one is a part of the same: by its title, or by the second in a version that counts on."""
        cut = len(self.version) > _SECOND and self.version.isdigit() and other.version.isdigit()
        return (self.title or self.name) == (other.title or other.name) or (
            cut and self.version[:_SECOND] == other.version[:_SECOND]
        )

    @property
    def starts_down(self) -> Location:
        """Its first word going down, or the first line of its file where it has no way down."""
        if self.undo is None or not self.undo.statements:
            return self.undo.at if self.undo else self.at
        return self.undo.statements[0].at.within(self.undo.path)

    @property
    def idles(self) -> bool:
        """Whether its way down does nothing and does not say why."""
        return self.undo is not None and self.undo.idle and not self.undo.explained

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

    @property
    def names(self) -> Iterator[Given]:
        """The names it gives."""
        return given_names(self.says)


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
        return tuple(Column(self, fact) for fact in self.fact.columns)

    @property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """Its foreign keys in the order they were added."""
        return tuple(ForeignKey(self, fact) for fact in self.fact.foreigns)

    @property
    def indexes(self) -> tuple[Index, ...]:
        """Its indexes, without those that stand behind a constraint."""
        return tuple(Index(self, fact) for fact in self.fact.indexes)

    def column(self, key: str) -> Column | None:
        """Its column of that folded name."""
        return next((Column(self, fact) for fact in self.fact.columns if fact.key == key), None)

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
        """Whether it only ties other tables together: two foreign keys or more, and nothing else but keys and times."""
        if len(self.fact.foreigns) < 2:
            return False
        tied = {column for foreign in self.fact.foreigns for column in foreign.columns}
        own = set(self.fact.primary.columns) if self.fact.primary else set()
        if any(foreign.table[1] == "django_content_type" for foreign in self.fact.foreigns):
            own.add("object_id")  # what a generic foreign key of Django points with
        return all(column.fact.key in tied | own or column.type.startswith(TIMES) for column in self.columns)

    @property
    def migration(self) -> Migration | None:
        """The migration that created it."""
        return next((step for step in self.history.migrations if step.path == self.fact.at.path), None)

    def __str__(self) -> str:
        return self.fact.text


_THE_TIME: Final = frozenset({"time", "timestamp", "datetime", "ts"})
_SETTINGS: Final = ("settings", "configuration", "config")
_ULID: Final = re.compile(r"ulid|char(?:acter)? ?\(26\)")
_NAMING: Final = frozenset({"name", "code", "label", "description", "slug"})
# The digits of a time up to its second; what follows them counts the parts of one migration.
_SECOND: Final = 14
_BASELINE: Final = re.compile(r"B\d")
# Runners that tell migrations apart by their whole names; they do not mind two of one number.
_TOLD_BY_NAME: Final = frozenset({"prisma", "sql-migrate", "node-pg-migrate"})


def subjects(history: History, wanted: frozenset[type]) -> Iterator[object]:
    """The subjects of a history whose type is wanted, in the order of the places that made them."""
    if History in wanted:
        yield history
    if Privileges in wanted and history.migrations:
        yield Privileges(history)
    if Upgrade in wanted or Rollout in wanted:
        steps = tuple(upgrades(history))
        yield from steps if Upgrade in wanted else ()
        yield from (Rollout(history, steps),) if steps and Rollout in wanted else ()
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
