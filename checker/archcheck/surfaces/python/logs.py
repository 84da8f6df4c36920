"""What a module tells while it runs, as rules see it: log calls, prints, and failures it keeps quiet about."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import Struct

from archcheck.finding import Edit, Stage
from archcheck.source import Location
from archcheck.surfaces.python.query import Place


class Logs(Struct, frozen=True):
    """The log calls of a module that paste values into their message, in the order of the source; `edits` mend all
    of them."""

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    module: str
    pasted: tuple[Location, ...]
    first: str
    place: Place
    edits: tuple[Edit, ...] = ()

    def __str__(self) -> str:
        return self.module


class Leak(Struct, frozen=True):
    """Something in a log call that nobody may read later.

    `what` is the expression, `kind` a `secret` by its name, a bare `token` (which may be one of a text), or what a
    client sent: `body`, `headers`. `debug` says that the call is one for debugging.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    at: Location
    function: str
    call: str
    what: str
    kind: Literal["secret", "token", "body", "headers"]
    debug: bool
    place: Place

    def __str__(self) -> str:
        return self.call


class Swallowed(Struct, frozen=True):
    """A handler of every exception that does nothing and says nothing.

    `caught` is what is caught, `work` the first call that may fail silently. `fallback` says that something else stands
    ready when the work fails.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    at: Location
    function: str
    caught: str
    work: str
    fallback: bool
    place: Place

    def __str__(self) -> str:
        return self.function


class Prints(Struct, frozen=True):
    """The prints of a module that belongs to a service, in the order of the source."""

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    module: str
    at: Location
    count: int

    def __str__(self) -> str:
        return self.module


class LogSetup(Struct, frozen=True):
    """Where a project with an application sets its logs up, and whether any of it writes structured ones."""

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    at: Location
    call: str
    structured: bool

    def __str__(self) -> str:
        return self.call
