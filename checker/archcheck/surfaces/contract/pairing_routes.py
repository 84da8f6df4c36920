"""Matching: each operation of a document with the route that serves it, and what is left on both sides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from archcheck.source import Location
from archcheck.surfaces.contract.pairing import Fit, answered, aside, bases, operations, shape
from archcheck.surfaces.contract.routes import Document, MethodDrift, UndocumentedRoutes, UnimplementedOperations
from archcheck.surfaces.openapi.facts import OperationFact
from archcheck.surfaces.openapi.interface import Interface
from archcheck.surfaces.python.route import App, Route

_UNLISTED: Final = frozenset({"HEAD", "OPTIONS", "TRACE", "CONNECT", "WS"})
_STANDING: Final = frozenset("api apis rest public v1 v2 v3 v4".split())
"""First segments that stand before all that is one API: what lies outside is none of its document's business."""
_MOST: Final = 10
"""So many single findings about what is missing; beyond them it is one."""
_FEW: Final = 3
"""A document is of a part alone when so many times more routes are missing than are there."""
_Item = TypeVar("_Item", Route, OperationFact)


class Matched(Struct, frozen=True):
    """An operation and the route that serves it, with the document of the one."""

    operation: OperationFact
    route: Route
    spec: Interface


class Matching(Struct):
    """What came of holding apps against documents. `undecided` counts withheld verdicts by rule, `notes` say why."""

    matched: list[Matched] = field(default_factory=list)
    undocumented: list[UndocumentedRoutes] = field(default_factory=list)
    unimplemented: list[UnimplementedOperations] = field(default_factory=list)
    methods: list[MethodDrift] = field(default_factory=list)
    undecided: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def withhold(self, rule: str, count: int = 1) -> None:
        """Count verdicts that are not dared."""
        if count:
            self.undecided[rule] = self.undecided.get(rule, 0) + count


class _Served:
    """The routes of some apps by shape."""

    def __init__(self, apps: Sequence[App]) -> None:
        self.by_shape: dict[str, dict[str, Route]] = {}
        for app in apps:
            for route in answered(app):
                self.by_shape.setdefault(shape(route.template), {}).setdefault(route.method, route)

    def route(self, path: str, method: str) -> Route | None:
        """The route that answers; one that takes any method, or reads where only the head is asked for."""
        known = self.by_shape.get(path, {})
        return known.get(method) or known.get("ANY") or (known.get("GET") if method == "HEAD" else None)


def match(fits: Sequence[Fit]) -> Matching:
    """Hold apps against documents that belong together: each fit is one app with one document."""
    found = Matching()
    apps = list(_whole_apps(fits))
    served = _Served(apps)
    told: dict[str, dict[str, OperationFact]] = {}
    leftover: list[tuple[Fit, OperationFact]] = []
    shapes: dict[str, Fit] = {}
    for spec in {fit.spec.file: fit.spec for fit in fits}.values():
        mine = [fit for fit in fits if fit.spec is spec]
        for fact in operations(spec):
            hit = next(((fit, r) for fit in mine if (r := served.route(fit.shape(fact), fact.method))), None)
            fit = hit[0] if hit is not None else mine[0]
            told.setdefault(fit.shape(fact), {})[fact.method] = fact
            shapes.setdefault(fit.shape(fact), fit)
            if hit is not None:
                found.matched.append(Matched(fact, hit[1], spec))
            else:
                leftover.append((fit, fact))
    whole = all(app.whole and all(route.certain for route in app.routes) for app in apps)
    # A prefix may end within a segment, and one that ends with a slash does not.
    opened = tuple(shape(each) + "/" * each.endswith("/") for app in apps for each in app.open)

    def certain(path: str) -> bool:
        """Whether it is known what is served there."""
        return whole and not any(f"{path}/".startswith(each) for each in opened)

    extra = list(_extra(apps, told, fits, found))
    _unserved(leftover, extra, served, certain, found)
    _untold(extra, fits, shapes, found)
    return found


def _whole_apps(fits: Sequence[Fit]) -> Iterable[App]:
    """The apps, each once: documents that put other prefixes before its paths each have routes of it."""
    apps: dict[Location, App] = {}
    for fit in fits:
        known = apps.setdefault(fit.app.at, fit.app)
        apps[fit.app.at] = replace(known, routes=tuple(dict.fromkeys((*known.routes, *fit.app.routes))))
    return apps.values()


def _extra(
    apps: Sequence[App], told: dict[str, dict[str, OperationFact]], fits: Sequence[Fit], found: Matching
) -> Iterator[Route]:
    """The routes that no operation tells of and that one ought to."""
    seen: set[tuple[str, str]] = set()
    covers = _coverer(told)
    whole = all(fit.spec.whole for fit in fits)
    for app in apps:
        standing = {prefix for fit in fits if fit.app.at == app.at and (prefix := _standing(fit))}
        for route in answered(app):
            path = shape(route.template)
            known = told.get(path, {})
            if route.method in _UNLISTED or not route.in_schema or aside(path) or (path, route.method) in seen:
                continue
            seen.add((path, route.method))
            if route.method in known or (route.method == "ANY" and known):
                continue
            if standing and not any(path.startswith(f"{prefix}/") for prefix in standing):
                continue
            if route.method == "ANY" or route.conditional or not whole or (not known and covers(path)):
                found.withhold("undocumented-route")
                continue
            yield route


