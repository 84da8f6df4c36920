"""What a module tells of its place among the layers, as plain data that crosses process borders."""

from __future__ import annotations

from msgspec import Struct

from archcheck.surface import Layers
from archcheck.surfaces.python.routes_form import Spot


class Imported(Struct, frozen=True, array_like=True):
    """One imported name, dotted and absolute; a module, or something in one."""

    name: str
    at: Spot
    typing: bool


class Leaning(Struct, frozen=True, array_like=True):
    """All that a module imports, for the layers that are declared."""

    layers: Layers
    imports: tuple[Imported, ...]


class Traffic(Struct, frozen=True, array_like=True):
    """What a module has to do with the database and with the web.

    `asks` are its functions that query, by their first query and its place; `web` the names of a web framework with
    which it answers or refuses; `glue` says that it belongs to the web by the way it is built: middleware, views.
    `functions` counts all that it defines.
    """

    asks: tuple[tuple[str, str, Spot], ...]
    web: tuple[tuple[str, Spot], ...]
    glue: bool
    functions: int
