"""A handoff is a call that gives a function of the project what a query may be made of. Plain data, no nodes."""

from __future__ import annotations

from msgspec import Struct

from archcheck.source import Location
from archcheck.surfaces.python.query import Part, Query


class Handoff(Struct, frozen=True):
    """One call. `target` is the dotted name of what is called, `call` the call as it is written.

    `span` is the line, column and end column of its name, `function` the qualified name of what it stands in. `given`
    are the texts that are handed over, under the index of a positional argument or the name of another; a name alone
    is a parameter that is passed on as it is. `bound` says that there are other arguments.
    """

    target: str
    span: tuple[int, int, int]
    function: str
    call: str
    given: dict[str, str | tuple[Part, ...]]
    bound: bool = False

    def at(self, path: str) -> Location:
        """Where it stands."""
        return Location(path, *self.span)


class Doors(Struct, frozen=True):
    """What goes in and out of a module's functions on its way to a query.

    `parameters` are those of its functions, by qualified name, without `self`. `wrappers` are calls that hand over to a
    database whatever they were given, and are no queries themselves.
    """

    parameters: dict[str, tuple[str, ...]]
    handoffs: tuple[Handoff, ...]
    wrappers: tuple[Query, ...]
