"""What a document and the code that serves it tell differently: the subjects of the rules about routes.

Every one of them has a place on both sides. What is true of many for the same cause is said once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal, TypeAlias

from msgspec import Struct

from archcheck.finding import Related, Stage
from archcheck.source import Location
from archcheck.surfaces.openapi.facts import OperationFact
from archcheck.surfaces.python.route import App, Route

ParameterProblem: TypeAlias = Literal["undocumented", "unread", "stricter", "looser", "kind"]

_NAMED: Final = 3


class _Drift(Struct, frozen=True):
    """An operation and the route that serves it. Of `others` the same is true for the same cause."""

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    operation: OperationFact
    route: Route
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.operation} (and {len(self.others)} more)" if self.others else str(self.operation)

    @property
    def subject(self) -> str:
        """What it is about, wherever its operations stand in the document and whatever becomes of some of them."""
        return "several operations" if self.others else str(self.operation)

    @property
    def at(self) -> Location:
        """Where the operation is documented."""
        return self.operation.at

    @property
    def served_at(self) -> Location:
        """The handler, or where it is declared."""
        return self.route.handler_at or self.route.at


class Document(Struct, frozen=True):
    """A document that describes an app: its file, its title, and the place of its paths."""

    file: str
    title: str
    home: Location

    def __str__(self) -> str:
        return self.file


class UndocumentedRoutes(Struct, frozen=True):
    """Routes of an app that its document does not name.

    Several of them are one subject where they have something in common: `shared` is that, such as `/reports`, or
    `protected` or `public`, or `*` where they are many; empty for a single one.
    `certain` says that every path of the app is known: else some may be kept out where nobody can see it.
    """

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    routes: tuple[Route, ...]
    document: Document
    shared: str
    certain: bool

    def __str__(self) -> str:
        if self.shared in ("protected", "public"):
            return f"{len(self.routes)} routes, all of them {self.shared}, {_first(self.routes)},"
        where = f" under {self.shared}" if self.shared.startswith("/") else ""
        return f"{len(self.routes)} routes{where}, {_first(self.routes)},"

    @property
    def at(self) -> Location:
        """Where the first of them is declared."""
        return self.routes[0].at

    @property
    def single(self) -> bool:
        """Whether it is one route alone."""
        return len(self.routes) == 1

    @property
    def name(self) -> str:
        """What they are called, whatever happens to some of them."""
        if self.single:
            return str(self.routes[0])
        return self.shared if self.shared.startswith("/") else self.document.title or self.document.file

    @property
    def optional(self) -> bool:
        """Whether the framework makes documents itself, so that a route can be kept out."""
        return self.routes[0].framework == "fastapi"


class UnimplementedOperations(Struct, frozen=True):
    """Operations that no route serves, of an app whose routes are all known.

    `function` is the one that the document names for a single one, and that is not there.
    """

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    operations: tuple[OperationFact, ...]
    app: App
    shared: str
    function: str = ""

    def __str__(self) -> str:
        where = f" under {self.shared}" if self.shared else ""
        return f"{len(self.operations)} operations{where}, {_first(self.operations)},"

    @property
    def at(self) -> Location:
        """Where the first of them is documented."""
        return self.operations[0].at

    @property
    def single(self) -> bool:
        """Whether it is one operation alone."""
        return len(self.operations) == 1

    @property
    def name(self) -> str:
        """What they are called, whatever happens to some of them."""
        return str(self.operations[0]) if self.single else self.shared


class MethodDrift(Struct, frozen=True):
    """An operation whose path is served by `routes`, and not with its method.

    `instead` is the one route of that path that nobody documents. All routes of the app are known. Of `others` the same
    is true: their paths are served with the same methods, and not with this one.
    """

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    operation: OperationFact
    routes: tuple[Route, ...]
    instead: Route | None
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.operation} (and {len(self.others)} more)" if self.others else str(self.operation)

    @property
    def subject(self) -> str:
        """What it is about, wherever its operations stand in the document and whatever becomes of some of them."""
        return "several operations" if self.others else str(self.operation)

    @property
    def at(self) -> Location:
        """Where the operation is documented."""
        return self.operation.at

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that its path is served with."""
        return tuple(sorted({route.method for route in self.routes}))


class ParameterDrift(_Drift, frozen=True, kw_only=True):
    """A parameter of which document and code tell different things.

    `undocumented`: required in code and not documented; `unread`: documented as required and not read; `stricter`:
    required in code and documented as optional; `looser`: the reverse; `kind`: of another type in the path.
    `documented` and `read` are the two types.
    """

    name: str
    where: str
    problem: ParameterProblem
    documented: str = ""
    read: str = ""

    @property
    def lenient(self) -> bool:
        """Whether the code takes all that the document allows, and more."""
        return self.problem == "looser" or (self.problem == "kind" and self.read == "string")


class BodyDrift(_Drift, frozen=True, kw_only=True):
    """A body of which document and code tell different things.

    `undocumented`: read and not documented; `unread`: documented and not read; `missing`: the model requires `names`
    that the schema has not; `unknown`: the schema requires `names` that the model has not.
    """

    problem: Literal["undocumented", "unread", "missing", "unknown"]
    names: tuple[str, ...] = ()

    @property
    def listed(self) -> str:
        """The names in quotation marks."""
        return _listed([f"'{name}'" for name in self.names])

    @property
    def read_at(self) -> Location:
        """Where the code says what it reads: its model, or the handler."""
        return self.route.model.at if self.names and self.route.model is not None else self.served_at


class StatusDrift(_Drift, frozen=True, kw_only=True):
    """Statuses of which document and code tell different things.

    `undocumented`: raised at `raised_at` and not documented; `never`: the documented successes, of which the route
    answers with none, but with `answers`.
    """

    problem: Literal["undocumented", "never"]
    statuses: tuple[str, ...]
    raised_at: Location
    answers: int = 0

    @property
    def listed(self) -> str:
        """The statuses in a sentence."""
        return _listed(self.statuses)


class AuthDrift(_Drift, frozen=True, kw_only=True):
    """An operation that asks for credentials on one side only: `closed` tells that the code does."""

    closed: bool

    @property
    def at(self) -> Location:
        """The side to be mended: a guarded route makes the document wrong, an open one the code."""
        return self.operation.at if self.closed else self.route.at

    @property
    def proof(self) -> tuple[Related, ...]:
        """The other side, and why the code is taken for guarded."""
        if not self.closed:
            return (Related(self.operation.at, "documented as secured"),)
        steps = tuple(Related(step.at, step.label) for step in self.route.evidence)
        return (Related(self.route.at, "served here"), *steps)


class LimitDrift(_Drift, frozen=True, kw_only=True):
    """An operation that turns clients away on one side only: `limited` tells that the code does.

    `usual` says that the code limits other operations: where it limits none, a gateway may do it.
    """

    limited: bool
    usual: bool


def _first(items: Sequence[object]) -> str:
    named = [str(item) for item in items[:_NAMED]]
    if len(items) > _NAMED:
        return f"such as {named[0]}"
    return _listed(named)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
