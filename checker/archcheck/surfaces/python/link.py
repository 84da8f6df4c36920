"""Linking answers what one module asks of another, and settles the queries that waited for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from archcheck.surface import Allow, Coverage, Piece, SubjectSource
from archcheck.surfaces.python.habits_link import habitual, judged
from archcheck.surfaces.python.interface import Answer, Interface, decode
from archcheck.surfaces.python.joint import joins, joint
from archcheck.surfaces.python.lookup import capital
from archcheck.surfaces.python.query import Hole, Part, Query
from archcheck.surfaces.python.reach import reached
from archcheck.surfaces.python.route import App, Handler, Hook, Route, Router
from archcheck.surfaces.python.routes_compose import Composed
from archcheck.surfaces.python.routes_link import routes
from archcheck.surfaces.python.served import encode as encode_served

_FARTHEST: Final = 20


class Linked(Struct):
    """All modules of a project, joined: the queries that no module could settle alone."""

    queries: tuple[Query, ...]
    routes: Callable[[], Composed]
    others: SubjectSource = lambda wanted: ()
    habits: SubjectSource = lambda wanted: ()
    coverage: Coverage = field(default_factory=Coverage)

    def pieces(self) -> Iterator[Piece]:
        """One piece for each file that has something left to judge."""
        paths = dict.fromkeys(query.at.path for query in self.queries)
        for path in paths:
            yield Piece(path, True, _Subjects(tuple(query for query in self.queries if query.at.path == path)))
        yield Piece("routes", True, self._served)
        yield Piece("work and layers", True, self.others)
        yield Piece("habits", True, self.habits)

    def _served(self, wanted: frozenset[type]) -> Iterable[object]:
        if wanted.isdisjoint((App, Route, Router, Handler, Hook)):
            return
        composed = self.routes()
        self.coverage.notes += composed.notes
        count = sum(len(app.routes) for app in composed.apps)
        if count:
            self.coverage.counts["routes"] = count
        if composed.notes:
            self.coverage.undecided["orphan-router"] = len(composed.notes)
        told: Iterator[object] = chain(
            composed.apps,
            (route for app in composed.apps for route in app.routes),
            composed.routers,
            composed.handlers,
            composed.hooks,
        )
        yield from (subject for subject in told if type(subject) in wanted)

    def allows(self) -> Iterable[Allow]:
        """None: acceptances in Python are comments."""
        return ()

    def interface(self) -> bytes:
        """What the project serves, see `served`."""
        composed = self.routes()
        return encode_served(composed.apps, len(composed.notes), composed.homes)

    def memory(self) -> bytes:
        """Nothing: joining is cheap."""
        return b""


class _Subjects(Struct, frozen=True):
    queries: tuple[Query, ...]

    def __call__(self, wanted: frozenset[type]) -> Iterable[object]:
        return self.queries if Query in wanted else ()


def link(interfaces: Sequence[tuple[str, bytes]]) -> Linked | None:
    """Join the interfaces of all modules; None when no query waits and nothing serves."""
    modules = [decode(data) for _, data in interfaces if data]
    waiting = [(module, query) for module in modules for query in module.queries]
    wraps = any(module.doors is not None and module.doors.wrappers for module in modules)
    serves = any(module.web is not None and module.web.web for module in modules)
    if not (waiting or wraps or serves or joins(modules) or habitual(modules)):
        return None
    index = _Index(modules)
    asked = [(module, _settled(query, module, index)) for module, query in waiting]
    settled = tuple(reached(asked, modules, index.find))
    coverage = Coverage()
    composed = cache(lambda: routes(modules, index.find))
    return Linked(
        settled,
        composed,
        joint(modules, index.find, composed, coverage),
        judged(modules, index.find),
        coverage,
    )


def served(interfaces: Sequence[tuple[str, bytes]]) -> Composed:
    """The routes of a project alone, with nothing settled or judged."""
    modules = [decode(data) for _, data in interfaces if data]
    return routes(modules, _Index(modules).find)


class _Index:
    """Modules by every dotted name they can be imported by: the full one, and its ends."""

    def __init__(self, modules: Sequence[Interface]) -> None:
        self.by_end: dict[str, list[Interface]] = {}
        for module in modules:
            parts = module.module.split(".")
            for start in range(len(parts)):
                self.by_end.setdefault(".".join(parts[start:]), []).append(module)

    def find(self, name: str, asker: Interface) -> Interface | None:
        """The module of that name that the asker most likely means: the exact one, else the nearest in the tree."""
        found = [module for module in self.by_end.get(name, ()) if module.path != asker.path]
        if not found:
            return None
        return max(found, key=lambda module: (module.module == name, *_nearness(module.path, asker.path)))


def _nearness(path: str, asker: str) -> tuple[int, bool, int]:
    """By how much a module is to be preferred; a package wins over the module beside it, as it does when imported."""
    return _shared(path, asker), path.endswith("/__init__.py"), -len(path)


def _shared(left: str, right: str) -> int:
    count = 0
    for a, b in zip(left.split("/"), right.split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count


def _settled(query: Query, module: Interface, index: _Index) -> Query:
    parts: list[Part] = []
    for part in query.parts:
        if isinstance(part, Hole) and part.open:
            answer = _ask(part.open, module, index, 0)
            part = replace(part, origin=answer if answer != "unknown" else part.origin, open="")
        parts.append(part)
    return replace(query, parts=tuple(parts))


def _ask(name: str, asker: Interface, index: _Index, far: int) -> Answer:
    """What a dotted name is, through re-exports and star imports, however they turn in circles."""
    if far > _FARTHEST:
        return "unknown"
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module = index.find(".".join(parts[:cut]), asker)
        if module is not None:
            return _in_module(parts[cut:], module, index, far)
    # A name of no module of the project: by how it is written.
    return "constant" if capital(parts[-1]) else "unknown"


def _in_module(rest: Sequence[str], module: Interface, index: _Index, far: int) -> Answer:
    name = ".".join(rest)
    if name in module.answers:
        return module.answers[name]
    head, tail = rest[0], rest[1:]
    called = head.removesuffix("()")
    if called in module.imports:
        origin = module.imports[called] + head[len(called) :]
        return _ask(".".join([origin, *tail]), module, index, far + 1)
    if tail and head in module.answers:
        # A part of a constant collection or of an enumeration's member is as constant as the whole.
        return module.answers[head]
    for ancestor in (*module.stars, *(module.bases.get(head, ()) if tail else ())):
        rest_of = name if ancestor in module.stars else ".".join(tail)
        found = _of_ancestor(ancestor, rest_of, module, index, far + 1)
        if found != "unknown":
            return found
    return _by_class(rest, module)


def _of_ancestor(ancestor: str, rest: str, module: Interface, index: _Index, far: int) -> Answer:
    """What a star import brought, or a base class left; a base may stand in the same module."""
    if far > _FARTHEST:
        return "unknown"
    if "." not in ancestor and ancestor not in module.stars:
        return _in_module([ancestor, *rest.split(".")], module, index, far)
    return _ask(f"{ancestor}.{rest}", module, index, far)


def _by_class(rest: Sequence[str], module: Interface) -> Answer:
    """`Enum.MEMBER.value` and `Class.CONSTANT`, whose longer ends are not told one by one."""
    answers: Mapping[str, Answer] = module.answers
    if len(rest) > 2 and f"{rest[0]}.{rest[1]}" in answers:
        return answers[f"{rest[0]}.{rest[1]}"]
    return "constant" if capital(rest[-1]) else "unknown"
