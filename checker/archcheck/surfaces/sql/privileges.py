"""Privileges: what a whole history hands out and gives away: grants, powers, rights of functions, secrets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from archcheck.source import Location
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.stated import Judged

if TYPE_CHECKING:
    from archcheck.surfaces.sql.final import Table
    from archcheck.surfaces.sql.subjects import History

_TENANTS: Final = frozenset(
    "tenant_id tenantid org_id orgid organization_id organizationid organisation_id workspace_id account_id "
    "workspaceid company_id customer_account_id".split()
)

_WRITING: Final = frozenset({"ALL", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "CREATE"})
# Roles that own everything anyway.
_OWNERS: Final = frozenset({"postgres", "current_user", "session_user", "root"})


class Secret(NamedTuple):
    """A password or key that is written out, in every line of it; `of` says whose it is."""

    places: tuple[Location, ...]
    of: str


class Excess(NamedTuple):
    """A grant of more than can be needed, for all such grants of one file: `more` are the others."""

    at: Location
    grant: say.Grant
    more: int


class Privileges(Judged, frozen=True, eq=False):
    """What a history says about who may do what."""

    history: History

    @property
    def secrets(self) -> Iterator[Secret]:
        """The secrets in all its scripts, going up and down."""
        for path, statement in self._everything(down=True):
            if isinstance(statement, say.Role | say.Write) and statement.secrets:
                of = f"of {statement.name}" if isinstance(statement, say.Role) else f"for {_target(statement)}"
                yield Secret(tuple(span.within(path) for span in statement.secrets), of)

    @property
    def excessive(self) -> Iterator[Excess]:
        """The grants, going up, that give everything or let every role write; one for each file."""
        found: dict[str, list[tuple[Location, say.Grant]]] = {}
        for path, statement in self._everything():
            if isinstance(statement, say.Grant) and _excessive(statement):
                found.setdefault(path, []).append((statement.at.within(path), statement))
        yield from (Excess(*grants[0], len(grants) - 1) for grants in found.values())

    @property
    def powers(self) -> Iterator[tuple[Location, str]]:
        """The roles that are made superusers."""
        for path, statement in self._everything():
            if isinstance(statement, say.Role) and "SUPERUSER" in statement.powers:
                yield statement.at.within(path), statement.name

    @property
    def unpinned(self) -> Iterator[tuple[Location, str]]:
        """The functions that run with their owner's rights and the caller's search path, as they are at the end."""
        if self.history.dialect != "postgres":
            return
        found: dict[str, tuple[Location, str]] = {}
        for path, statement in self._everything():
            if isinstance(statement, say.CreateFunction):
                found.pop(statement.name.key, None)
                if statement.definer and not statement.pinned:
                    found[statement.name.key] = (statement.name.at.within(path), statement.name.text)
            elif isinstance(statement, say.ChangeFunction) and (statement.drop or statement.pins):
                for name in statement.names:
                    found.pop(name.key, None)
            elif isinstance(statement, say.Drop) and statement.kind == "SCHEMA":
                gone = {name.key for name in statement.names}
                found = {key: at for key, at in found.items() if at[1].rpartition(".")[0].lower() not in gone}
        yield from found.values()

    @property
    def secures(self) -> bool:
        """Whether any table has row level security."""
        return bool(self._secured)

    @property
    def _secured(self) -> frozenset[str]:
        return frozenset(
            statement.name.key
            for _, statement in self._everything()
            if isinstance(statement, say.AlterTable)
            for action in statement.actions
            if isinstance(action, say.OtherAction) and action.kind == "ENABLE ROW LEVEL SECURITY"
        )

    @property
    def shared(self) -> tuple[Table, ...]:
        """The final tables with rows of several tenants and no row level security."""
        if self.history.dialect != "postgres" or self.history.cockroach:
            return ()
        secured = self._secured
        return tuple(
            table
            for table in self.history.tables
            if table.permanent
            and not table.touched_by_opaque
            and table.name not in secured
            and any(column.name.lower() in _TENANTS for column in table.columns)
        )

    def _everything(self, down: bool = False) -> Iterator[tuple[str, say.Statement]]:
        for migration in self.history.migrations:
            yield from ((migration.path, statement) for statement in _flat(migration.up))
            if down:
                yield from ((migration.down_path, statement) for statement in _flat(migration.down))

    def __str__(self) -> str:
        return str(self.history)


def _flat(statements: Sequence[say.Statement]) -> Iterator[say.Statement]:
    for statement in statements:
        if isinstance(statement, say.Block):
            yield from _flat(statement.statements)
        else:
            yield statement


def _excessive(grant: say.Grant) -> bool:
    if grant.kind not in ("TABLE", "SCHEMA", "DATABASE"):
        return False
    if "public" in grant.to:
        return not _WRITING.isdisjoint(grant.privileges)
    return "ALL" in grant.privileges and not _OWNERS.issuperset(grant.to)


def _target(write: say.Write) -> str:
    return write.tables[0].text if write.tables else "a row"
