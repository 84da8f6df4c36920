"""Reach: whose text arrives at a query, through parameters and from module to module."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from archcheck.surfaces.python.handoff import Handoff
from archcheck.surfaces.python.interface import Interface
from archcheck.surfaces.python.query import Hole, Part, Query, Step

_FARTHEST: Final = 6
_FARTHEST_NAME: Final = 20
_MOST_NAMES: Final = 400
_MOST_STEPS: Final = 12
_MOST_REACHES: Final = 20_000

Find = Callable[[str, Interface], Interface | None]


class _Reach(Struct, frozen=True):
    """A parameter through which text gets to a query: `parameter` as the query's hole names it, and the way there."""

    query: int
    parameter: str
    way: tuple[Step, ...] = ()


def reached(queries: Sequence[tuple[Interface, Query]], modules: Sequence[Interface], find: Find) -> list[Query]:
    """The queries with what is known of their callers, and those that callers make of text handed to a wrapper."""
    wrappers = [(m, query) for m in modules if m.doors is not None for query in m.doors.wrappers]
    following = _Following([*queries, *wrappers], modules, find)
    following.run()
    told = following.queries
    kept = [*told[: len(queries)], *told[len(queries) + len(wrappers) :]]
    # A wrapper is a query of its own only where a client's text arrives at it.
    return kept + [query for query in told[len(queries) : len(queries) + len(wrappers)] if query.pasted]


class _Following:
    """Goes from the queries backwards, call by call, to where the text comes from."""

    def __init__(self, queries: Sequence[tuple[Interface, Query]], modules: Sequence[Interface], find: Find) -> None:
        self.queries = [query for _, query in queries]
        self._modules = modules
        self._find = find
        self._seen: set[tuple[str, str, int, str]] = set()
        self._made: set[tuple[str, int, int]] = set()
        self._next: deque[tuple[Interface, str, _Reach]] = deque()
        for index, (module, _) in enumerate(queries):
            self._enter(module, index)

    def run(self) -> None:
        """Follow every way, the shortest first."""
        if not self._next:
            return
        callers = self._callers()
        while self._next and len(self._seen) < _MOST_REACHES:
            module, door, reach = self._next.popleft()
            function, _, parameter = door.rpartition(":")
            for asker, handoff in callers.get((module.path, function), ()):
                parts = _given(handoff, parameter, module, function)
                if parts:
                    self._take(asker, handoff, parts, parameter, reach)

    def _enter(self, module: Interface, index: int) -> None:
        """Every parameter among the holes of a query is a way in."""
        for door in dict.fromkeys(
            hole.parameter for hole in self.queries[index].holes if hole.origin == "parameter" and hole.parameter
        ):
            self._go(module, door, _Reach(index, door))

    def _go(self, module: Interface, door: str, reach: _Reach) -> None:
        door = door.removesuffix(".")
        key = (module.path, door, reach.query, reach.parameter)
        if key not in self._seen and len(reach.way) <= _FARTHEST:
            self._seen.add(key)
            self._next.append((module, door, reach))

    def _take(
        self, asker: Interface, handoff: Handoff, parts: str | tuple[Part, ...], parameter: str, reach: _Reach
    ) -> None:
        query = self.queries[reach.query]
        step = Step(handoff.at(asker.path), f"`{handoff.call}` takes it as `{parameter}`")
        if isinstance(parts, str):
            self._go(asker, f"{handoff.function}:{parts}", replace(reach, way=(step, *reach.way)))
            return
        first = parts[0]
        if len(parts) == 1 and isinstance(first, Hole):
            if first.origin == "request" and len(query.parts) > 1:
                # A whole statement from a client is a console, and what checks it stands somewhere on the way.
                trail = (*first.trail, step, *reach.way)
                self.queries[reach.query] = _sent(query, reach.parameter, trail)
            elif first.parameter:
                self._go(asker, first.parameter, replace(reach, way=(step, *reach.way)))
        elif len(query.parts) == 1:
            self._make(asker, handoff, parts, query)

    def _make(self, asker: Interface, handoff: Handoff, parts: tuple[Part, ...], query: Query) -> None:
        """Text handed to a function that runs it is a query where it is handed over."""
        at = handoff.at(asker.path)
        key = (at.path, at.line, at.column)
        origins = {part.origin for part in parts if isinstance(part, Hole) and not part.safe}
        if key in self._made or origins.isdisjoint(("request", "parameter")):
            # What is put together far away, out of things nobody can name, is mostly the work of a library.
            return
        self._made.add(key)
        runs = Step(query.at, f"`{query.sink}` runs it")
        told = tuple(
            replace(part, trail=(*part.trail, runs)) if isinstance(part, Hole) and not part.safe else part
            for part in parts
        )
        name = f"{asker.module}:{handoff.function}" if handoff.function else asker.module
        self.queries.append(Query(at, name, handoff.call, query.family, told, handoff.bound and query.bound, "service"))
        self._enter(asker, len(self.queries) - 1)

    def _callers(self) -> dict[tuple[str, str], list[tuple[Interface, Handoff]]]:
        callers: dict[tuple[str, str], list[tuple[Interface, Handoff]]] = {}
        for asker in self._modules:
            for handoff in asker.doors.handoffs if asker.doors is not None else ():
                found = definition(handoff.target, asker, self._find, _enters)
                if found is not None:
                    callers.setdefault((found[0].path, found[1]), []).append((asker, handoff))
        return callers


