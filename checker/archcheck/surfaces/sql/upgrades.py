"""An upgrade is one migration going up on a database that is in use: its changes, what they meet, and what they hold.

Every change knows the table it concerns as it was right before, whether that table was there before the migration
began, and the transaction it runs in. What is not known for certain is answered in favour of the migration.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, TypeAlias, TypeVar

from archcheck.finding import Finding, Related, Severity, Stage
from archcheck.source import Location
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import ColumnFact, Key, TableFact
from archcheck.surfaces.sql.locking import Hold, hold
from archcheck.surfaces.sql.replay import Replay

if TYPE_CHECKING:
    from archcheck.surfaces.sql.subjects import History, Migration

Said: TypeAlias = say.Action | say.Statement
Kind = TypeVar("Kind", bound=Said)
# So many names stand in a message.
_NAMED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One thing that a migration does: an action of ALTER TABLE, or a statement (of DROP, one of its names).

    `table` is the fact of its table right before, None where the history knows of none. `of` is what it concerns, as
    written. `order` counts statements, `transaction` is the number of the transaction it certainly runs in, else 0.
    """

    upgrade: Upgrade
    order: int
    statement: say.Statement
    says: Said
    table: TableFact | None
    name: say.Name | None
    transaction: int

    @property
    def at(self) -> Location:
        """Where it stands."""
        return self.says.at.within(self.upgrade.migration.path)

    @property
    def existed(self) -> bool:
        """Whether its table certainly was there, with rows, before this migration began."""
        if self.table is None:
            return self.name is not None and self.name.key not in self.upgrade.unseen and not self._guarded
        if self.table.key[0] == "pg_temp" or self.table.kind == "temporary":
            return False
        if not self.table.known:
            return self.table.key[1] not in self.upgrade.unseen
        return self.table.at.path != self.upgrade.migration.path

    @property
    def _guarded(self) -> bool:
        return isinstance(self.says, say.Drop) and self.says.if_exists

    @property
    def of(self) -> str:
        """What it concerns, as written."""
        return self.name.text if self.name else ""

    def column(self, key: str) -> ColumnFact | None:
        """A column of its table as it was right before."""
        return next((c for c in self.table.columns if c.key == key), None) if self.table else None

    @property
    def hold(self) -> Hold:
        """The lock it takes and for how long; none on a table that is new."""
        return hold(self.says, self.upgrade.history.postgres_version) if self.existed else Hold()

    def __str__(self) -> str:
        says = self.says
        if isinstance(says, say.AddColumn):
            return f"{self.of}.{says.column.name.text}"
        if isinstance(says, say.DropColumn | say.SetType | say.SetNullable):
            return f"{self.of}.{says.column.text}"
        if isinstance(says, say.RenameColumn):
            return f"{self.of}.{says.old.text}"
        if isinstance(says, say.CreateIndex) and says.index.name:
            return says.index.name.text
        return self.of


@dataclass(frozen=True, eq=False)
class Upgrade:
    """One migration of a history, going up."""

    surface: ClassVar[str] = "sql"
    stage: ClassVar[Stage] = "unit"

    history: History
    migration: Migration

    @property
    def at(self) -> Location:
        """The first line of its file."""
        return self.migration.at

    @property
    def locks(self) -> bool:
        """Whether it runs on a PostgreSQL, whose locks are known. CockroachDB only speaks its language."""
        return self.history.dialect == "postgres" and not self.history.cockroach

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """All that it does, in order."""
        return tuple(_Tracing(self).changes())

    def all(self, kind: type[Kind]) -> Iterator[tuple[Change, Kind]]:
        """The changes of one kind, with what they say."""
        for change in self.changes:
            if isinstance(change.says, kind):
                yield change, change.says

    @cached_property
    def unseen(self) -> frozenset[str]:
        """The names of tables that a statement which was not followed may have created."""
        return frozenset(name for opaque in _opaques(self.migration.up) for name in opaque.tables)

    def dropped_later(self, change: Change) -> bool:
        """Whether the table of a change is gone when the migration is done."""
        return change.table is not None and change.table.key not in self.migration.after.tables

    def remade(self, key: Key) -> bool:
        """Whether a table or view of that name stands when the migration is done."""
        return key in self.migration.after.tables or key in self.migration.after.views

    def emptied(self, change: Change) -> bool:
        """Whether the migration removed all rows of a table before a change of it."""
        key = change.table.key if change.table else None
        return any(
            writes.whole and writes.kind in ("delete", "truncate") and other.table and other.table.key == key
            for other, writes in self.all(say.Write)
            if other.order < change.order
        )

    def option(self, *names: str, before: int | None = None) -> bool:
        """Whether the migration sets one of these settings, before the statement of that number."""
        return any(
            setting.name in names and (before is None or change.order < before)
            for change, setting in self.all(say.SetOption)
        )

    def finding(self, changes: Sequence[Change], message: str, severity: Severity | None = None) -> Finding:
        """One finding for all changes of a kind in this migration, at the first of them."""
        related = tuple(Related(change.at, str(change) or "the same") for change in changes[1:])
        return Finding(changes[0].at, message, subject=str(self), related=related, severity=severity)

    def __str__(self) -> str:
        return str(self.migration)


def named(changes: Sequence[object]) -> str:
    """The names of changes for a message: `a.b`, `a.b and c.d`, `a.b, c.d and 4 more`."""
    names = list(dict.fromkeys(str(change) for change in changes))
    if len(names) > _NAMED:
        return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def upgrades(history: History) -> Iterator[Upgrade]:
    """The migrations of a history that are judged as changes."""
    if history.relational:
        for migration in history.migrations[history.applied :]:
            yield Upgrade(history, migration)


def _opaques(statements: Sequence[say.Statement]) -> Iterator[say.Opaque]:
    for statement in statements:
        if isinstance(statement, say.Opaque):
            yield statement
        elif isinstance(statement, say.Block):
            yield from _opaques(statement.statements)


class _Tracing(Replay):
    """A replay of one migration that notes the table of every change right before it happens."""

    def __init__(self, upgrade: Upgrade) -> None:
        super().__init__(upgrade.history.dialect)
        self.upgrade = upgrade
        self.ever = set(upgrade.history.names)
        self.catalog = upgrade.migration.before.copy()
        self.found: list[Change] = []
        self.order = 0
        self.statement: say.Statement | None = None
        self.transactions = transactions(upgrade)

    def changes(self) -> list[Change]:
        """The changes in order."""
        self.path = self.upgrade.migration.path
        self.search = ()
        for order, statement in enumerate(self.upgrade.migration.up):
            self.order = order
            self.apply(statement)
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
        elif isinstance(says, say.CreateIndex | say.Write | say.Drop | say.Maintain | say.RenameTables):
            key = self.resolved(says.table if isinstance(says, say.Drop) and says.table else name)
            if key not in self.catalog.views or isinstance(says, say.Drop | say.Maintain):
                self._add(says, self.catalog.tables.get(key), name)

    def _add(self, says: Said, table: TableFact | None, name: say.Name | None) -> None:
        assert self.statement is not None
        transaction = self.transactions[self.order]
        self.found.append(Change(self.upgrade, self.order, self.statement, says, table, name, transaction))


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
        yield statement, statement.table if isinstance(statement, say.CreateIndex) else None


def transactions(upgrade: Upgrade) -> tuple[int, ...]:
    """The number of the transaction that each statement certainly runs in, 0 for none and for what is not known."""
    statements = upgrade.migration.up
    mode = upgrade.history.transaction(upgrade.migration)
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
