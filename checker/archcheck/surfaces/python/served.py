"""What the linked modules of a project tell other surfaces: the apps with their routes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from archcheck.surfaces.python.route import App


class Served(Struct, frozen=True, array_like=True):
    """The apps of a project, and how many places there are whose routes could not be told."""

    apps: tuple[App, ...]
    lost: int


def encode(apps: Sequence[App], lost: int) -> bytes:
    """What is served, as bytes; none where nothing is."""
    return msgspec.msgpack.encode(Served(tuple(apps), lost)) if apps else b""


def decode(data: bytes) -> Served:
    """What `encode` wrote."""
    return msgspec.msgpack.decode(data, type=Served)
