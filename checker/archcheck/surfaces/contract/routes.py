"""What a document and the code that serves it tell differently: the subjects of the rules about routes.

Every one of them has a place on both sides. `others` are further operations of which the same is true for the same
cause: they are said once.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import Struct

from archcheck.finding import Stage
from archcheck.source import Location
from archcheck.surfaces.openapi.facts import OperationFact
from archcheck.surfaces.python.route import App, Route


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
    `documented` counts the routes that the document does name.
    """

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    routes: tuple[Route, ...]
    document: Document
    shared: str
    documented: int

    @property
    def at(self) -> Location:
        """Where the first of them is declared."""
        return self.routes[0].at


class UnimplementedOperations(Struct, frozen=True):
    """Operations that no route serves. `certain` says that every route of the app is known."""

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    operations: tuple[OperationFact, ...]
    app: App
    shared: str
    certain: bool

    @property
    def at(self) -> Location:
        """Where the first of them is documented."""
        return self.operations[0].at


class MethodDrift(Struct, frozen=True):
    """An operation whose path is served by `routes`, and not with its method.

    `instead` is the one route of that path that nobody documents. `certain` says that every route is known.
    """

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    operation: OperationFact
    routes: tuple[Route, ...]
    instead: Route | None
    certain: bool

    @property
    def at(self) -> Location:
        """Where the operation is documented."""
        return self.operation.at

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that its path is served with."""
        return tuple(sorted({route.method for route in self.routes}))


class ParameterDrift(Struct, frozen=True):
    """A parameter of which document and code tell different things.

    `undocumented`: required in code and not documented; `unread`: documented as required and not read; `stricter`:
    required in code and documented as optional; `looser`: the reverse; `kind`: of another type in the path.
    `documented` and `read` are the two types.
    """

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    operation: OperationFact
    route: Route
    name: str
    where: str
    problem: Literal["undocumented", "unread", "stricter", "looser", "kind"]
    documented: str = ""
    read: str = ""
    others: tuple[str, ...] = ()

    @property
    def at(self) -> Location:
        """Where the operation is documented."""
        return self.operation.at


class BodyDrift(Struct, frozen=True):
    """A body of which document and code tell different things.

    `undocumented`: read and not documented; `unread`: documented and not read; `missing`: the model requires `names`
    that the schema has not; `unknown`: the schema requires `names` that the model has not.
    """

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    operation: OperationFact
    route: Route
    problem: Literal["undocumented", "unread", "missing", "unknown"]
    names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def at(self) -> Location:
        """Where the operation is documented."""
        return self.operation.at


class StatusDrift(Struct, frozen=True):
    """Statuses of which document and code tell different things.

    `undocumented`: raised at `raised_at` and not documented; `never`: the documented successes, of which the route
    answers with none, but with `answers`.
    """

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    operation: OperationFact
    route: Route
    problem: Literal["undocumented", "never"]
    statuses: tuple[str, ...]
    raised_at: Location
    answers: int = 0
    others: tuple[str, ...] = ()

    @property
    def at(self) -> Location:
        """Where the operation is documented."""
        return self.operation.at


class AuthDrift(Struct, frozen=True):
    """An operation that asks for credentials on one side only: `closed` tells that the code does."""

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    operation: OperationFact
    route: Route
    closed: bool
    others: tuple[str, ...] = ()

    @property
    def at(self) -> Location:
        """The side to be mended: a guarded route makes the document wrong, an open one the code."""
        return self.operation.at if self.closed else self.route.at


class LimitDrift(Struct, frozen=True):
    """An operation that turns clients away on one side only: `limited` tells that the code does."""

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    operation: OperationFact
    route: Route
    limited: bool
    others: tuple[str, ...] = ()

    @property
    def at(self) -> Location:
        """Where the operation is documented."""
        return self.operation.at