def _standing(fit: Fit) -> str:
    """What stands before all that the document tells of, where that is a place for one API among other things."""
    base = max((each for each in (*bases(fit.spec), fit.before_routes) if each == fit.before_routes), default="")
    if base:
        return base
    heads = [fit.shape(fact).split("/") for fact in operations(fit.spec)]
    common: list[str] = []
    for segments in zip(*heads, strict=False):
        if len(set(segments)) > 1:
            break
        common.append(segments[0])
    return "/".join(common[: 1 + len(common[1:])]) if len(common) > 1 and not _STANDING.isdisjoint(common[1:3]) else ""


def _unserved(
    leftover: Sequence[tuple[Fit, OperationFact]],
    extra: list[Route],
    served: _Served,
    certain: Callable[[str], bool],
    found: Matching,
) -> None:
    """The operations that nothing serves: a path with other methods, or no such path."""
    covers = _coverer(served.by_shape)
    beginnings = _prefixes(served.by_shape)
    missing: dict[str, tuple[Fit, list[OperationFact]]] = {}
    for fit, fact in leftover:
        path = fit.shape(fact)
        known = [route for method, route in served.by_shape.get(path, {}).items() if method not in _UNLISTED]
        if known:
            if not certain(path):
                found.withhold("route-method-mismatch")
                continue
            spare = [route for route in extra if shape(route.template) == path]
            instead = spare[0] if len(spare) == 1 else None
            if instead is not None:
                extra.remove(instead)
            found.methods.append(MethodDrift(fact, tuple(known), instead))
        elif covers(path) or aside(path) or fact.deprecated or not certain(path):
            found.withhold("unimplemented-operation")
        else:
            missing.setdefault(fit.spec.file, (fit, []))[1].append(fact)
    for fit, facts in missing.values():
        names = [(fit.shape(fact), fact) for fact in facts]
        for shared, group in _grouped(names, lambda path: f"{path}/" in beginnings):
            found.unimplemented.append(UnimplementedOperations(tuple(group), fit.app, shared))


def _untold(extra: Sequence[Route], fits: Sequence[Fit], shapes: Iterable[str], found: Matching) -> None:
    """The routes that no document tells of, those together that have something in common."""
    if not extra:
        return
    main = max(fits, key=lambda fit: len(fit.shared))
    if len(found.matched) * _FEW < len(extra):
        found.withhold("undocumented-route", len(extra))
        found.notes.append(
            f"{main.spec.file}: it tells of {len(found.matched)} routes of {main.app} ({main.app.at.path}), and the "
            f"{len(extra)} others are taken for none of its business"
        )
        return
    document = Document(main.spec.file, main.spec.title, main.spec.home)
    known = _prefixes(shapes)
    names = [(shape(route.template), route) for route in extra]
    groups = list(_grouped(names, lambda path: f"{path}/" in known))
    certain = all(route.certain for fit in fits for route in fit.app.routes)
    if len(groups) > _MOST:
        states = {route.auth for route in extra}
        apart = len(states) == 1 and states <= {"protected", "public"}
        apart = apart and all(each.route.auth not in states for each in found.matched)
        groups = [(min(states) if apart else "*", list(extra))]
    for shared, group in groups:
        found.undocumented.append(UndocumentedRoutes(tuple(group), document, shared, certain))


def _grouped(named: Sequence[tuple[str, _Item]], known: Callable[[str], bool]) -> Iterator[tuple[str, list[_Item]]]:
    """What is missing, together where a whole part of the tree is: under the highest prefix that the other has not.

    The prefix is empty for a single one.
    """
    groups: dict[str, list[_Item]] = {}
    shapes = {id(item): path for path, item in named}
    for path, item in named:
        segments = path.split("/")
        ends = ("/".join(segments[: end + 1]) for end in range(1, len(segments)))
        groups.setdefault(next((end for end in ends if not known(end)), path), []).append(item)
    for prefix, items in groups.items():
        yield (_shown(prefix, shapes[id(items[0])], items[0]) if len(items) > 1 else "", items)


def _shown(prefix: str, path: str, item: Route | OperationFact) -> str:
    """A prefix of a path as its own side spells it: with the names of parameters, without what only routes have."""
    own = (item.template if isinstance(item, Route) else item.path).rstrip("/").split("/")
    return "/".join(own[: max(len(own) - path.count("/") + prefix.count("/"), 2)])


def _prefixes(paths: Iterable[str]) -> frozenset[str]:
    """Every beginning of these paths, with a slash at its end."""
    return frozenset(f"{path}/"[: at + 1] for path in paths for at, letter in enumerate(f"{path}/") if letter == "/")


def _coverer(shapes: Iterable[str]) -> Callable[[str], bool]:
    """Whether a request to one shape may be answered under another, because one names what the other leaves open."""
    by_length: dict[int, list[list[str]]] = {}
    for one in shapes:
        by_length.setdefault(one.count("/"), []).append(one.split("/"))
    tails = tuple(one[:-2] for one in shapes if one.endswith("/{}") and one.count("{}") == 1 and one.count("/") < 3)

    def covers(path: str) -> bool:
        mine = path.split("/")
        return any(_alike(mine, other) for other in by_length.get(path.count("/"), ())) or (
            bool(tails) and path.count("/") > 2 and any(len(tail) < 2 and path.startswith(tail) for tail in tails)
        )

    return covers


def _alike(left: Sequence[str], right: Sequence[str]) -> bool:
    pairs = list(zip(left, right, strict=True))
    return all(a == b or _open(a, b) or _open(b, a) for a, b in pairs) and any(a == b != "" for a, b in pairs)


def _open(pattern: str, text: str) -> bool:
    return "{}" in pattern and re.fullmatch(".+".join(map(re.escape, pattern.split("{}"))), text) is not None
