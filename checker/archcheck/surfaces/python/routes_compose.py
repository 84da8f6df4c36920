"""Composing: every way from an app to a route, with the path that grows on it and the guards it passes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import structs

from archcheck.finding import Edit
from archcheck.source import Location
from archcheck.surfaces.python.edits import moved
from archcheck.surfaces.python.route import App, Body, Evidence, Handler, Hook, Route, Router
from archcheck.surfaces.python.routes_answers import Answers, documented
from archcheck.surfaces.python.routes_auth import Guarded, Guards, slowed
from archcheck.surfaces.python.routes_form import Form, Give, Invoke, Listed
from archcheck.surfaces.python.routes_handling import Handling, spelled
from archcheck.surfaces.python.routes_inputs import Inputs, Taking, plain
from archcheck.surfaces.python.routes_kin import KIN, prefixed
from archcheck.surfaces.python.routes_kin_facts import answering, asked, templated
from archcheck.surfaces.python.routes_own import own
from archcheck.surfaces.python.routes_raises import HTTP, REFUSES, Reader
from archcheck.surfaces.python.routes_run import Runner
from archcheck.surfaces.python.routes_values import (
    MISSING,
    Bound,
    Class,
    Entry,
    Func,
    Instance,
    Link,
    Node,
    Options,
    Ref,
    Seq,
    Value,
)

_MOST: Final = 20_000
_DEEPEST: Final = 20
_CURLY: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")
_ANGLE: Final = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
_TOKEN: Final = re.compile(r"token|key|secret|signature|auth|cookie|header", re.I)
_TELLS: Final = re.compile(
    r"fastapi\.(?:Header|Cookie)|(?:fastapi|starlette)(?:\.requests)?\.(?:Request|HTTPConnection|WebSocket)"
)
_RAW: Final = re.compile(r"request\.(?:get_json|json|form|body|stream)")
_STANDS: Final = re.compile(r"slowapi(?:\.\w+)*\.Limiter\(\)\.")


@dataclass(slots=True)
class Composed:
    """All that came of a project: its apps with their routes, what nobody reaches, and what was not known."""

    apps: list[App] = field(default_factory=list)
    routers: list[Router] = field(default_factory=list)
    handlers: list[Handler] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    undecided: int = 0


@dataclass(slots=True, eq=False)
class _Way:
    """The way from an app down to a node."""

    prefix: str
    guarded: Guarded
    seen: tuple[Node, ...]
    conditional: bool = False
    hidden: bool = False
    demands: tuple[Value, ...] = ()
    responses: tuple[Value, ...] = ()


class Composer:
    """Walks the graph from its apps."""

    def __init__(self, runner: Runner, branches: Mapping[str, Sequence[tuple[int, int]]], kits: Sequence[str]) -> None:
        self.runner = runner
        self.branches = branches
        self.wiring = runner.wiring
        self.reader = Reader(runner)
        self.guards = Guards(runner, self.reader)
        self.inputs = Inputs(runner, self.guards.named)
        self.answers = Answers(self.guards, self.reader)
        self.handling = Handling(self.guards, self.reader)
        self.hooks: dict[Location, Hook] = {}
        self.vague = "default-limits" in kits and not any(map(_by_default, self.wiring.limiters))
        self.reached: set[int] = set()
        self.own: list[Route] = []
        self.left = _MOST
        self.answering: dict[int, tuple[Func, str, list[str], list[tuple[Value, Location]]]] = {}

    def compose(self) -> Composed:
        """Every app with its routes, and every router that no app reaches."""
        found = Composed()
        self._merge_assumed()
        inner = {id(link.child) for node in self.wiring.nodes for link in node.links}
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
        found.handlers = list(self._handlers())
        found.hooks = list(self.hooks.values())
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
        demands, responses = self._demands(root.options), (root.options.get("responses", MISSING),)
        yield from self._down(root, _Way(prefix, guarded, (), False, _hides(root.options), demands, responses), root)

    def _defaults(self, root: Node) -> Guarded:
        """The limits on every route of an app: Flask-Limiter's, and slowapi's where its middleware stands."""
        layered = any(isinstance(each, Ref) and each.name.startswith("slowapi.") for each, _ in root.middleware)
        for each in self.wiring.limiters:
            flask = isinstance(each.of, Ref) and each.of.name.startswith("flask_limiter")
            if _by_default(each) and (root.family == "flask" if flask else layered):
                return slowed("Limiter", each.at)
        return Guarded()

    def _down(self, node: Node, way: _Way, root: Node) -> Iterator[Route]:
        if node in way.seen or len(way.seen) > _DEEPEST:
            return
        self.reached.add(id(node))
        if node.family != "fastapi":
            self.own += own(node, way.prefix, way.guarded, root)
        elif node.app:
            self.own += own(node, way.prefix, self._layered((*way.seen, node)), root)
        for entry in node.entries:
            for route in self._entry(entry, node, way, root):
                self.left -= 1
                if self.left < 0:
                    return
                yield route
        for link in node.links:
            if isinstance(link.child, Node):
                yield from self._down(link.child, self._through(link, node, way), root)

    def _through(self, link: Link, node: Node, way: _Way) -> _Way:
        child = link.child
        assert isinstance(child, Node)
        if child.family in ("flask", "restx") and not link.mounted:
            own = link.prefix if link.prefix is not None else child.prefix
        elif child.family == "fastapi" and not child.app:
            own = (link.prefix or "") + child.prefix
        else:
            own = link.prefix or ""
        whole = prefixed(link, child, way.prefix) if child.family in KIN else _joined(way.prefix, own)
        guarded = way.guarded
        if link.mounted:
            # A mounted app keeps what its parent's middleware demands, and none of its dependencies.
            guarded = self._layered((*way.seen, node))
        guarded = guarded.join(self.guards.of_list(link.options.get("dependencies", MISSING), link.at))
        guarded = guarded.join(self.guards.of_list(child.options.get("dependencies", MISSING), child.at))
        guarded = guarded.join(self.guards.before(child.before, child.app))
        guarded = guarded.join(self.guards.middleware(child.middleware))
        for decorator in _items(child.options.get("decorators")):
            guarded = guarded.join(self.guards.decorator(decorator, child.at))
        demands = () if link.mounted else way.demands
        responses = () if link.mounted else way.responses
        return _Way(
            whole,
            guarded,
            (*way.seen, node),
            way.conditional or self._conditional(link.at),
            way.hidden or _hides(link.options) or _hides(child.options),
            (*demands, *self._demands(link.options), *self._demands(child.options)),
            (*responses, link.options.get("responses", MISSING), child.options.get("responses", MISSING)),
        )

    def _layered(self, nodes: Sequence[Node]) -> Guarded:
        """What the middleware of apps demands, one inside of the other."""
        return self.guards.middleware([layer for each in nodes for layer in each.middleware])

    def _demands(self, options: Mapping[str, Value]) -> tuple[Value, ...]:
        """The dependencies of a list, as targets."""
        return tuple(target for each in _items(options.get("dependencies")) for target in self.guards.named(each))

    def _conditional(self, at: Location) -> bool:
        return any(first <= at.line <= last for first, last in self.branches.get(at.path, ()))

    def _entry(self, entry: Entry, node: Node, way: _Way, root: Node) -> Iterator[Route]:
        handler = _function(entry.handler)
        template, parameters = _template(_joined(way.prefix, entry.path), handler, node.family)
        guarded = self._exempted(way.guarded.join(self._guarded(entry, handler, node, way.guarded)), entry)
        if handler is not None:
            self._note(handler, node, entry, [f"{method} {template}" for method in entry.methods])
        raised = tuple(self.reader.raises(handler).own) if handler is not None else ()
        options = entry.options
        declared = self.reader.status(options.get("status_code"))
        conditional = way.conditional or self._conditional(entry.at)
        demands = (*way.demands, *self._demands(options))
        taken: Taking | None = None
        success, answered = 0, set[int]()
        if handler is not None and node.family in ("fastapi", "starlette"):
            taken = self.inputs.handler(handler, parameters, demands) if node.family == "fastapi" else None
            success, answered = self.answers.fastapi(handler, entry, declared, demands)
        elif node.family in KIN:
            success, answered = answering(entry, node.family, declared, handler, self.reader)
            guarded = asked(guarded, entry, (node, *reversed(way.seen)), handler, self.guards)
        elif handler is not None:
            success, answered = self.answers.returned(handler, entry)
        unchecked: Evidence | None = None
        whole: tuple[Evidence, ...] = ()
        if handler is not None:
            unchecked = self._unchecked(handler, entry, taken)
            whole = self.handling.whole(handler)
            self._hooked(handler, entry, template, guarded)
        for method in entry.methods:
            yield Route(
                method,
                template,
                parameters,
                handler.dotted if handler is not None else _dotted(entry.handler),
                entry.at,
                handler.at if handler is not None else None,
                root.family,
                guarded.auth,
                guarded.evidence,
                guarded.limited or (None if self.vague or node.family in KIN else False),
                limits=guarded.limits,
                unchecked=unchecked,
                unbounded=whole if method == "GET" and not template.rstrip("/").endswith("}") else (),
                status=declared,
                responses=tuple(sorted(documented((*way.responses, options.get("responses", MISSING)), self.reader))),
                raised=raised,
                body=taken.body if taken is not None else self._body(handler),
                conditional=conditional,
                in_schema=not (way.hidden or _hides(options)),
                inputs=taken.inputs if taken is not None else plain(parameters),
                inputs_known=taken is not None and taken.known,
                model=taken.model if taken is not None else None,
                success=success,
                answered=tuple(sorted(answered)),
            )

    def _unchecked(self, handler: Func, entry: Entry, taken: Taking | None) -> Evidence | None:
        writing = not {"GET", "HEAD", "OPTIONS", "DELETE", "WS"}.issuperset(entry.methods)
        decorators = [value for value, _ in (*entry.above, *entry.below)]
        loose = taken is not None and taken.loose
        return self.handling.unchecked(handler, decorators, loose) if writing else None

    def _hooked(self, handler: Func, entry: Entry, template: str, guarded: Guarded) -> None:
        method = "POST" if "POST" in entry.methods else entry.methods[0] if entry.methods else ""
        hook = self.handling.hook(handler, entry, method, template, guarded.auth in ("public", "optional"))
        if hook is not None:
            self.hooks[hook.at] = hook

    def _guarded(self, entry: Entry, handler: Func | None, node: Node, above: Guarded) -> Guarded:
        found = self.guards.of_list(entry.options.get("dependencies", MISSING), entry.at)
        for decorator, at in entry.below:
            found = found.join(self.guards.decorator(decorator, at))
        if entry.owner is not None:
            for name in ("decorators", "method_decorators"):
                for decorator in _items(entry.owner.find(name)):
                    found = found.join(self.guards.decorator(decorator, entry.at))
            found = found.join(self.guards.of_owner(entry.owner))
        if handler is None:
            doubt = Guarded("unknown", (Evidence(entry.at, "the handler is not known"),))
            return found.join(doubt)
        if handler.function is not None and not entry.below:
            for decorator, spot in handler.guards:
                at = handler.env.module.at(spot)
                if at != entry.at and all(at != place for _, place in entry.above):
                    found = found.join(self.guards.decorator(decorator, at))
        if node.family in ("fastapi", "starlette"):
            found = found.join(self.guards.dependencies(handler))
        if "protected" in (found.auth, above.auth):
            return found
        return found.join(self._own(handler, node))

    def _exempted(self, found: Guarded, entry: Entry) -> Guarded:
        """Without the limits, where a decorator takes them away: `@limiter.exempt`."""
        if any(spelled(each).endswith("imiter().exempt") for each, _ in (*entry.above, *entry.below)):
            return Guarded(found.auth, found.evidence)
        return found

    def _own(self, handler: Func, node: Node) -> Guarded:
        """What a handler does itself. One that cannot see who is asking refuses nobody for that."""
        return self.handling.limited(handler).join(self._refusing(handler, node))

    def _refusing(self, handler: Func, node: Node) -> Guarded:
        raised = self.reader.raises(handler)
        code = next((status for status in raised.statuses if status in REFUSES), 0)
        reason = (
            f"refuses with {code}" if code else f"calls `{raised.wary}`, which we cannot follow" if raised.wary else ""
        )
        if not reason and raised.redirects is None:
            return Guarded()
        if node.family == "fastapi" and not self._sees(handler):
            return Guarded()
        place = raised.statuses[code] if code else handler.at
        return Guarded("unknown", (Evidence(place, reason or "sends strangers to the login"),))

    def _sees(self, handler: Func) -> bool:
        """Whether a handler takes anything that tells who is asking."""
        for param in handler.function.params:
            if _TOKEN.search(param.name):
                return True
            for form in (param.note, param.default):
                value = self.runner.value(form, handler.env) if form is not None else None
                for each in _refs(value):
                    if _TELLS.fullmatch(each):
                        return True
        return False

    def _body(self, handler: Func | None) -> Body:
        if handler is None:
            return "unknown"
        return "raw" if any(_RAW.fullmatch(call) for call in handler.function.calls) else "unknown"

    def _note(self, handler: Func, node: Node, entry: Entry, routes: list[str]) -> None:
        known = self.answering.setdefault(id(handler.function), (handler, node.family, [], []))
        known[2].extend(route for route in routes if route not in known[2])
        known[3].extend(each for each in entry.above if each not in known[3])

    def _handlers(self) -> Iterator[Handler]:
        for handler, family, routes, above in self.answering.values():
            place = handler.env.module
            returned = []
            for deed in handler.function.body if family in ("fastapi", "starlette") else ():
                if isinstance(deed, Give) and isinstance(deed.value, Invoke):
                    name = self._exception(self.runner.value(deed.value.of, self.reader.env(handler)))
                    if name:
                        returned.append((name, place.at(deed.at)))
            ignored = []
            for param in handler.function.params if family == "fastapi" else ():
                held = param.default.items if isinstance(param.default, Listed) else ()
                if param.name == "dependencies" and param.at and any(self._depends(each, handler) for each in held):
                    ignored.append(place.at(param.at))
            idle = []
            for value, at in above:
                guard = self.guards.decorator(value, at)
                if (guard.auth == "protected" or (guard.limited and _stands(value))) and not _registers(value):
                    idle.append((_guard_name(value), at))
            yield Handler(
                handler.dotted,
                handler.at,
                family,
                tuple(routes),
                tuple(returned),
                tuple(ignored),
                tuple(idle),
                tuple(_below(handler, at) for _, at in idle),
            )

    def _depends(self, form: Form, handler: Func) -> bool:
        value = self.runner.value(form, handler.env)
        return isinstance(value, Instance) and isinstance(value.of, Ref) and value.of.name in _DEPENDS

    def _exception(self, value: Value) -> str:
        if isinstance(value, Ref) and value.name in HTTP:
            return value.name.rpartition(".")[2]
        if isinstance(value, Class) and any(isinstance(each, Ref) and each.name in HTTP for each in value.mro()):
            return value.kind.name
        return ""

    def _orphans(self, rooted: bool) -> Iterator[Router]:
        given = {id(link.child) for node in self.wiring.nodes for link in node.links}
        for node in self.wiring.nodes:
            if node.app or id(node) in self.reached or id(node) in given or node.family in ("drf", "ninja"):
                continue
            count = sum(max(len(entry.methods), 1) for entry in _all_entries(node, ()))
            if count:
                certain = rooted and not node.escapes and not self.wiring.lost
                yield Router(node.name or node.what, node.what, node.at, node.family, count, certain)


_DEPENDS: Final = frozenset(
    {"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.params.Security"}
)


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


def _joined(prefix: str, path: str) -> str:
    if prefix.endswith("/") and path.startswith("/"):
        return prefix[:-1] + path
    return prefix + path


def _template(path: str, handler: Func | None, family: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The path with its parameters as `{name}`, and their names and types."""
    found: list[tuple[str, str]] = []
    notes = {param.name: param.note for param in handler.function.params} if handler is not None else {}

    def curly(match: re.Match[str]) -> str:
        name, kind = match.group(1), match.group(2) or ""
        note = notes.get(name)
        found.append((name, kind or (getattr(note, "id", "") if note is not None else "")))
        return f"{{{name}}}"

    def angle(match: re.Match[str]) -> str:
        found.append((match.group(2), match.group(1) or "string"))
        return f"{{{match.group(2)}}}"

    if family in KIN:
        return templated(path, family)
    text = _ANGLE.sub(angle, path) if family in ("flask", "restx") else _CURLY.sub(curly, path)
    if not text.startswith("/"):
        text = f"/{text}"
    return text, tuple(found)


