"""Composing: every way from an app to a route, with the path that grows on it and the guards it passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct, field, structs

from archcheck.source import Location
from archcheck.surfaces.python.route import App, Handler, Hook, Route, Router
from archcheck.surfaces.python.routes_auth import Guards
from archcheck.surfaces.python.routes_entry import Entries, Way, hides, items
from archcheck.surfaces.python.routes_guarded import Guarded, slowed
from archcheck.surfaces.python.routes_kin import KIN, prefixed
from archcheck.surfaces.python.routes_own import own
from archcheck.surfaces.python.routes_raises import Reader
from archcheck.surfaces.python.routes_run import Runner
from archcheck.surfaces.python.routes_template import joined
from archcheck.surfaces.python.routes_values import (
    MISSING,
    Entry,
    Instance,
    Link,
    Node,
    Ref,
)
from archcheck.surfaces.python.served import Home

_MOST: Final = 20_000
_DEEPEST: Final = 20


class Composed(Struct):
    """All that came of a project: its apps with their routes, what nobody reaches, and what was not known."""

    apps: list[App] = field(default_factory=list)
    routers: list[Router] = field(default_factory=list)
    handlers: list[Handler] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    undecided: int = 0
    homes: list[Home] = field(default_factory=list)


class Composer:
    """Walks the graph from its apps."""

    def __init__(self, runner: Runner, branches: Mapping[str, Sequence[tuple[int, int]]], kits: Sequence[str]) -> None:
        self.runner = runner
        self.branches = branches
        self.wiring = runner.wiring
        self.guards = Guards(runner, Reader(runner))
        vague = "default-limits" in kits and not any(map(_by_default, self.wiring.limiters))
        self.entries = Entries(self.guards, self._conditional, vague)
        self.reached: set[int] = set()
        self.own: list[Route] = []
        self.left = _MOST

    def compose(self) -> Composed:
        """Every app with its routes, and every router that no app reaches."""
        found = Composed()
        self._merge_assumed()
        # `app.mount("/api", app)`: an app that is mounted in itself is still nobody else's.
        inner = {id(link.child) for node in self.wiring.nodes for link in node.links if link.child is not node}
        roots = [node for node in self.wiring.nodes if node.app and id(node) not in inner]
        seen: set[tuple[Location, tuple[tuple[str, str, Location], ...]]] = set()
        for root in roots:
            self.own = []
            routes = list(self._routes(root))
            key = (root.at, tuple((r.method, r.template, r.at) for r in routes))
            if key in seen:
                continue
            seen.add(key)
            whole = not self.wiring.lost and not root.assumed
            found.apps.append(
                App(root.name or "app", root.at, root.family, tuple(routes), whole, own=tuple(dict.fromkeys(self.own)))
            )
        found.apps = _largest(found.apps)
        found.routers = list(self._orphans(bool(roots)))
        found.handlers = list(self.entries.noted.handlers())
        found.hooks = list(self.entries.hooks.values())
        found.notes = [f"{at.path}:{at.line}: {text}" for text, at in dict.fromkeys(self.wiring.lost)]
        return found

    def _merge_assumed(self) -> None:
        """What was done to an argument that nobody gives here was done to the one app there is."""
        apps = {node.at: node for node in self.wiring.nodes if node.app and not node.assumed}
        for node in [each for each in self.wiring.nodes if each.assumed]:
            fitting = [app for app in apps.values() if node.family in ("any", app.family)]
            if len(fitting) == 1 and node.app:
                target = fitting[0]
                target.entries += node.entries
                target.links += node.links
                target.before += node.before
                target.middleware += node.middleware
                self.wiring.nodes.remove(node)
            elif not (node.entries or node.links):
                self.wiring.nodes.remove(node)

    def _routes(self, root: Node) -> Iterator[Route]:
        guarded = self.guards.of_list(root.options.get("dependencies", MISSING), root.at)
        guarded = guarded.join(self.guards.middleware(root.middleware))
        guarded = guarded.join(self.guards.before(root.before, True))
        guarded = guarded.join(self._defaults(root))
        prefix = root.prefix if root.family in ("fastapi", "litestar") else ""
        demands, responses = self.guards.demanded(root.options), (root.options.get("responses", MISSING),)
        yield from self._down(root, Way(prefix, guarded, (), False, hides(root.options), demands, responses), root)

    def _defaults(self, root: Node) -> Guarded:
        """The limits on every route of an app: Flask-Limiter's, and slowapi's where its middleware stands."""
        layered = any(isinstance(each, Ref) and each.name.startswith("slowapi.") for each, _ in root.middleware)
        for each in self.wiring.limiters:
            flask = isinstance(each.of, Ref) and each.of.name.startswith("flask_limiter")
            if _by_default(each) and (root.family == "flask" if flask else layered):
                return slowed("Limiter", each.at)
        return Guarded()

    def _down(self, node: Node, way: Way, root: Node) -> Iterator[Route]:
        if node in way.seen or len(way.seen) > _DEEPEST:
            return
        self.reached.add(id(node))
        if node.family != "fastapi":
            self.own += own(node, way.prefix, way.guarded, root)
        elif node.app:
            self.own += own(node, way.prefix, self._layered((*way.seen, node)), root)
        for entry in node.entries:
            for route in self.entries.routes(entry, node, way, root):
                self.left -= 1
                if self.left < 0:
                    return
                yield route
        for link in node.links:
            if isinstance(link.child, Node):
                yield from self._down(link.child, self._through(link, node, way), root)

    def _through(self, link: Link, node: Node, way: Way) -> Way:
        child = link.child
        assert isinstance(child, Node)
        if child.family in ("flask", "restx") and not link.mounted:
            own = link.prefix if link.prefix is not None else child.prefix
        elif child.family == "fastapi" and not child.app:
            own = (link.prefix or "") + child.prefix
        else:
            own = link.prefix or ""
        whole = prefixed(link, child, way.prefix) if child.family in KIN else joined(way.prefix, own)
        guarded = way.guarded
        if link.mounted:
            # A mounted app keeps what its parent's middleware demands, and none of its dependencies.
            guarded = self._layered((*way.seen, node))
        guarded = guarded.join(self.guards.of_list(link.options.get("dependencies", MISSING), link.at))
        guarded = guarded.join(self.guards.of_list(child.options.get("dependencies", MISSING), child.at))
        guarded = guarded.join(self.guards.before(child.before, child.app))
        guarded = guarded.join(self.guards.middleware(child.middleware))
        for decorator in items(child.options.get("decorators")):
            guarded = guarded.join(self.guards.decorator(decorator, child.at))
        demands = () if link.mounted else way.demands
        responses = () if link.mounted else way.responses
        return Way(
            whole,
            guarded,
            (*way.seen, node),
            way.conditional or self._conditional(link.at),
            way.hidden or hides(link.options) or hides(child.options),
            (*demands, *self.guards.demanded(link.options), *self.guards.demanded(child.options)),
            (*responses, link.options.get("responses", MISSING), child.options.get("responses", MISSING)),
        )

    def _layered(self, nodes: Sequence[Node]) -> Guarded:
        """What the middleware of apps demands, one inside of the other."""
        return self.guards.middleware([layer for each in nodes for layer in each.middleware])

    def _conditional(self, at: Location) -> bool:
        return any(first <= at.line <= last for first, last in self.branches.get(at.path, ()))

    def _orphans(self, rooted: bool) -> Iterator[Router]:
        given = {id(link.child) for node in self.wiring.nodes for link in node.links}
        for node in self.wiring.nodes:
            if node.app or id(node) in self.reached or id(node) in given or node.family in ("drf", "ninja"):
                continue
            count = sum(max(len(entry.methods), 1) for entry in _all_entries(node, ()))
            if count:
                certain = rooted and not node.escapes and not self.wiring.lost
                yield Router(node.name or node.what, node.what, node.at, node.family, count, certain)


def _all_entries(node: Node, seen: tuple[Node, ...]) -> Iterator[Entry]:
    if node in seen:
        return
    yield from node.entries
    for link in node.links:
        if isinstance(link.child, Node):
            yield from _all_entries(link.child, (*seen, node))


def _largest(apps: list[App]) -> list[App]:
    """One app for each place that builds it: a factory that is called more than once builds the same."""
    best: dict[Location, App] = {}
    for app in apps:
        known = best.get(app.at)
        if known is None or len(app.routes) > len(known.routes):
            best[app.at] = app
    return [_once(app) for app in best.values()]


def _once(app: App) -> App:
    """The app with each route once."""
    routes = tuple({(r.method, r.template, r.at): r for r in app.routes}.values())
    return structs.replace(app, routes=routes)


def _by_default(limiter: Instance) -> bool:
    return any(limiter.get(name) is not MISSING for name in ("default_limits", "application_limits"))
