"""An upgrade is a migration going up on a database that is in use: its changes, what they meet, and what they hold.

Every change knows the table it concerns as it was right before, whether that table was there before the migration
began, and the transaction it runs in. What is not known for certain is answered in favour of the migration.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain, groupby
from typing import TYPE_CHECKING, TypeVar

from archcheck.finding import Finding, Fix, Related, Severity
from archcheck.source import Location
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.acts import Change, Said
from archcheck.surfaces.sql.catalog import Catalog, KeyFact, TableFact
from archcheck.surfaces.sql.stated import Judged
from archcheck.surfaces.sql.tracing import Tracing

if TYPE_CHECKING:
    from archcheck.surfaces.sql.subjects import History, Migration

Kind = TypeVar("Kind", bound=Said)
# So many names stand in a message.
_NAMED = 3
# The newest migrations are judged one by one; of more older ones than so many a habit is told once.
_NEWEST = 20
_MANY = 10
# The digits of a time up to its second.
_SECOND = 14


class Upgrade(Judged, frozen=True, eq=False, dict=True):
    """One migration of a history, going up; or several that are one, cut into a file for each statement.

    `locks` is whether it runs on a PostgreSQL, whose locks are known. CockroachDB only speaks its language.
    """

    history: History
    migrations: tuple[Migration, ...]
    locks: bool

    @property
    def at(self) -> Location:
        """The first line of its first file."""
        return self.migrations[0].at

    @property
    def before(self) -> Catalog:
        """The catalog before it."""
        return self.migrations[0].before

    @property
    def after(self) -> Catalog:
        """The catalog after it."""
        return self.migrations[-1].after

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of its files."""
        return frozenset(migration.path for migration in self.migrations)

    @property
    def wrapped(self) -> bool:
        """Whether its runner certainly opens a transaction around it."""
        return all(self.history.transaction(migration) == "wrapped" for migration in self.migrations)

    @property
    def piecemeal(self) -> bool:
        """Whether what it does outside transactions of its own certainly stays when a later step fails."""
        several = any(len(migration.up) > 1 for migration in self.migrations)
        if not several or self.history.dialect == "mysql":
            return several
        return all(self.history.transaction(migration) == "alone" for migration in self.migrations)

    def last(self, change: Change) -> bool:
        """Whether it belongs to the last statement of its file."""
        return not any(other.path == change.path and other.order > change.order for other in self.changes)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """All that it does, in order."""
        return tuple(Tracing(self).changes())

    def all(self, kind: type[Kind]) -> Iterator[tuple[Change, Kind]]:
        """The changes of one kind, with what they say."""
        for change in self._by_kind.get(kind, ()):
            assert isinstance(change.says, kind)
            yield change, change.says

    @cached_property
    def _by_kind(self) -> dict[type, list[Change]]:
        found: dict[type, list[Change]] = {}
        for change in self.changes:
            found.setdefault(type(change.says), []).append(change)
        return found

    @cached_property
    def unseen(self) -> frozenset[str]:
        """The names of tables that may be new, although the history does not know of them by their schema.

        Either a statement that was not followed names them, or one that creates them in another schema: it may be the
        same one, written as a constant of the code.
        """
        opaques = (opaque for migration in self.migrations for opaque in _opaques(migration.up))
        created = (table.name.key for _, table in self.all(say.CreateTable))
        return frozenset(chain(created, *(opaque.tables for opaque in opaques)))

    def gone(self, change: Change) -> bool:
        """Whether the migration drops the table of a change in the end."""
        key = change.table.key if change.table else None
        return any(
            drop.kind == "TABLE" and other.table is not None and other.table.key == key and other.order > change.order
            for other, drop in self.all(say.Drop)
        )

    def spared(self, change: Change) -> bool:
        """Whether nobody waits for a change for long: its table has one row, is emptied before it or dropped after.

        SQLite has one program that writes, and that one migrates.
        """
        return self.history.dialect == "sqlite" or self.emptied(change) or self.gone(change) or change.single

    def filled_once(self, table: TableFact) -> bool:
        """Whether a table gets its row where it is made, the first of another one, and the history adds no other."""
        rows = _filling(self.history).get(table.key[1], ())
        return bool(rows) and all(says.first and path == table.at.path for path, says in rows)

    def locked_anyway(self, change: Change) -> bool:
        """Whether its transaction keeps everyone out of its table for another reason than dropping indexes."""
        key = change.table.key if change.table else None
        return change.transaction != 0 and any(
            other.hold.blocks == "all"
            and other.table is not None
            and other.table.key == key
            and other.transaction == change.transaction
            and not isinstance(other.says, say.Drop)
            for other in self.changes
        )

    def stands(self, change: Change, column: str) -> bool:
        """Whether the table of a change has a column of that name in the end."""
        after = self.after.tables.get(change.table.key) if change.table else None
        return after is not None and any(fact.key == column for fact in after.columns)

    def remade(self, change: Change) -> bool:
        """Whether a table or view of its name, or of the one it had before, stands when the migration is done."""
        after = self.after
        if change.table is not None:
            old = {
                other.table.key
                for other, says in self.all(say.RenameTo)
                if other.table and change.name and says.new.key == change.name.key and other.order < change.order
            }
            return any(key in after.tables or key in after.views for key in {change.table.key, *old})
        return any(change.name is not None and key[1] == change.name.key for key in (*after.views, *after.tables))

    def added(self, change: Change, column: str) -> bool:
        """Whether a column came into the table of a change in this migration."""
        fact = change.column(column)
        return fact is not None and fact.at.path in self.paths and change.table is not None and change.table.known

    def validates(self, change: Change) -> bool:
        """Whether it validates a constraint of the table before a change."""
        return any(
            other.of == change.of and other.order < change.order for other, _ in self.all(say.ValidateConstraint)
        )

    @property
    def misplaced(self) -> Iterator[Change]:
        """What begins a transaction where one is open already, and what ends the one of its runner for good.

        Who leaves the runner's transaction and begins another for it (as Alembic's `autocommit_block` does) knows it.
        """
        opened = self.wrapped
        said = list(self.all(say.Transact))
        following = [*(says.kind for _, says in said[1:]), ""]
        for (change, says), next_kind in zip(said, following, strict=False):
            ends = self.wrapped and says.kind != "prepare" and next_kind != "begin"
            if opened if says.kind == "begin" else ends:
                yield change
            opened = says.kind == "begin"

    def recast(self, change: Change, column: str) -> bool:
        """Whether a column only changed places: another one has its name, or it stepped aside for one."""
        after = self.after.tables.get(change.table.key) if change.table else None
        if after is None:
            return False
        names = {fact.key for fact in after.columns}
        return any(
            other.of == change.of and says.new.key == column and (other.order > change.order or says.old.key in names)
            for other, says in self.all(say.RenameColumn)
        )

    def emptied(self, change: Change) -> bool:
        """Whether the migration removed all rows of a table before a change of it."""
        key = change.table.key if change.table else None
        return any(
            writes.whole and writes.kind in ("delete", "truncate") and other.table and other.table.key == key
            for other, writes in self.all(say.Write)
            if other.order < change.order
        )

    def locked_before(self, change: Change) -> Change | None:
        """The change that took a lock on a table in use, which its transaction still holds at this later one."""
        if not change.transaction:
            return None
        return next(
            (
                other
                for other in self.changes
                if other.order < change.order and other.transaction == change.transaction and other.hold.blocks
            ),
            None,
        )

    @cached_property
    def backfills(self) -> tuple[tuple[Change, Change], ...]:
        """The writes of many rows in use that happen under a lock on a table in use, each with what took the lock."""
        if not self.locks:
            return ()
        many = (change for change, says in self.all(say.Write) if change.existed and change.many)
        return tuple((change, lock) for change in many if (lock := self.locked_before(change)) is not None)

    def altering(self, change: Change) -> Iterator[Change]:
        """The changes of the same table by other ALTER TABLE statements."""
        if isinstance(change.statement, say.AlterTable):
            for other in self.changes:
                if (
                    isinstance(other.statement, say.AlterTable)
                    and other.order != change.order
                    and other.of == change.of
                ):
                    yield other

    def lost_keys(self, change: Change, column: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The keys of several columns that fall with one of them, although others stay and no new key has these.

        Each comes as what it is and its columns.
        """
        after = self.after.tables.get(change.table.key) if change.table else None
        if change.table is None or after is None or not change.table.known:
            return
        stay = {fact.key for fact in after.columns}
        now = [set(key.columns) for key in _keys(after)]
        now += [{part.key for part in index.parts} for index in after.indexes if index.unique]
        for key in _keys(change.table):
            rest = set(key.columns) & stay - {column}
            if column in key.columns and rest and not any(columns & rest for columns in now):
                yield ("primary key" if key.kind == "primary" else "unique constraint"), key.columns
        for foreign in change.table.foreigns:
            rest = set(foreign.columns) & stay - {column}
            if column in foreign.columns and rest and not any(rest & set(f.columns) for f in after.foreigns):
                yield "foreign key", foreign.columns

    def knew_type(self, name: say.Name) -> bool:
        """Whether a type of that name was there before, or no file creates it."""
        keys = (key[1] for key in self.before.types)
        return name.key in keys or not any(key[1] == name.key for key in self.after.types)

    def uses(self, change: Change, value: str) -> bool:
        """Whether a later statement of the same transaction contains a string."""
        quoted = f"'{value}'"
        return any(
            value in later.says.literals if isinstance(later.says, say.Write) else quoted in _text(later.says)
            for later in self.changes
            if later.order > change.order and later.transaction == change.transaction
        )

    def option(self, *names: str, before: int | None = None) -> bool:
        """Whether the migration sets one of these settings, before the statement of that number."""
        return any(
            setting.name in names and (before is None or change.order < before)
            for change, setting in self.all(say.SetOption)
        )

    def finding(
        self, changes: Sequence[Change], message: str, severity: Severity | None = None, fix: Fix | None = None
    ) -> Finding:
        """One finding for all changes of a kind in this migration, at the first of them."""
        related = tuple(Related(change.at, str(change) or "the same") for change in changes[1:])
        return Finding(changes[0].at, message, subject=str(self), related=related, fix=fix, severity=severity)

    def __str__(self) -> str:
        return str(self.migrations[0])


def named(changes: Sequence[object]) -> str:
    """The names of changes for a message: `a.b`, `a.b and c.d`, `a.b, c.d and 4 more`."""
    names = list(dict.fromkeys(str(change) for change in changes))
    if len(names) > _NAMED:
        return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


class Rollout(Judged, frozen=True, eq=False):
    """All upgrades of a history, for what is said once of the whole."""

    history: History
    upgrades: tuple[Upgrade, ...]

    def once(self, judge: Callable[[Upgrade], Iterable[Finding]], habit: str) -> Iterator[Finding]:
        """The findings of each migration; where many old ones have the same habit, one for all of those.

        They have run long ago: what is told of them is only how this history is written. The newest stand alone.
        """
        found = [(upgrade, list(judge(upgrade))) for upgrade in self.upgrades]
        old = [(upgrade, findings[0]) for upgrade, findings in found[:-_NEWEST] if findings]
        if len(old) <= _MANY:
            yield from chain.from_iterable(findings for _, findings in found)
            return
        (first, finding), *others = old
        yield Finding(
            finding.at,
            f"{len(old)} older migrations, first {first}, {habit}; mind it in new ones.",
            subject=str(self),
            related=tuple(Related(other.at, str(upgrade)) for upgrade, other in others[:_MANY]),
            severity="note",
        )
        yield from chain.from_iterable(findings for _, findings in found[-_NEWEST:])

    def __str__(self) -> str:
        return str(self.history)


def upgrades(history: History) -> Iterator[Upgrade]:
    """The migrations of a history that are judged as changes."""
    if history.relational:
        judged = (step for step in history.migrations[history.applied :] if not step.fresh)
        locks = history.dialect == "postgres" and not history.cockroach
        for _, steps in groupby(judged, _batch):
            yield Upgrade(history, tuple(steps), locks)


def applied_steps(migrations: Sequence[Migration], names: Collection[str]) -> int:
    """How many migrations have run everywhere: up to the last one that is named, by its version or name."""
    if not names:
        return 0
    known = {name.lstrip("0") for name in names}
    counts = (n for n, step in enumerate(migrations, 1) if {step.version.lstrip("0"), step.name} & (known | {*names}))
    return max(counts, default=0)


def _batch(step: Migration) -> str:
    """What the parts of one migration share: its title, and the second at the start of a longer version."""
    if len(step.version) > _SECOND and step.version.isdigit():
        return step.version[:_SECOND] + step.name.partition("_")[2]
    return step.path


def _keys(table: TableFact) -> Iterator[KeyFact]:
    yield from (key for key in (table.primary, *table.uniques) if key is not None)


@lru_cache(maxsize=1)
def _filling(history: History) -> dict[str, list[tuple[str, say.Write]]]:
    """The statements of a history that add rows, each with its path, by the name of a table."""
    found: dict[str, list[tuple[str, say.Write]]] = {}
    for migration in history.migrations:
        for says in migration.up:
            if isinstance(says, say.Write) and says.kind in ("insert", "merge"):
                for key in {name.key for name in says.tables}:
                    found.setdefault(key, []).append((migration.path, says))
    return found


def _text(says: Said) -> str:
    """The expressions that a change holds, as far as they may name a label of an enum."""
    if isinstance(says, say.SetDefault):
        return says.default or ""
    if isinstance(says, say.AddColumn):
        return says.column.default or ""
    if isinstance(says, say.AddConstraint):
        return says.constraint.check
    if isinstance(says, say.CreateTable):
        return " ".join(column.default or "" for column in says.columns)
    return says.index.predicate if isinstance(says, say.CreateIndex) else ""


def _opaques(statements: Sequence[say.Statement]) -> Iterator[say.Opaque]:
    for statement in statements:
        if isinstance(statement, say.Opaque):
            yield statement
        elif isinstance(statement, say.Block):
            yield from _opaques(statement.statements)
