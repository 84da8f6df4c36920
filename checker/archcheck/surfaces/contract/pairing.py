"""Pairing: which app serves what a document describes, and how the paths of the two lie to each other.

A path is compared by its shape: the names of parameters and a slash at the end mean nothing. A server, a mount or a
proxy puts a prefix before every path of one side; the prefix under which most operations have a route is the one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from archcheck.surfaces.openapi.facts import OperationFact
from archcheck.surfaces.openapi.interface import Interface
from archcheck.surfaces.python.route import App, Route

_PARAMETER: Final = re.compile(r"\{[^{}/]*\}")
_LEAD: Final = re.compile(r"/\{\?\w*\}")
_ADDRESS: Final = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//[^/]*", re.I)
_ASIDE: Final = re.compile(
    r"/(?:docs|redoc|swagger(?:-ui)?|openapi(?:\.\w+)?|schema|static|assets|media|admin|health\w*|ready|readiness|readyz|"
    r"live|liveness|livez|ping|status|heartbeat|metrics|favicon\.ico|robots\.txt|__\w+|\.well-known|_\w+)(?:/|\.\w+|$)",
    re.I,
)
_CANDIDATES: Final = 8
_GUESSED: Final = 3
"""So many operations must agree before a prefix that nobody states is believed."""


class Fit(Struct, frozen=True):
    """One app and one document: the prefix that only routes have, that only operations have, and what they share."""

    app: App
    spec: Interface
    before_routes: str
    before_operations: str
    shared: frozenset[tuple[str, str]]
    share: float

    def shape(self, operation: OperationFact) -> str:
        """The shape of an operation's path as routes have it."""
        return self.before_routes + shape(operation.path).removeprefix(self.before_operations)


def shape(path: str) -> str:
    """A path with `{}` for each parameter and no slash at its end."""
    return _PARAMETER.sub("{}", path.partition("?")[0] if "{?" not in path else path).rstrip("/")


def aside(path: str) -> bool:
    """Whether a path is about the service itself (docs, health, static files) and is rarely documented."""
    return not path or _ASIDE.search(path) is not None


def operations(spec: Interface) -> Iterator[OperationFact]:
    """The operations that one app can serve: those with addresses of their own lie elsewhere."""
    return (fact for fact in spec.operations if not fact.elsewhere)


def settled(app: App) -> App:
    """The same app without what a setting puts before all of its paths: it is a prefix, whatever it may be."""
    lead = _LEAD.match(app.routes[0].template) if app.routes else None
    if lead is None or not all(route.template.startswith(lead[0]) for route in app.routes):
        return app
    routes = (replace(route, template="/" + route.template[lead.end() :].lstrip("/")) for route in app.routes)
    return replace(app, routes=tuple(routes))


def answered(app: App) -> Iterator[Route]:
    """The routes whose whole path is known, web sockets aside."""
    return (route for route in app.routes if route.certain and route.method != "WS")


def fits(apps: Sequence[App], specs: Sequence[Interface]) -> Iterator[Fit]:
    """Every app with every document that tells of the same, whether or not it is the best."""
    for app in apps:
        whole = _served(app), _tails(_served(app))
        for spec in specs:
            full = _filled(app, spec)
            served, tails = whole if full is app else (_served(full), _tails(_served(full)))
            fit = _fit(full, spec, served, tails)
            if fit is not None:
                yield fit


def bases(spec: Interface) -> tuple[str, ...]:
    """The paths that its servers put before every path, the most said first; empty for none."""
    return tuple(dict.fromkeys(_PARAMETER.sub("{}", _ADDRESS.sub("", one)).rstrip("/") for one in spec.servers))


def _served(app: App) -> dict[str, set[str]]:
    """The methods of each shape."""
    found: dict[str, set[str]] = {}
    for route in answered(app):
        found.setdefault(shape(route.template), set()).add(route.method)
    return found


def _filled(app: App, spec: Interface) -> App:
    """The app with what a setting puts before a part of its paths, as the document has it."""
    parts: dict[str, set[str]] = {}
    for route in app.routes:
        if found := _LEAD.match(route.template):
            parts.setdefault(found[0], set()).add(shape(route.template[found.end() :]))
    known: dict[str, str] = {}
    for lead, rests in parts.items():
        votes: Counter[str] = Counter()
        for path in dict.fromkeys(shape(fact.path) for fact in operations(spec)):
            votes.update(path[:at] for at, letter in enumerate(path) if letter == "/" and path[at:] in rests)
        before, count = min(votes.items(), key=lambda vote: (-vote[1], vote[0]), default=("", 0))
        if count >= _GUESSED:
            known[lead] = before
    return replace(app, routes=tuple(_led(route, known) for route in app.routes)) if known else app


def _led(route: Route, known: Mapping[str, str]) -> Route:
    lead = _LEAD.match(route.template)
    if lead is None or lead[0] not in known:
        return route
    return replace(route, template=known[lead[0]] + route.template[lead.end() :])


def _fit(app: App, spec: Interface, served: Mapping[str, set[str]], tails: Mapping[str, Sequence[str]]) -> Fit | None:
    mine = [(fact.method, shape(fact.path)) for fact in operations(spec)]
    telling = {key for key in mine if not aside(key[1])}
    stated = ("", *bases(spec))
    best: tuple[int, int, str, str, frozenset[tuple[str, str]]] | None = None
    for order, (routes, own) in enumerate(_prefixes(stated, {path for _, path in telling}, tails)):
        moved = ((method, routes + path.removeprefix(own)) for method, path in telling if path.startswith(own))
        shared = frozenset(key for key in moved if _serves(served.get(key[1], ()), key[0]))
        guessed = not (own == "" and routes in stated) and not (routes == "" and own in stated)
        if guessed and len(shared) < _GUESSED:
            continue
        if shared and (best is None or (len(shared), -order) > best[:2]):
            best = (len(shared), -order, routes, own, shared)
    if best is None:
        return None
    count, _, routes, own, shared = best
    known = sum(not aside(path) for path in served)
    share = max(count / len(telling), len({path for _, path in shared}) / max(known, 1))
    return Fit(app, spec, routes, own, shared, share) if share >= 0.5 else None


def _serves(methods: Iterable[str], method: str) -> bool:
    return method in methods or "ANY" in methods or (method == "HEAD" and "GET" in methods)


def _tails(served: Iterable[str]) -> dict[str, list[str]]:
    """Each way to end a path at a slash, with what stands before it."""
    found: dict[str, list[str]] = {}
    for path in served:
        for at in (index for index, letter in enumerate(path) if letter == "/"):
            found.setdefault(path[at:], []).append(path[:at])
    return found


def _prefixes(
    stated: Sequence[str], paths: Iterable[str], tails: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str]]:
    """What may stand before all routes alone, and before all operations alone: as stated first, then the likeliest."""
    yield from dict.fromkeys((base, "") for base in stated)
    votes: Counter[tuple[str, str]] = Counter()
    for path in paths:
        votes.update((before, "") for before in tails.get(path, ()))
        for at in (index for index, letter in enumerate(path) if letter == "/" and index):
            if "" in tails.get(path[at:], ()):
                votes["", path[:at]] += 1
    ranked = sorted(votes.items(), key=lambda vote: (-vote[1], vote[0]))
    yield from (prefix for prefix, _ in ranked[:_CANDIDATES] if prefix[1] != "" or prefix[0] not in stated)
