"""Documents that name the functions which serve them, as connexion has it: the document makes the routes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from archcheck.source import Location
from archcheck.surfaces.contract.pairing_routes import Matched, Matching
from archcheck.surfaces.contract.routes import UnimplementedOperations
from archcheck.surfaces.openapi.facts import OperationFact
from archcheck.surfaces.openapi.interface import Interface
from archcheck.surfaces.python.route import App, Route
from archcheck.surfaces.python.served import Bound, Home

_SAME: Final = 0.5


class _Found(Struct):
    """What came of one document: with what its operations are bound, and where a function is missing."""

    spec: Interface
    matched: list[tuple[OperationFact, Home, str]]
    missing: list[tuple[OperationFact, Home, str]]
    unknown: int


def bind(specs: Sequence[Interface], homes: Sequence[Home]) -> tuple[list[Matching], list[str]]:
    """Hold each document against the functions it names; and say why one is not compared."""
    by_end: dict[str, list[Home]] = {}
    for home in homes:
        parts = home.module.split(".")
        for start in range(len(parts)):
            by_end.setdefault(".".join(parts[start:]), []).append(home)
    binders = [home.path for home in homes if home.binds]
    found = [_found(spec, by_end) for spec in specs]
    found.sort(key=lambda each: (-len(each.matched), -_nearness(each.spec.file, binders), each.spec.file))
    kept: list[_Found] = []
    notes: list[str] = []
    for each in found:
        mine = _functions(each)
        rival = next((one for one in kept if len(mine & _functions(one)) > _SAME * len(mine)), None)
        if not mine:
            notes.append(
                f"{each.spec.file}: not compared, because a router binds its operations to functions that are not here"
            )
        elif rival is not None:
            notes.append(f"{each.spec.file}: not compared, because {rival.spec.file} names the same functions")
        else:
            kept.append(each)
    return [_matching(each) for each in kept], notes


def _found(spec: Interface, by_end: dict[str, list[Home]]) -> _Found:
    found = _Found(spec, [], [], 0)
    for fact in spec.operations:
        module, _, name = _function(fact).rpartition(".")
        home = max(
            by_end.get(module, ()),
            key=lambda each: (name in each.names, each.module == module, _nearness(spec.file, [each.path])),
            default=None,
        )
        if home is None or not fact.id:
            found.unknown += 1
        elif name in home.names:
            found.matched.append((fact, home, name))
        elif home.open:
            found.unknown += 1
        else:
            found.missing.append((fact, home, name))
    # A library's module may be called as the end of one that is here, of which then nothing is named.
    known = {home.path for _, home, _ in found.matched}
    sure = [
        each for each in found.missing if each[1].path in known or _function(each[0]) == f"{each[1].module}.{each[2]}"
    ]
    found.unknown += len(found.missing) - len(sure)
    found.missing = sure
    return found


def _function(fact: OperationFact) -> str:
    """The dotted name of the function that an operation names."""
    return f"{fact.controller}.{fact.id}" if fact.controller else fact.id


def _functions(found: _Found) -> set[tuple[str, str]]:
    return {(home.path, name) for _, home, name in found.matched}


def _nearness(file: str, paths: Sequence[str]) -> int:
    """How many folders a document has in common with the nearest of some modules."""
    return max((_shared(file, path) for path in paths), default=0)


def _shared(left: str, right: str) -> int:
    count = 0
    for one, other in zip(left.split("/")[:-1], right.split("/")[:-1], strict=False):
        if one != other:
            break
        count += 1
    return count


def _matching(found: _Found) -> Matching:
    matching = Matching()
    for fact, home, name in found.matched:
        function = next((each for each in home.functions if each.name == name), None)
        matching.matched.append(Matched(fact, _route(fact, home, name, function), found.spec))
    matching.unimplemented += _missing(found)
    matching.withhold("unimplemented-operation", found.unknown)
    return matching


def _missing(found: _Found) -> Iterator[UnimplementedOperations]:
    for fact, home, name in found.missing:
        if fact.deprecated:
            continue
        app = App(home.module, Location(home.path, 1), "connexion", (), True)
        yield UnimplementedOperations((fact,), app, "", f"{home.module}.{name}")


def _route(fact: OperationFact, home: Home, name: str, function: Bound | None) -> Route:
    at = function.at if function is not None else Location(home.path, 1)
    return Route(
        fact.method,
        fact.path,
        (),
        f"{home.module}:{name}",
        at,
        at,
        "connexion",
        "unknown",
        (),
        None,
        raised=function.raised if function is not None else (),
        success=function.success if function is not None else 0,
        answered=function.answered if function is not None else (),
    )
