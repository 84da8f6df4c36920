"""Status codes: which there are, which of them an operation owes by what it is, and which most of an API leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from archcheck.source import Location
from archcheck.surfaces.openapi.facts import OperationFact

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.place import Place
    from archcheck.surfaces.openapi.view import View

StatusKind: TypeAlias = Literal["registered", "unregistered", "none"]

_KEY: Final = re.compile(r"[1-5](?:[0-9][0-9]|XX)|default")
_CODE: Final = re.compile(r"[1-5][0-9][0-9]")
_REGISTERED: Final = frozenset(
    {
        *range(100, 105),
        *range(200, 209),
        226,
        *range(300, 309),
        *range(400, 419),
        *range(421, 427),
        428,
        429,
        431,
        451,
        *range(500, 509),
        510,
        511,
    }
)
# An operation that is gone, forbidden or not there yet has no success to tell of.
_NEVER: Final = frozenset({"405", "410", "501"})
_FILE: Final = re.compile(r"/\.well-known/|\.(?:js|css|html?|txt|xml|ico|png|svg|ya?ml)$")
_BODILESS: Final = ("204", "205", "304")

OWED: Final = ("400 or 422", "401", "403", "404", "5XX or default", "409")
"""What operations may owe, as it is said."""
_MET: Final = {
    "400 or 422": {"400", "422"},
    "401": {"401"},
    "403": {"403"},
    "404": {"404"},
    "409": {"409"},
    "5XX or default": {"default"},
}


_MANY: Final = 10
"""So many operations with one defect are told together, however many are without it."""


class Debt(Struct, frozen=True):
    """One status: the operations that owe it, and those that do not document it."""

    status: str
    owing: tuple[OperationFact, ...]
    lacking: tuple[OperationFact, ...]

    @property
    def widespread(self) -> bool:
        """Whether most lack it, or many, so that it is one defect of the API."""
        return self.usual or len(self.lacking) >= _MANY

    @property
    def usual(self) -> bool:
        """Whether most lack it."""
        return len(self.lacking) > 1 and 2 * len(self.lacking) > len(self.owing)

    def __str__(self) -> str:
        first = "" if self.usual or not self.lacking else f" (first {self.lacking[0]})"
        return f"{len(self.lacking)} of {len(self.owing)} lack {self.status}{first}"


class Debtor(Struct, frozen=True):
    """Who does not document failures: the API, or one operation; and what is told of it."""

    name: str
    at: Location
    told: str


def kind_of(key: str, version: str) -> StatusKind:
    """Whether a response key is a registered status, one that nobody registered, or none at all."""
    if _CODE.fullmatch(key):
        return "registered" if int(key) in _REGISTERED else "unregistered"
    return "registered" if _KEY.fullmatch(key) and not (version == "2.0" and key.endswith("XX")) else "none"


def succeeds(statuses: Iterable[str]) -> bool:
    """Whether an operation tells of a success, or of none because it never has one. `101` is one of websockets."""
    known = set(statuses)
    return bool(known & _NEVER) or any(
        status[:1] in ("2", "3") or status in ("101", "1XX") or status.lower() == "default" for status in known
    )


def bodiless(statuses: Iterable[str]) -> str:
    """The status among these whose responses have no body by law; empty for none."""
    return next((status for status in statuses if status in _BODILESS), "")


def odd_statuses(view: View) -> Iterator[tuple[Place, StatusKind]]:
    """The keys under `responses` that are no registered status."""
    for entry in view.entries("responses"):
        kind = kind_of(str(entry.key), view.api.version)
        if kind != "registered":
            yield entry, kind


def owed(operation: OperationFact) -> Iterator[str]:
    """The failures that an operation certainly has, by what it takes and demands."""
    if operation.body or operation.constrained:
        yield "400 or 422"
    if operation.demand == "required":
        yield "401"
        if operation.scoped:
            yield "403"
    if "{" in operation.path:
        yield "404"
    yield "5XX or default"
    if operation.creates:
        yield "409"


def documents(operation: OperationFact, status: str) -> bool:
    """Whether an operation tells of a failure, be it by a range or by `default`."""
    known = {one if one == "default" else one.upper() for one in operation.statuses}
    if "DEFAULT" in known or "default" in known:
        return True
    if status == "5XX or default":
        return any(one[:1] == "5" for one in known)
    return "4XX" in known or not known.isdisjoint(_MET[status])


def debts(operations: Iterable[OperationFact]) -> tuple[Debt, ...]:
    """What operations owe, status by status. Those without any answer and those that
    hand out a file are left out."""
    owing: dict[str, list[OperationFact]] = {status: [] for status in OWED}
    for operation in operations:
        for status in owed(operation) if operation.statuses and not _FILE.search(operation.path) else ():
            owing[status].append(operation)
    return tuple(
        Debt(status, tuple(all_), tuple(one for one in all_ if not documents(one, status)))
        for status, all_ in owing.items()
    )


def debtors(debts: Iterable[Debt], home: Location) -> Iterator[Debtor]:
    """What many operations lack as one sentence about the API, then each of the others with all that it lacks."""
    known = list(debts)
    wide = [str(debt) for debt in known if debt.widespread]
    if wide:
        yield Debtor("operations", home, f"Operations do not document how they fail: {', '.join(wide)}")
    lacking: dict[Location, tuple[OperationFact, list[str]]] = {}
    for debt in known:
        for operation in () if debt.widespread else debt.lacking:
            lacking.setdefault(operation.at, (operation, []))[1].append(debt.status)
    for at, (operation, statuses) in lacking.items():
        yield Debtor(str(operation), at, f"{operation} does not document {_together(statuses)}")


def _together(statuses: list[str]) -> str:
    """A list of what is owed, of which some are a choice of two: `400 or 422, nor 404, nor 5XX or default`."""
    return ", nor ".join(statuses)