def _function(value: Value) -> Func | None:
    match value:
        case Func():
            return value
        case Instance(_, args):
            # A function that was wrapped by hand: `login_required(view)`.
            return next((each for each in args if isinstance(each, Func)), None)
        case Bound(Instance(Class() as owner), name):
            found = owner.find(name)
            return found if isinstance(found, Func) else None
    return None


def _dotted(value: Value) -> str:
    match value:
        case Class():
            return f"{value.env.module.name}:{value.kind.name}"
        case Ref(name):
            return name
        case Bound(_, name):
            return f"?:{name}"
    return "?"


def _items(value: Value) -> list[Value]:
    return value.items if isinstance(value, Seq) else []


def _values(value: Value, depth: int = 0) -> Iterator[Value]:
    yield value
    if depth < 4:
        if isinstance(value, Options):
            for each in value.values:
                yield from _values(each, depth + 1)
        elif isinstance(value, Instance) and isinstance(value.of, Ref):
            for each in value.args:
                yield from _values(each, depth + 1)


def _refs(value: Value) -> Iterator[str]:
    for each in _values(value):
        if isinstance(each, Ref):
            yield each.name
        elif isinstance(each, Instance) and isinstance(each.of, Ref):
            yield each.of.name


def _by_default(limiter: Instance) -> bool:
    return any(limiter.get(name) is not MISSING for name in ("default_limits", "application_limits"))


def _hides(options: Mapping[str, Value]) -> bool:
    return options.get("include_in_schema") is False or options.get("openapi_url", MISSING) is None


def _stands(value: Value) -> bool:
    name = value.of.name if isinstance(value, Instance) and isinstance(value.of, Ref) else ""
    return _STANDS.match(name) is not None


def _registers(value: Value) -> bool:
    return isinstance(value, Instance) and isinstance(value.of, Ref) and value.of.name.startswith("<")


def _below(handler: Func, at: Location) -> tuple[Edit, ...]:
    """The edits that move a decorator below all others; none where it shares its lines."""
    lines = [spot.line for _, spot in handler.function.decorators]
    if not handler.function.above or at.line not in lines or at.path != handler.at.path:
        return ()
    return moved(at.path, at.line, handler.function.above[lines.index(at.line)], handler.at.line)


def _guard_name(value: Value) -> str:
    match value:
        case Func():
            return value.function.name
        case Ref(name):
            return name.rpartition(".")[2]
        case Instance(Ref(name)):
            return name.rpartition(".")[2]
        case Bound(_, name):
            return name
    return "the guard"
