"""Routes as rules see them: what an app answers to, who may ask, and the routers that nobody reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Final, Literal, TypeAlias

from msgspec import Struct

from archcheck.finding import Stage
from archcheck.source import Location

Auth: TypeAlias = Literal["protected", "optional", "public", "unknown"]
"""Whether a route asks who is calling: always, if it is said, never by proof, or nobody can tell from here."""

Body: TypeAlias = Literal["schema", "raw", "none", "unknown"]

WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OPENS: Final = re.compile(
    r"log[-_]?(?:in|out)|sign[-_]?(?:in|up|out)|regist|token|password|recover|reset|verif|confirm|activat|invit|webhook"
    r"|callback|oauth|saml|sso|health|ping|ready|live|metrics|contact|subscri|session|csrf|public|setup|hook|\bbot\b|bounce|preview|\{(?:code|key|secret|hash|slug)\}",
    re.I,
)
_PARAMETER: Final = re.compile(r"\{\w+\}")


class Evidence(Struct, frozen=True):
    """One step of the reason for a verdict about a route."""

    at: Location
    label: str


class Route(Struct, frozen=True):
    """One method of one path of one app.

    `method` is `ANY` where the framework asks the handler, `WS` for a web socket. `template` holds parameters as
    `{name}`, and `{?name}` where a part is not known. `handler` is dotted (`app.api:create_user`), `at` the decorator
    or call that declares it, `handler_at` the handler's name. `status` is the declared status, 0 for none; `responses`
    those documented beside it, `raised` those it raises itself, with their places. `conditional` says that it is
    declared or included under a condition.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    method: str
    template: str
    parameters: tuple[tuple[str, str], ...]
    handler: str
    at: Location
    handler_at: Location | None
    framework: str
    auth: Auth
    evidence: tuple[Evidence, ...]
    limited: bool | None
    status: int = 0
    responses: tuple[int, ...] = ()
    raised: tuple[tuple[int, Location], ...] = ()
    body: Body = "unknown"
    conditional: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def writes(self) -> bool:
        """Whether it changes something, by its method."""
        return self.method in WRITES

    @property
    def opens(self) -> bool:
        """Whether it is one that strangers need, by its name: to sign in, to call back, with a secret in its path."""
        return _OPENS.search(f"{self.template} {self.handler.rpartition(':')[2]}") is not None

    @property
    def certain(self) -> bool:
        """Whether every part of its path is known."""
        return "{?" not in self.template


class App(Struct, frozen=True):
    """One application with all its routes, in the order it tries them. `whole` says that nothing was lost."""

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    name: str
    at: Location
    framework: str
    routes: tuple[Route, ...]
    whole: bool

    def __str__(self) -> str:
        return self.name

    @property
    def duplicates(self) -> Iterator[tuple[Route, Route]]:
        """Pairs of routes of one method and path with different handlers: the one that answers, and a dead one."""
        first: dict[tuple[object, ...], Route] = {}
        for route in self.routes:
            if not route.certain or route.conditional or route.method == "ANY":
                continue
            kinds = tuple(kind for _, kind in route.parameters) if self.framework != "fastapi" else _paths(route)
            known = first.setdefault((route.method, _PARAMETER.sub("{}", route.template), kinds), route)
            if known.handler != route.handler:
                yield known, route


class Router(Struct, frozen=True):
    """A router, blueprint or urlconf that holds routes and that no app reaches.

    `certain` says that everything that is included anywhere is known, so that it is really reached by nobody.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    name: str
    what: str
    at: Location
    framework: str
    routes: int
    certain: bool

    def __str__(self) -> str:
        return self.name


class Handler(Struct, frozen=True):
    """A function that answers routes.

    `returned` are its framework's exceptions that it returns, `ignored` dependencies that stand where nobody looks,
    `idle` the guards above its route: name and place.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    name: str
    at: Location
    framework: str
    routes: tuple[str, ...]
    returned: tuple[tuple[str, Location], ...] = ()
    ignored: tuple[Location, ...] = ()
    idle: tuple[tuple[str, Location], ...] = ()

    def __str__(self) -> str:
        return self.name


def _paths(route: Route) -> tuple[str, ...]:
    """Which parameters take more than one segment."""
    return tuple(name for name, kind in route.parameters if kind == "path")
