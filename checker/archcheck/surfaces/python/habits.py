"""What a module tells the whole project about how it runs: what stops an event loop, what it prints, how it logs."""

from __future__ import annotations

from msgspec import Struct

from archcheck.source import Location


class Stall(Struct, frozen=True, array_like=True):
    """A function that is no coroutine and waits: what it comes down to, its kind and its place."""

    inner: str
    kind: str
    at: Location


class Ask(Struct, frozen=True, array_like=True):
    """A call on the event loop: of what waits itself (`stall`), or of a function of the project by its dotted name."""

    at: Location
    function: str
    call: str
    target: str
    stall: Stall | None = None


class Setup(Struct, frozen=True, array_like=True):
    """A place where logs are set up."""

    at: Location
    call: str


class Habits(Struct, frozen=True, array_like=True):
    """One module.

    `structured` says that it writes structured logs, `outside` are its calls to other systems: how many, the first one
    and its place. `guards` says that it speaks of retries or breakers. `brings` is what it imports inside functions,
    `prints` are its prints, each with the function at the top of the module around it.
    """

    stalls: dict[str, Stall]
    asks: tuple[Ask, ...]
    prints: tuple[tuple[Location, str], ...]
    setup: Setup | None = None
    structured: bool = False
    outside: tuple[int, str, Location] | None = None
    guards: bool = False
    brings: tuple[str, ...] = ()
