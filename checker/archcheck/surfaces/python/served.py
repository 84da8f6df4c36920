"""What the linked modules of a project tell other surfaces: the apps with their routes, and what can be bound."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from archcheck.source import Location
from archcheck.surfaces.python.route import App


class Bound(Struct, frozen=True, array_like=True):
    """A function of a module: what it raises, its one plain success (0 for none that is known), all its answers."""

    name: str
    at: Location
    raised: tuple[tuple[int, Location], ...] = ()
    success: int = 0
    answered: tuple[int, ...] = ()


class Home(Struct, frozen=True, array_like=True):
    """A module of which a document may name the functions: those of which there is anything to tell, and all its names.

    `open` says that it may hold names that are not known, `binds` that it is one that binds documents.
    """

    module: str
    path: str
    functions: tuple[Bound, ...]
    names: tuple[str, ...]
    open: bool
    binds: bool


class Served(Struct, frozen=True, array_like=True):
    """The apps of a project, how many places there are whose routes could not be told, and what may be bound."""

    apps: tuple[App, ...]
    lost: int
    homes: tuple[Home, ...] = ()


def encode(apps: Sequence[App], lost: int, homes: Sequence[Home] = ()) -> bytes:
    """What is served, as bytes; none where nothing is."""
    return msgspec.msgpack.encode(Served(tuple(apps), lost, tuple(homes))) if apps or homes else b""


def decode(data: bytes) -> Served:
    """What `encode` wrote."""
    return msgspec.msgpack.decode(data, type=Served)
