"""Tracing replays the migrations of an upgrade, and notes what each change meets right before it happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.acts import Change, Said
from archcheck.surfaces.sql.catalog import Key, TableFact
from archcheck.surfaces.sql.replay import Replay
from archcheck.surfaces.sql.transactions import Mode

if TYPE_CHECKING:
    from archcheck.surfaces.sql.subjects import Migration
    from archcheck.surfaces.sql.upgrades import Upgrade


class Tracing(Replay):
    """A replay of one migration that notes the table of every change right before it happens."""

    def __init__(self, upgrade: Upgrade) -> None:
        super().__init__(upgrade.history.dialect)
        self.upgrade = upgrade
        self.ever = set(upgrade.history.names)
        self.catalog = upgrade.before.copy()
        self.found: list[Change] = []
        self.order = 0
        self.statement: say.Statement | None = None
        self.transaction = self.transactions = 0

    def changes(self) -> list[Change]:
        """The changes in order."""
        for migration in self.upgrade.migrations:
            self.path = migration.path
            self.search = ()
            numbers = transactions(migration, self.upgrade.history.transaction(migration))
            for place, (number, statement) in enumerate(zip(numbers, migration.up, strict=True)):
                self.transaction = number and number + self.transactions
                self.order += 1
                found = len(self.found)
                self.apply(statement)
                if place in migration.supposed:
                    # Where a setting decides how something is done, it may be done with more care.
                    del self.found[found:]
            self.transactions += max(numbers, default=0)
        return self.found

    def apply(self, statement: say.Statement) -> None:
        self.statement = statement
        for says, name in _parts(statement):
            self._note(says, name)
        super().apply(statement)

    def act(self, key: Key, action: say.Action) -> Key:
        assert isinstance(self.statement, say.AlterTable)
        self._add(action, self.catalog.tables.get(key), self.statement.name)
        return super().act(key, action)

    def _note(self, says: say.Statement, name: say.Name | None) -> None:
        if name is None:
            self._add(says, None, None)
        elif isinstance(says, say.Drop) and says.kind == "INDEX" and says.table is None:
            self._add(says, self.index_owner(name), name)
        elif isinstance(says, say.CreateTable):
            self._add(says, None, name)
        elif isinstance(says, say.CreateIndex | say.Write | say.Drop | say.Maintain | say.RenameTables):
            key = self.resolved(says.table if isinstance(says, say.Drop) and says.table else name)
            if key not in self.catalog.views or isinstance(says, say.Drop | say.Maintain):
                self._add(says, self.catalog.tables.get(key), name)

    def _add(self, says: Said, table: TableFact | None, name: say.Name | None) -> None:
        assert self.statement is not None
        place = (self.path, self.order)
        self.found.append(Change(self.upgrade, *place, self.statement, says, table, name, self.transaction))


def _parts(statement: say.Statement) -> Iterator[tuple[say.Statement, say.Name | None]]:
    """A statement with each name that it concerns; actions of ALTER TABLE are noted when they happen."""
    if isinstance(statement, say.AlterTable | say.Block):
        return
    if isinstance(statement, say.Drop | say.Maintain):
        yield from ((statement, name) for name in statement.names)
        if not statement.names:
            yield statement, None
    elif isinstance(statement, say.Write):
        yield from ((statement, name) for name in statement.tables)
    elif isinstance(statement, say.RenameTables):
        yield from ((statement, old) for old, _ in statement.pairs)
    else:
        name = statement.name if isinstance(statement, say.CreateTable) else None
        yield statement, statement.table if isinstance(statement, say.CreateIndex) else name


def transactions(migration: Migration, mode: Mode) -> tuple[int, ...]:
    """The number of the transaction that each statement certainly runs in, 0 for none and for what is not known."""
    statements = migration.up
    current = latest = 1 if mode == "wrapped" else 0
    if mode == "together" and len(statements) > 1 and not any(isinstance(s, say.Transact) for s in statements):
        return (1,) * len(statements)
    found = []
    for statement in statements:
        if isinstance(statement, say.Transact):
            if statement.kind == "begin" and not current:
                latest += 1
                current = latest
            elif statement.kind != "begin":
                current = 0
        found.append(current)
    return tuple(found)
