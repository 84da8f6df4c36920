"""Symmetry: what going up and down again leaves, loses or changes in the catalog, thing by thing.

The statements that go down are replayed on the catalog after the migration, and the result is compared with the
catalog before it. Where a statement that was not understood may have a hand in it, nothing is said of that table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

from msgspec import structs
from msgspec.structs import replace

from archcheck.source import Location
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import (
    Catalog,
    CheckFact,
    ColumnFact,
    ForeignFact,
    IndexFact,
    KeyFact,
    TableFact,
    TypeFact,
)
from archcheck.surfaces.sql.families import kind_of
from archcheck.surfaces.sql.replay import Replay
from archcheck.surfaces.sql.types import canonical

Fate: TypeAlias = Literal["left", "lost", "changed"]


class Residue(NamedTuple):
    """One thing that is not as it was before: `left` that was not there, `lost` that was, or `changed`.

    `what` reads in a sentence: `the column orders.note`. `kind` is table, column, key, foreign key, check, index, enum,
    label, or `detail` for a default, a NOT NULL or a name. `at` is the place that made or last defined it.
    """

    fate: Fate
    kind: str
    what: str
    at: Location


_Fact: TypeAlias = KeyFact | ForeignFact | CheckFact | IndexFact
_ALL: Final = "*"
_CAST: Final = re.compile(
    r"::\s*(?:character varying|double precision|bit varying|time(?:stamp)? with(?:out)? time zone|[\w.\"]+)"
    r"(?:\(\d+\))?(?:\[\])*"
)


class Way(NamedTuple):
    """What one file says going up, and what it says going down; `path` is the file that goes down."""

    path: str
    up: tuple[say.Statement, ...]
    down: tuple[say.Statement, ...]


def residues(dialect: str, names: Iterable[str], before: Catalog, after: Catalog, ways: list[Way]) -> list[Residue]:
    """What differs from `before` when the ways, which led up to `after`, were gone back in reverse."""
    replay = Replay(dialect)
    replay.ever = set(names)
    replay.catalog = after.copy()
    doubtful: set[str] = set()
    guarded: set[str] = set()
    for way in reversed(ways):
        doubtful.update(_doubtful(way.up, after), _doubtful(way.down, after), _absent(way.up, before))
        guarded.update(_guarded_labels(way.up))
        replay.migrate(way.path, way.down)
    if _ALL in doubtful:
        return []
    dropped = frozenset(name for way in ways for name in _dropped(way.up))
    added = frozenset(name for way in ways for name in _added(way.up))
    stated = frozenset(claim for way in ways for claim in _stated(way.up))
    found = _Comparison(dialect, before, replay.catalog, after, doubtful, dropped, added, stated).found()
    # PostgreSQL cannot take a label back; where it is added only if it is missing, nobody will notice.
    return [residue for residue in found if not (residue.kind == "label" and residue.what.split("'")[1] in guarded)]


def _guarded_labels(statements: Iterable[say.Statement]) -> Iterator[str]:
    for statement in statements:
        if isinstance(statement, say.AlterType) and statement.if_not_exists:
            yield statement.value
        elif isinstance(statement, say.Block):
            yield from _guarded_labels(statement.statements)


def _doubtful(statements: Iterable[say.Statement], catalog: Catalog) -> Iterator[str]:
    """The tables that statements may change in a way that is not known."""
    for statement in statements:
        if isinstance(statement, say.Opaque):
            yield from statement.tables
        elif isinstance(statement, say.AlterTable):
            yield from (statement.name.key for action in statement.actions if isinstance(action, say.DropSought))
        elif isinstance(statement, say.Block):
            yield from _doubtful(statement.statements, catalog)
        elif isinstance(statement, say.Ignored):
            for call in statement.calls:
                yield from catalog.functions.get(call, ())
                yield from (statement.literals if call in catalog.functions else ())


def _absent(statements: Iterable[say.Statement], before: Catalog) -> Iterator[str]:
    """The names of tables that statements change only if they are there, and that the history does not know."""
    known = {key[1] for key in before.tables}
    for statement in statements:
        if isinstance(statement, say.AlterTable) and statement.if_exists and statement.name.key not in known:
            yield statement.name.key
            yield from (action.new.key for action in statement.actions if isinstance(action, say.RenameTo))


def _dropped(statements: Iterable[say.Statement]) -> Iterator[str]:
    """What statements drop, tables, columns and indexes: it was there before, whether the history knows it or not."""
    for statement in statements:
        if isinstance(statement, say.Drop) and statement.kind == "TABLE":
            yield from (name.key for name in statement.names)
        elif isinstance(statement, say.Drop) and statement.kind == "INDEX":
            yield from (f"index {name.key}" for name in statement.names)
        elif isinstance(statement, say.AlterTable):
            columns = (action.column.key for action in statement.actions if isinstance(action, say.DropColumn))
            yield from (f"{statement.name.key}.{column}" for column in columns)
        elif isinstance(statement, say.Block):
            yield from _dropped(statement.statements)


def _added(statements: Iterable[say.Statement]) -> Iterator[str]:
    """What statements make if it is missing: where it was there already, nothing was done that could be undone."""
    for statement in statements:
        if isinstance(statement, say.CreateTable) and statement.if_not_exists:
            yield statement.name.key
        elif isinstance(statement, say.CreateIndex) and statement.if_not_exists and statement.index.name:
            yield f"index {statement.index.name.key}"
        elif isinstance(statement, say.AlterTable):
            for action in statement.actions:
                if isinstance(action, say.AddColumn) and action.if_not_exists:
                    yield f"{statement.name.key}.{action.column.name.key}"
        elif isinstance(statement, say.Block):
            yield from _added(statement.statements)


def _stated(statements: Iterable[say.Statement]) -> Iterator[tuple[str, str]]:
    """The columns that get another type, with the one that they are said to have had."""
    for statement in statements:
        if isinstance(statement, say.AlterTable):
            for action in statement.actions:
                if isinstance(action, say.SetType) and action.was:
                    yield f"{statement.name.key}.{action.column.key}", canonical(action.was)


class _Comparison:
    """Two catalogs of one history, the one that was and the one that is after going up and down.

    Between them was `up`; `dropped` are the tables, columns and indexes that going up did away with, `added` those that
    it made if they were missing, `stated` the types that columns are said to have had.
    """

    def __init__(
        self,
        dialect: str,
        was: Catalog,
        now: Catalog,
        up: Catalog,
        doubtful: set[str],
        dropped: frozenset[str],
        added: frozenset[str],
        stated: frozenset[tuple[str, str]],
    ) -> None:
        self.dialect = dialect
        self.was = was
        self.now = now
        self.up = up
        self.doubtful = doubtful
        self.dropped = dropped
        self.added = added
        self.stated = stated

    def found(self) -> Iterator[Residue]:
        """All differences: tables, then types."""
        for key, table in self.was.tables.items():
            now = self.now.tables.get(key)
            if now is table or self._unsure(table, table):
                continue
            if now is None and key[1] in self.added:
                continue
            if now is None:
                yield Residue("lost", "table", f"the table {table.text}", table.at)
            elif not self._unsure(now, table):
                yield from self._table(table, now)
        for key, table in self.now.tables.items():
            brought_back = key[1] in self.dropped and key not in self.up.tables
            if key not in self.was.tables and table.known and not brought_back and not self._unsure(table, None):
                yield Residue("left", "table", f"the table {table.text}", table.at)
        yield from self._types()

    def _unsure(self, table: TableFact, before: TableFact | None) -> bool:
        doubts = before.doubts if before else ()
        return not table.known or table.doubts != doubts or table.key[1] in self.doubtful or bool(table.partition_of)

    def _table(self, was: TableFact, now: TableFact) -> Iterator[Residue]:
        gone: set[str] = set()
        if was.whole and now.whole:
            columns = {column.key: column for column in now.columns}
            for column in was.columns:
                if column.key not in columns:
                    gone.add(column.key)
                    if f"{was.key[1]}.{column.key}" in self.added:
                        continue
                    yield Residue("lost", "column", f"the column {was.text}.{column.text}", column.at)
                elif columns[column.key] is not column:
                    yield from self._column(was, column, columns[column.key])
            present = {column.key for column in was.columns}
            for column in now.columns:
                if column.key not in present:
                    gone.add(column.key)
                    if f"{was.key[1]}.{column.key}" in self.dropped and self._brought_back(was, column):
                        continue
                    yield Residue("left", "column", f"the column {was.text}.{column.text}", column.at)
        yield from self._group("key", was, _keys(was), _keys(now), gone)
        yield from self._group("foreign key", was, was.foreigns, now.foreigns, gone)
        yield from self._group("check", was, was.checks, now.checks, gone)
        yield from self._group("index", was, was.indexes, now.indexes, gone)

    def _column(self, table: TableFact, was: ColumnFact, now: ColumnFact) -> Iterator[Residue]:
        name = f"{table.text}.{was.text}"
        claimed = (f"{table.key[1]}.{was.key}", canonical(now.type)) in self.stated
        if not claimed and not self._same_type(was.type, now.type):
            yield Residue("changed", "column", f"the type of {name} ({now.type} for {was.type})", now.at)
        if was.nullable != now.nullable:
            yield Residue("lost" if now.nullable else "left", "detail", f"the NOT NULL of {name}", now.at)
        if "serial" in (was.generated, now.generated) or was.generated == now.generated == "serial":
            return
        if was.generated != now.generated:
            yield Residue("changed", "detail", f"how {name} is generated", now.at)
        elif _value(was.default) != _value(now.default):
            if was.default is None and not now.nullable and self._brought_back(table, was):
                return  # without one the column does not come back to a table with rows
            if was.default is None:
                yield Residue("left", "detail", f"the default of {name}", now.at)
            elif now.default is None:
                yield Residue("lost", "detail", f"the default of {name}", now.at)
            else:
                yield Residue("changed", "detail", f"the default of {name}", now.at)

    def _brought_back(self, table: TableFact, column: ColumnFact) -> bool:
        """Whether going up dropped a column and going down adds it again."""
        up = self.up.tables.get(table.key)
        return up is None or all(other.key != column.key for other in up.columns)

    def _same_type(self, was: str, now: str) -> bool:
        if canonical(was) == canonical(now) or not was or not now:
            return True
        kinds = [kind_of(text, self.dialect, self.was.types.values()) for text in (was, now)]
        return self.dialect != "postgres" and kinds[0] == kinds[1]

    def _group(
        self, kind: str, table: TableFact, was: Iterable[_Fact], now: Iterable[_Fact], gone: set[str]
    ) -> Iterator[Residue]:
        """Things without which a table is another one; those of a column that is named already are not named again."""
        # What was not touched is the same object still.
        before, behind = _apart(was, now)
        essences = [(self._essence(other), other) for other in behind]
        for fact in tuple(before):
            essence = self._essence(fact)
            equals = [other for other_essence, other in essences if other_essence == essence and other in behind]
            same = min(equals, key=lambda other: other.name != fact.name, default=None)
            if same is not None:
                before.remove(fact)
                behind.remove(same)
                if same.name != fact.name and self.dialect == "postgres":
                    what = f"the name of the {kind} {fact.name} of {table.text} ({same.name})"
                    yield Residue("changed", "detail", what, same.at)
        again = {fact.name: fact for fact in behind if fact.name}
        for fact in before:
            if gone.isdisjoint(_columns(fact)):
                other = again.pop(fact.name, None)
                if other is None and f"index {fact.name}" in self.added:
                    continue
                fate: Fate = "changed" if other else "lost"
                # Conditions have many spellings; that one was written anew in other words proves little.
                grade = "detail" if _alike(fact, other) else kind
                yield Residue(fate, grade, f"the {_named(kind, fact)} of {table.text}", (other or fact).at)
        for fact in behind:
            if f"index {fact.name}" in self.dropped:
                continue
            if gone.isdisjoint(_columns(fact)) and (fact.name in again or not fact.name):
                yield Residue("left", kind, f"the {_named(kind, fact)} of {table.text}", fact.at)

    def _essence(self, fact: _Fact) -> object:
        """What makes two things the same apart from name and place."""
        nowhere = Location("", 0)
        if isinstance(fact, ForeignFact):
            # NO ACTION is what a server does when nothing is written.
            deletes, updates = (_action(action) for action in (fact.on_delete, fact.on_update))
            bare = replace(fact, name="", at=nowhere, lost=None, table_text="", not_valid=False)
            return replace(bare, on_delete=deletes, on_update=updates)
        if isinstance(fact, CheckFact):
            # Rows of the meantime may break it: NOT VALID is the way to bring it back.
            return _value(fact.text)
        if isinstance(fact, IndexFact):
            method = (fact.method or "btree").lower()
            expressions = tuple(_value(part.expression) for part in fact.parts)
            plain = replace(fact, name="", text="", at=nowhere, predicate="", not_null=(), parts=())
            bare_index = replace(plain, method=method, implied=False)
            keys = tuple(structs.replace(part, expression="") for part in fact.parts)
            return (bare_index, keys, expressions, _value(fact.predicate))
        return replace(fact, name="", at=nowhere)

    def _types(self) -> Iterator[Residue]:
        for key, fact in self.was.types.items():
            now = self.now.types.get(key)
            if now is fact or fact.kind not in ("enum", "domain"):
                continue
            if now is None:
                yield Residue("lost", "enum", f"the type {fact.text}", fact.at)
            else:
                yield from _labels(fact, now)
        for key, fact in self.now.types.items():
            if key not in self.was.types and fact.kind in ("enum", "domain"):
                yield Residue("left", "enum", f"the type {fact.text}", fact.at)


def _apart(was: Iterable[_Fact], now: Iterable[_Fact]) -> tuple[list[_Fact], list[_Fact]]:
    """The facts of either side that the other does not hold."""
    before, behind = list(was), list(now)
    former, later = set(map(id, before)), set(map(id, behind))
    return [fact for fact in before if id(fact) not in later], [fact for fact in behind if id(fact) not in former]


def _alike(fact: _Fact, other: _Fact | None) -> bool:
    """Whether two checks, or two indexes, differ in nothing but the wording of expressions and conditions."""
    if isinstance(fact, CheckFact):
        return other is not None
    if not isinstance(fact, IndexFact) or not isinstance(other, IndexFact):
        return False
    keys = [[(part.key, part.descending) for part in index.parts] for index in (fact, other)]
    return keys[0] == keys[1] and bool(fact.predicate) == bool(other.predicate) and fact.unique == other.unique


def _named(kind: str, fact: _Fact) -> str:
    return f"{kind} {fact.name}" if fact.name else kind


def _keys(table: TableFact) -> tuple[KeyFact, ...]:
    return (table.primary, *table.uniques) if table.primary else table.uniques


def _columns(fact: _Fact) -> set[str]:
    if isinstance(fact, CheckFact):
        return set("".join(c if c.isalnum() or c in "_$" else " " for c in fact.text).split())
    if isinstance(fact, IndexFact):
        words = "".join(c if c.isalnum() or c in "_$" else " " for part in fact.parts for c in f"{part.expression} ")
        return {part.key for part in fact.parts} | set(words.split())
    return set(fact.columns)


def _action(text: str) -> str:
    return "" if text == "no action" else text


def _value(text: str | None) -> str | None:
    """A default or condition without what different spellings of the same have: casts, brackets, case, quotes."""
    if text is None or text.strip().lower() == "null":
        return None
    bare = _CAST.sub("", text.lower())
    bare = "".join(c for c in bare if c not in "()'\" \t\n")
    return bare.replace("current_timestamp", "now").replace("!=", "<>").replace("public.", "") or None


def _labels(was: TypeFact, now: TypeFact) -> Iterator[Residue]:
    for label in was.labels:
        if label not in now.labels:
            yield Residue("lost", "label", f"the label '{label}' of {was.text}", now.at)
    for label in now.labels:
        if label not in was.labels:
            yield Residue("left", "label", f"the label '{label}' of {was.text}", now.at)