def definition(
    name: str, asker: Interface, find: Find, defines: Callable[[Interface, str], bool]
) -> tuple[Interface, str] | None:
    """The module that defines what a dotted name means, through re-exports, star imports and base classes.

    Each name of a module is looked at once: where packages import one another whole, there are more ways than names.
    """
    return _defined(name, asker, find, defines, set())


def _defined(
    name: str,
    asker: Interface,
    find: Find,
    defines: Callable[[Interface, str], bool],
    seen: set[tuple[str, str]],
    far: int = 0,
) -> tuple[Interface, str] | None:
    if far > _FARTHEST_NAME or len(seen) > _MOST_NAMES:
        return None
    for module, rest in _homes(name, asker, find):
        if (module.path, rest) in seen:
            continue
        seen.add((module.path, rest))
        if defines(module, rest):
            return module, rest
        for further in _elsewhere(rest, module):
            found = _defined(further, module, find, defines, seen, far + 1)
            if found is not None:
                return found
    return None


def _enters(module: Interface, name: str) -> bool:
    return module.doors is not None and name in module.doors.parameters


def _homes(name: str, asker: Interface, find: Find) -> Iterator[tuple[Interface, str]]:
    parts = name.split(".")
    # A package's own name is that of its modules, too; a module of that name inside of it comes first.
    own = asker.module.count(".") + 1 if name.startswith(f"{asker.module}.") else 0
    for cut in range(len(parts) - 1, 0, -1):
        if cut == own:
            yield asker, ".".join(parts[cut:])
        module = find(".".join(parts[:cut]), asker)
        if module is not None:
            yield module, ".".join(parts[cut:])
            return


def _elsewhere(rest: str, module: Interface) -> Iterator[str]:
    head, _, tail = rest.partition(".")
    if head in module.imports:
        yield f"{module.imports[head]}.{tail}" if tail else module.imports[head]
        return
    for base in module.bases.get(head, ()) if tail else ():
        yield f"{base}.{tail}" if "." in base else f"{module.module}.{base}.{tail}"
    yield from (f"{star}.{rest}" for star in module.stars)


def _given(handoff: Handoff, parameter: str, module: Interface, function: str) -> str | tuple[Part, ...]:
    """What a call hands over for a parameter."""
    if parameter in handoff.given:
        return handoff.given[parameter]
    names = module.doors.parameters.get(function, ()) if module.doors is not None else ()
    return handoff.given.get(str(names.index(parameter)), ()) if parameter in names else ()


def _sent(query: Query, parameter: str, trail: tuple[Step, ...]) -> Query:
    """The query with a hole that a client fills, by the way its text came."""
    parts = tuple(
        replace(part, origin="request", trail=(*trail, *part.trail[1:])[:_MOST_STEPS], parameter="")
        if isinstance(part, Hole) and part.parameter == parameter and part.origin == "parameter"
        else part
        for part in query.parts
    )
    return replace(query, parts=parts)
