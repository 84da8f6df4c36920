"""Joining what modules tell of layers: which roles they have, and which imports lead up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from archcheck.source import Location
from archcheck.surface import Coverage, Gap, Layers
from archcheck.surfaces.python.interface import Interface
from archcheck.surfaces.python.layer import Breach, Mixture
from archcheck.surfaces.python.layers_form import Imported, Traffic
from archcheck.surfaces.python.route import rehearses
from archcheck.surfaces.python.routes_compose import Composed
from archcheck.surfaces.python.routes_form import Spot

_FEWEST: Final = 2
_MOST: Final = 3
_SHARE: Final = 0.6

_COMMANDS = frozenset({"argparse", "click", "typer"})


def mixtures(modules: Sequence[Interface], composed: Composed) -> Iterator[Mixture]:
    """The modules that do the work of two layers. A project has a layer of queries where most of them stand in it."""
    serving = {
        at.path
        for app in composed.apps
        for route in app.routes
        for at in (route.at, route.handler_at)
        if at is not None
    } | {handler.at.path for handler in composed.handlers}
    asking = [m for m in modules if m.traffic is not None and m.traffic.asks and not rehearses(m.path)]
    homes = [m for m in asking if m.path not in serving and m.traffic is not None and not m.traffic.glue]
    clean = [m for m in homes if m.traffic is not None and not m.traffic.web and _keeps(m.traffic)]
    inside = sum(len(m.traffic.asks) for m in clean if m.traffic is not None)
    every = sum(len(m.traffic.asks) for m in asking if m.traffic is not None)
    layered = len(clean) >= _FEWEST and inside >= _SHARE * every
    named = tuple(
        m.module for m in sorted(clean, key=lambda m: (-len(m.traffic.asks if m.traffic else ()), m.path))[:_MOST]
    )
    found = list(_mixed(asking, serving, homes, layered, named))
    if layered:
        yield from found
        return
    for role in ("controller", "repository"):
        mine = [mixture for mixture in found if mixture.role == role]
        if mine:
            yield replace(mine[0], others=len(mine) - 1)


def _keeps(traffic: Traffic) -> bool:
    """Whether a module is there for its queries: most of what it defines asks the database."""
    return 2 * len(traffic.asks) >= traffic.functions


def _mixed(
    asking: Sequence[Interface], serving: set[str], homes: Sequence[Interface], layered: bool, named: tuple[str, ...]
) -> Iterator[Mixture]:
    for module in asking:
        assert module.traffic is not None
        function, what, spot = module.traffic.asks[0]
        count = len(module.traffic.asks)
        if module.path in serving:
            at = _location(module.path, spot)
            yield Mixture("controller", module.module, at, what, function, count, layered, named)
        elif (
            module in homes
            and module.traffic.web
            and not _COMMANDS & {origin.partition(".")[0] for origin in module.imports.values()}
        ):
            name, place = module.traffic.web[0]
            at = _location(module.path, place)
            yield Mixture("repository", module.module, at, name, function, count, layered, named)


def breaches(modules: Sequence[Interface], coverage: Coverage) -> Iterator[Breach]:
    """Every import against the declared layers, straight or through modules that lie in none of them."""
    layers = next((module.leaning.layers for module in modules if module.leaning is not None), None)
    if layers is not None:
        yield from _Order(layers, modules, coverage).breaches()


class _Order:
    """The modules of a project with their layers, and who imports whom."""

    def __init__(self, layers: Layers, modules: Sequence[Interface], coverage: Coverage) -> None:
        self.layers = layers
        self.names = {module.module: module for module in modules}
        # A package in a folder that is none can be imported by its path from there, too.
        self.known = {_by_path(module.path): module.module for module in modules}
        self.known |= {name: name for name in self.names}
        self.accepted = [(_pattern(importer), _pattern(imported)) for importer, imported in layers.ignore]
        self.edges = {module.module: dict(self._edges(module)) for module in modules}
        self.coverage = coverage

    def breaches(self) -> Iterator[Breach]:
        found: dict[tuple[Location, str, str], list[Breach]] = {}
        for container in self.layers.containers or ("",):
            places = self._places(container)
            for name in sorted(places):
                for breach in self._upwards(name, places):
                    found.setdefault((breach.at, breach.lower, breach.higher), []).append(breach)
        for _, group in sorted(found.items(), key=lambda item: item[0]):
            first = min(group, key=lambda breach: (len(breach.chain), breach.chain))
            yield Breach(first.at, first.chain, first.steps, first.lower, first.higher, first.beside, len(group) - 1)

    def _places(self, container: str) -> dict[str, tuple[int, str]]:
        """The layer of each module in a container, as its position and its name; what is missing is a gap."""
        places: dict[str, tuple[int, str]] = {}
        for position, layer in enumerate(self.layers.order):
            for own in layer.modules:
                full = f"{container}.{own}" if container else own
                inside = [name for one, name in self.known.items() if one == full or one.startswith(f"{full}.")]
                if not inside and own not in layer.optional:
                    self._missing(full)
                places.update((name, (position, full)) for name in inside)
        return places

    def _missing(self, full: str) -> None:
        import difflib  # only mistakes need it

        hint = difflib.get_close_matches(full, self.known, n=1)
        way_out = (
            f"write '{hint[0]}'" if hint else "name it as it is imported, or put it in parentheses if it may be absent"
        )
        self.coverage.gaps.append(Gap(".", 0, "missing", f"the layer '{full}' names no module of the project", way_out))

    def _upwards(self, start: str, places: Mapping[str, tuple[int, str]]) -> Iterator[Breach]:
        """What a module reaches that lies above its layer, by the shortest way through modules of no layer."""
        position, lower = places[start]
        seen = {start}
        ways: list[tuple[str, ...]] = [(start,)]
        while ways:
            further: list[tuple[str, ...]] = []
            for way in ways:
                for name in self.edges[way[-1]]:
                    if name in seen:
                        continue
                    seen.add(name)
                    if name not in places:
                        further.append((*way, name))
                        continue
                    above, higher = places[name]
                    beside = above == position and higher != lower and self.layers.order[position].apart
                    if above < position or beside:
                        yield self._breach((*way, name), lower, higher, beside)
            ways = further

    def _breach(self, chain: tuple[str, ...], lower: str, higher: str, beside: bool) -> Breach:
        steps = tuple(_location(self.names[one].path, self.edges[one][other].at) for one, other in pairwise(chain))
        return Breach(steps[-1], chain, steps, lower, higher, beside, 0)

    def _edges(self, module: Interface) -> Iterator[tuple[str, Imported]]:
        """The modules of the project that a module imports, each by its first import."""
        seen: set[str] = set()
        for each in module.leaning.imports if module.leaning is not None else ():
            if each.typing and not self.layers.type_checking:
                continue
            name = self.known.get(each.name) or self.known.get(each.name.rpartition(".")[0], "")
            if not name or name == module.module or name in seen:
                continue
            if any(one.fullmatch(module.module) and other.fullmatch(name) for one, other in self.accepted):
                continue
            seen.add(name)
            yield name, each


def _by_path(path: str) -> str:
    """The dotted name that a file has by its path from the root alone."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _pattern(text: str) -> re.Pattern[str]:
    """`*` stands for one part of a dotted name, `**` for one or more."""
    parts = [r"[^.]+" if part == "*" else r".+" if part == "**" else re.escape(part) for part in text.split(".")]
    return re.compile(r"\.".join(parts))


def _location(path: str, spot: Spot) -> Location:
    return Location(path, spot.line, spot.column, spot.end)
