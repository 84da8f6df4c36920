"""What a service asks of others, as rules see it: calls that may hang, retries, work that stops a loop, caches."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct

from archcheck.finding import Edit, Stage
from archcheck.source import Location
from archcheck.surfaces.python.query import Place

Wait: TypeAlias = Literal["none", "constant", "growing", "unknown"]
"""What lies between two attempts."""


class Outbound(Struct, frozen=True):
    """A call to another system that waits for ever if that does not answer.

    `family` is `http`, `mail`, `file transfer`, or `connection` for databases, brokers and sockets. `library` is how
    the timeout is called there. `disabled` is the place of a timeout that was turned off, else None.
    `edits` give it a timeout.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    at: Location
    function: str
    call: str
    family: Literal["http", "mail", "file transfer", "connection"]
    parameter: str
    disabled: bool
    place: Place
    edits: tuple[Edit, ...] = ()

    def __str__(self) -> str:
        return self.call


class Retry(Struct, frozen=True):
    """Something that is tried again when it fails.

    `what` is the call or function that is tried again, `how` the loop or the library. `limited` says that it gives up
    some time, `wait` what lies between two attempts. `write` is the place of a POST among what is tried again that
    carries no key by which the other side could know it again.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    at: Location
    function: str
    what: str
    how: str
    limited: bool
    wait: Wait
    write: Location | None
    place: Place

    def __str__(self) -> str:
        return self.what


class Blocked(Struct, frozen=True):
    """A call in an `async def` that stops the event loop until it is done.

    `call` is what stands there, `inner` what it comes down to: the same, or a call in a helper of the project. `kind`
    is `sleep`, `http`, `mail`, `database`, `process` or `socket`. `others` counts further calls of the helper, or of
    the kind in the function; `steps` are their places, and that of what the helper waits for.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    at: Location
    function: str
    call: str
    inner: str
    kind: str
    steps: tuple[tuple[str, Location], ...]
    others: int = 0

    def __str__(self) -> str:
        return self.call


class Unguarded(Struct, frozen=True):
    """The calls of one module to other systems, with no retry and no circuit breaker in it or in whoever imports it."""

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    at: Location
    module: str
    call: str
    count: int

    def __str__(self) -> str:
        return self.module


class Cached(Struct, frozen=True):
    """Something that is put into a cache for ever, an entry for each of what there are always more of.

    `never` says that the call turns expiry off itself. `certain` says that the store is a cache by its name or library,
    and no database of its own.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    at: Location
    function: str
    call: str
    parameter: str
    never: bool
    certain: bool
    place: Place

    def __str__(self) -> str:
        return self.call
