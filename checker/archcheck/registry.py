"""The surfaces there are, each imported only when it is first asked to read something."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from msgspec import Struct

from archcheck.source import Source
from archcheck.surface import Files, Meeting, Memory, Model, Noting, Settings, Surface, Tree, Unit


class LateSurface(Struct, eq=False):
    """A surface whose module is not imported yet: what is known of it without, and the way to it.

    `package` holds the module `surface` with the class that `kind` names, and beside it, where not every file with one
    of the suffixes `concerns` it, the module `claims`, which says so and imports no more.
    """

    name: str
    suffixes: tuple[str, ...]
    sniffs: bool
    package: str
    kind: str
    claims: bool = True

    @property
    def _real(self) -> Surface:
        return _loaded(self.package, self.kind)

    def concerns(self, path: str) -> bool:
        return not self.claims or _claim(self.package)(path)

    def sniff(self, source: Source) -> str:
        return self._real.sniff(source)

    def units(self, tree: Tree, files: Files) -> Iterable[Unit]:
        return self._real.units(tree, files)

    def notes(self, tree: Tree) -> Iterable[str]:
        real = self._real
        return real.notes(tree) if isinstance(real, Noting) else ()

    def read(self, unit: Unit, files: Files, memory: Memory | None, settings: Settings) -> Model:
        return self._real.read(unit, files, memory, settings)

    def link(self, interfaces: Sequence[tuple[str, bytes]]) -> Model | None:
        return self._real.link(interfaces)

    def owed(self, path: str, mark: str) -> bool:
        return self._real.owed(path, mark)


@cache
def _loaded(package: str, kind: str) -> Surface:
    real: Surface = getattr(importlib.import_module(f"{package}.surface"), kind)()
    return real


@cache
def _claim(package: str) -> Callable[[str], bool]:
    concerns: Callable[[str], bool] = importlib.import_module(f"{package}.claims").concerns
    return concerns


_SETTINGS = tuple(
    ".yaml .yml .ini .cfg .toml .env .env.local .env.dev .env.development .env.prod .env.production .env.staging"
    " .env.stage .env.live .env.docker".split()
)

SURFACES: Mapping[str, Surface] = {
    late.name: late
    for late in (
        LateSurface("openapi", (".yaml", ".yml", ".json"), True, "archcheck.surfaces.openapi", "OpenApi", claims=False),
        LateSurface("sql", (".sql", ".py"), True, "archcheck.surfaces.sql", "Sql"),
        LateSurface("python", (".py", *_SETTINGS), False, "archcheck.surfaces.python", "Python"),
    )
}

UNLINKED = frozenset({"openapi", "sql"})
"""The surfaces whose units have nothing to settle between them: no worker is asked to join them."""

CONTRACT = "contract"
"""The name under which rules ask for what surfaces have in common."""

HUB = "openapi"
"""The surface that all others are compared with: without a document of it there is nothing to compare."""


def meeting() -> Meeting:
    """Where the surfaces meet."""
    from archcheck.surfaces.contract.surface import Contract

    return Contract()


UNREAD_SUFFIXES: Mapping[str, str] = {
    ".graphql": "GraphQL schema",
    ".gql": "GraphQL schema",
    ".proto": "Protocol Buffers file",
}
"""Kinds of interface that no surface reads yet: they are named in the coverage, never passed over in silence."""


def belongs(path: str, surface: Surface) -> bool:
    """Whether a file is of the kind of a surface, by its suffix in any case, and lies where that may be."""
    return path.lower().endswith(surface.suffixes) and surface.concerns(path)
