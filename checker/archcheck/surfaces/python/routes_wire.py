"""Wiring: which calls build apps and routers, and what each of their methods adds to the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from archcheck.source import Location
from archcheck.surfaces.python.routes_builder import ADDS, added
from archcheck.surfaces.python.routes_form import Attr, Do, Invoke, Item, Name, Plain, Spot
from archcheck.surfaces.python.routes_kin import DECLARES, KIN, KIN_BUILDS, built, called, declared, viewed
from archcheck.surfaces.python.routes_reduce import textual
from archcheck.surfaces.python.routes_values import (
    MISSING,
    Bound,
    Class,
    Dict,
    Entry,
    Env,
    Func,
    Instance,
    Link,
    Node,
    Options,
    Ref,
    Seq,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from archcheck.surfaces.python.routes_run import Runner

VERBS: Final = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
BUILDS: Final[dict[str, tuple[str, str, bool]]] = {
    "fastapi.FastAPI": ("fastapi", "app", True),
    "fastapi.applications.FastAPI": ("fastapi", "app", True),
    "fastapi.APIRouter": ("fastapi", "router", False),
    "fastapi.routing.APIRouter": ("fastapi", "router", False),
    "fastapi.router.APIRouter": ("fastapi", "router", False),
    "starlette.applications.Starlette": ("starlette", "app", True),
    "starlette.routing.Router": ("starlette", "router", False),
    "flask.Flask": ("flask", "app", True),
    "flask.app.Flask": ("flask", "app", True),
    "apiflask.APIFlask": ("flask", "app", True),
    "apiflask.APIBlueprint": ("flask", "blueprint", False),
    "quart.Quart": ("flask", "app", True),
    "flask.Blueprint": ("flask", "blueprint", False),
    "flask.blueprints.Blueprint": ("flask", "blueprint", False),
    "quart.Blueprint": ("flask", "blueprint", False),
    "flask_smorest.Blueprint": ("flask", "blueprint", False),
    "flask_restx.Api": ("restx", "api", False),
    "flask_restx.Namespace": ("restx", "namespace", False),
    "flask_restplus.Api": ("restx", "api", False),
    "flask_restplus.Namespace": ("restx", "namespace", False),
    "flask_restful.Api": ("restx", "bare api", False),
    "rest_framework.routers.DefaultRouter": ("drf", "router", False),
    "rest_framework.routers.SimpleRouter": ("drf", "router", False),
    "flask_appbuilder.AppBuilder": ("flask", "builder", False),
    "flask_appbuilder.base.AppBuilder": ("flask", "builder", False),
    **KIN_BUILDS,
}
_ROUTE_LISTS: Final = {
    "starlette.routing.Route": "route",
    "starlette.routing.WebSocketRoute": "socket",
    "starlette.routing.Mount": "mount",
    "fastapi.routing.APIRoute": "route",
}
_OWN_WAYS: Final = frozenset({"get_urls", "get_routes", "get_lookup_regex", "get_method_map", "routes"})
_LIST: Final = Attr(Item(Attr(Name("self"), "routes"), Plain(0)), "mapping")
_SURE: Final = frozenset({"register_blueprint", "include_router", "add_url_rule", "add_api_route"})


class Wiring:
    """What the calls of a run add to the graph; `nodes` holds every app and router that was built, in order."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.nodes: list[Node] = []
        self.assumed: dict[tuple[str, str], Node] = {}
        self.lost: list[tuple[str, Location]] = []
        self.limiters: list[Instance] = []

    def constructed(self, name: str, args: tuple[Value, ...], keywords: dict[str, Value], at: Location) -> Value | None:
        """What a call of a library's name builds; None when it is nothing we know."""
        build = BUILDS.get(name)
        if build is not None:
            return self.build(build, args, keywords, at)
        if name.rpartition(".")[2] == "Limiter" and name.startswith(("flask_limiter", "slowapi")):
            self.limiters.append(Instance(Ref(name), args, keywords, at))
            return self.limiters[-1]
        if name in DECLARES:
            return Instance(Ref(name), args, keywords, at)
        if name in ("functools.partial", "typing.cast", "t.cast") and args:
            return args[-1] if name.endswith("cast") else args[0]
        if name in ("list", "tuple", "set", "sorted", "reversed") and args and isinstance(args[0], Seq):
            return args[0]
        if name.rpartition(".")[2] in ("ProxyFix", "format_suffix_patterns") and args:
            return args[0]
        return None

    def build(
        self,
        build: tuple[str, str, bool],
        args: tuple[Value, ...],
        keywords: dict[str, Value],
        at: Location,
    ) -> Node:
        """A new node of the graph."""
        family, what, app = build
        options = dict(keywords)
        # What a function builds and gives back may be meant for others.
        node = Node(family, what, at, app, options=options, escapes=self.runner.depth > 1)
        if what == "namespace":
            first = args[0] if args else keywords.get("name")
            path = keywords.get("path", args[2] if len(args) > 2 else None)
            node.prefix = self.text(path) if path is not None else f"/{self.text(first)}"
        elif what == "builder":
            if args and isinstance(args[0], Node):
                args[0].links.append(Link(node, None, at))
        elif what.endswith("api"):
            node.prefix = self.text(keywords.get("prefix", ""))
            holder = args[0] if args else keywords.get("app", keywords.get("blueprint"))
            if isinstance(holder, Node):
                holder.links.append(Link(node, None, at))
        else:
            prefix = keywords.get("prefix", keywords.get("url_prefix", ""))
            node.prefix = self.text(prefix) if prefix is not None else ""
        routes = keywords.get("routes")
        if isinstance(routes, Seq):
            self._listed(node, routes)
        middleware = keywords.get("middleware")
        if isinstance(middleware, Seq):
            for each in middleware.items:
                if isinstance(each, Instance) and each.args:
                    node.middleware.append((each.args[0], each.at))
        self.nodes.append(node)
        if family in KIN:
            built(self, node, args)
        return node

    def subclass(self, of: Class, args: tuple[Value, ...], keywords: dict[str, Value], at: Location) -> Node | None:
        """The node a class of the project builds when it inherits from one we know."""
        outside = [each.name for each in of.mro() if isinstance(each, Ref) and each.name in BUILDS]
        if not outside:
            return None
        given = dict(keywords)
        positional = args
        for each in of.mro():
            if not isinstance(each, Class):
                continue
            init = each.names.get("__init__")
            if isinstance(init, Func):
                positional, given = self._super(init, positional, given)
        for name in ("prefix", "url_prefix", "dependencies"):
            held = of.find(name)
            if held is not MISSING and name not in given:
                given[name] = held
        node = self.build(BUILDS[outside[0]], positional, given, at)
        if node.family == "drf":
            self._mapped(of, node, at)
        return node

    def _mapped(self, of: Class, node: Node, at: Location) -> None:
        """What a router of the project's own maps beside the usual: more methods of its list, or what nobody knows."""
        for each in of.mro():
            if not isinstance(each, Class):
                continue
            if not each.names.keys().isdisjoint(_OWN_WAYS):
                self.lost.append(("a router makes routes in its own way", at))
            init = each.names.get("__init__")
            for deed in init.function.body if isinstance(init, Func) else ():
                if not (isinstance(deed, Do) and isinstance(deed.value, Invoke) and isinstance(deed.value.of, Attr)):
                    continue
                if deed.value.of.name != "update" or not isinstance(init, Func):
                    continue
                first = deed.value.of.of == _LIST and len(deed.value.args) == 1
                more = self.runner.value(deed.value.args[0], init.env) if first else None
                if isinstance(more, Dict):
                    node.options["<list>"] = more
                else:
                    self.lost.append(("what a router maps is not known", at))

    def _super(
        self, init: Func, args: tuple[Value, ...], keywords: dict[str, Value]
    ) -> tuple[tuple[Value, ...], dict[str, Value]]:
        """The arguments an `__init__` hands on to the class above it."""
        for deed in init.function.body:
            if not (isinstance(deed, Do) and isinstance(deed.value, Invoke)):
                continue
            call = deed.value
            if not (isinstance(call.of, Attr) and call.of.name == "__init__" and isinstance(call.of.of, Invoke)):
                continue
            if call.of.of.of != Name("super"):
                continue
            from archcheck.surfaces.python.routes_run import fill

            env = Env(init.env.module, init.env, imports=init.function.imports)
            fill(env, init.function, (Unknown("self"), *args), keywords, self.runner, init)
            given: dict[str, Value] = {}
            for name, form in call.keywords:
                value = self.runner.value(form, env)
                if name:
                    given[name] = value
                elif isinstance(value, Dict):
                    given.update((k, v) for k, v in value.pairs if isinstance(k, str))
            return tuple(self.runner.value(form, env) for form in call.args), given
        return args, keywords

    def method(
        self, holder: Value, name: str, args: tuple[Value, ...], keywords: dict[str, Value], at: Location
    ) -> Value | None:
        """What a method of a node does; None when it is none of a node, or none we know."""
        if isinstance(holder, Options):
            for each in holder.values:
                self.method(each, name, args, keywords, at)
            return None
        if isinstance(holder, Unknown):
            node = self.assume(holder, name in _SURE, at)
            if node is None:
                return Instance(Ref(f"?.{name}"), (holder, *args), keywords, at)
            holder = node
        if not isinstance(holder, Node):
            return None
        if holder.family in KIN and called(self, holder, name, args, keywords, at):
            return None
        if holder.what == "builder" and name in ADDS:
            entries, doubt = added(args[0] if args else MISSING, at)
            holder.entries += entries
            self.lost += [(doubt, at)] if doubt else []
            return None
        act = getattr(self, f"do_{name}", None)
        if act is not None:
            result: Value | None = act(holder, args, keywords, at)
            return result
        if name in VERBS or name in _DECORATORS:
            # A decorator about to be applied, or `app.get("/x")(handler)`.
            return Instance(Ref(f"<route>.{name}"), (holder, *args), keywords, at)
        return Instance(Ref(f"<{holder.family}>.{name}"), (holder, *args), keywords, at)

    def assume(self, holder: Unknown, sure: bool, at: Location) -> Node | None:
        """The app that an argument is, when nobody here gives it: by its annotation, or by what is done to it."""
        note = holder.note
        build = BUILDS.get(note.name) if isinstance(note, Ref) else None
        if not holder.param or (build is None and not sure):
            return None
        family = build[0] if build else ""
        key = (at.path, holder.text)
        node = self.assumed.get(key)
        if node is None:
            what, app = (build[1], build[2]) if build else ("app", True)
            node = self.assumed[key] = Node(family or "any", what, at, app, name=holder.text, assumed=True)
            self.nodes.append(node)
        return node

    # -- what the methods of apps, routers and blueprints do

    def do_include_router(self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location) -> None:
        self.link(node, _first(args, options, "router"), options.get("prefix", ""), options, at)

    def do_mount(self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location) -> None:
        path, child = _first(args, options, "path"), args[1] if len(args) > 1 else options.get("app")
        if isinstance(child, Node):
            node.links.append(Link(child, self.text(path), at, dict(options), mounted=True))
        elif isinstance(child, Func | Class | Unknown):
            self.lost.append((f"what is mounted at `{self.text(path)}` is not known", at))

    def do_register_blueprint(
        self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location
    ) -> None:
        self.link(node, _first(args, options, "blueprint"), options.get("url_prefix"), options, at)

    def do_add_namespace(self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location) -> None:
        path = options.get("path", args[1] if len(args) > 1 else None)
        self.link(node, _first(args, options, "ns"), path, options, at)

    def do_add_resource(self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location) -> None:
        for path in args[1:]:
            self._resource(node, args[0], self.text(path), at)

    def do_init_app(self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location) -> None:
        if node.what.endswith(("api", "builder")) and args and isinstance(args[0], Node):
            args[0].links.append(Link(node, None, at))

    def do_add_api_route(self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location) -> None:
        handler = args[1] if len(args) > 1 else options.get("endpoint")
        path = self.text(_first(args, options, "path"))
        node.entries.append(Entry(self.methods(options, ("GET",)), path, handler, at, dict(options)))

    def do_add_route(self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location) -> None:
        handler = args[1] if len(args) > 1 else options.get("route", options.get("endpoint"))
        path = self.text(_first(args, options, "path"))
        if node.family in ("fastapi", "starlette", "any"):
            node.entries.append(self._starlette_entry(path, handler, options, at))

    def do_add_websocket_route(
        self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location
    ) -> None:
        handler = args[1] if len(args) > 1 else options.get("route")
        node.entries.append(Entry(("WS",), self.text(_first(args, options, "path")), handler, at, dict(options)))

    do_add_api_websocket_route = do_add_websocket_route

    def do_add_url_rule(self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location) -> None:
        path = self.text(_first(args, options, "rule"))
        handler = options.get("view_func", args[2] if len(args) > 2 else None)
        self._flask(node, path, handler, options, at)

    def do_before_request(self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location) -> None:
        if args:
            node.before.append((args[0], at))

    def do_add_middleware(self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location) -> None:
        node.middleware.append((_first(args, options, "middleware_class"), at))

    def do_register(self, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location) -> None:
        if node.family == "drf":
            node.entries.append(
                Entry(
                    (),
                    self.text(_first(args, options, "prefix")),
                    args[1] if len(args) > 1 else options.get("viewset"),
                    at,
                )
            )

    # -- decorators

    def decorated(self, func: Func, decorators: list[tuple[Value, Spot]]) -> None:
        """Take the routes that the decorators of a function declare."""
        place = func.env.module
        for index, (value, spot) in enumerate(decorators):
            at = place.at(spot)
            above = tuple((each, place.at(where)) for each, where in decorators[:index])
            below = tuple((each, place.at(where)) for each, where in decorators[index + 1 :])
            if isinstance(value, Bound) and value.name in _BEFORE:
                node = value.of if isinstance(value.of, Node) else None
                if node is not None:
                    node.before.append((func, at))
                continue
            if not (isinstance(value, Instance) and isinstance(value.of, Ref)):
                continue
            name = value.of.name
            holder = value.args[0] if value.args else None
            verb = name.rpartition(".")[2]
            if isinstance(holder, Unknown) and verb == "route" and holder.param:
                holder = self.assume(holder, True, at)
            if isinstance(holder, Options):
                holder = next((each for each in holder.values if isinstance(each, Node)), None)
            if not isinstance(holder, Node):
                continue
            if verb in _BEFORE:
                holder.before.append((func, at))
            elif verb == "middleware" or verb == "exception_handler":
                if verb == "middleware":
                    holder.middleware.append((func, at))
            elif verb in VERBS or verb in _DECORATORS or declared(holder, verb, value.args[1:]) is not None:
                for entry in self._declared(holder, verb, value.args[1:], value.keywords, func, at):
                    entry.above, entry.below, entry.owner = above, below, func.owner
                    holder.entries.append(entry)

    def decorated_class(self, found: Class, decorators: list[tuple[Value, Spot]]) -> None:
        """Resources of Flask-RESTX are classes under `@api.route`."""
        for value, spot in decorators:
            if not (isinstance(value, Instance) and isinstance(value.of, Ref) and value.args):
                continue
            holder = value.args[0]
            if isinstance(holder, Node) and holder.family in KIN:
                viewed(holder, found, value.of.name.rpartition(".")[2], value.args[1:], found.env.module.at(spot))
            elif isinstance(holder, Node) and value.of.name == "<route>.route":
                for path in value.args[1:]:
                    if holder.family == "restx":
                        self._resource(holder, found, self.text(path), found.env.module.at(spot))

    def _declared(
        self, node: Node, verb: str, args: tuple[Value, ...], options: dict[str, Value], func: Func, at: Location
    ) -> list[Entry]:
        methods = declared(node, verb, args)
        if methods is not None:
            args = args[1:]
        path = self.text(_first(args, options, next((each for each in ("rule", "uri") if each in options), "path")))
        if methods is not None:
            return [Entry(methods, path, func, at, dict(options))]
        if verb in ("websocket", "websocket_route"):
            return [Entry(("WS",), path, func, at, dict(options))]
        if verb in VERBS:
            return [Entry((verb.upper(),), path, func, at, dict(options))]
        if verb == "route" and node.family == "starlette":
            return [self._starlette_entry(path, func, options, at)]
        return [Entry(self.methods(options, ("GET",)), path, func, at, dict(options))]

    def methods(self, options: dict[str, Value], otherwise: tuple[str, ...]) -> tuple[str, ...]:
        """The methods that are named in the options."""
        named = options.get("methods")
        if isinstance(named, Seq):
            found = [each.upper() for each in named.items if isinstance(each, str)]
            return tuple(dict.fromkeys(found)) if len(found) == len(named.items) else ("ANY",)
        return otherwise if named is None else ("ANY",)

    def text(self, value: Value) -> str:
        """A value as a path."""
        return "" if value is None or value is MISSING else textual(value)

    def link(self, node: Node, child: Value, prefix: Value, options: dict[str, Value], at: Location) -> None:
        if isinstance(child, Options):
            nodes = [each for each in child.values if isinstance(each, Node)]
            for each in nodes:
                self.link(node, each, prefix, options, at)
            if nodes:
                return
        if isinstance(child, Unknown) and child.param:
            return
        if not isinstance(child, Node):
            self.lost.append((f"what is included here{_called(child)} is not known", at))
            return
        node.links.append(Link(child, None if prefix is None else self.text(prefix), at, dict(options)))

    def _listed(self, node: Node, routes: Seq) -> None:
        for each in routes.items:
            if not (isinstance(each, Instance) and isinstance(each.of, Ref)):
                continue
            kind = _ROUTE_LISTS.get(each.of.name)
            path = self.text(each.get("path", 0))
            second = each.get("endpoint", 1)
            if kind == "route":
                node.entries.append(self._starlette_entry(path, second, each.keywords, each.at))
            elif kind == "socket":
                node.entries.append(Entry(("WS",), path, second, each.at, dict(each.keywords)))
            elif kind == "mount":
                inner, app = each.get("routes", 2), each.get("app", 1)
                if isinstance(inner, Seq):
                    child = Node("starlette", "mount", each.at, False)
                    self._listed(child, inner)
                    node.links.append(Link(child, path, each.at))
                elif isinstance(app, Node):
                    node.links.append(Link(app, path, each.at, mounted=True))

    def _starlette_entry(self, path: str, handler: Value, options: dict[str, Value], at: Location) -> Entry:
        if isinstance(handler, Class):
            verbs = tuple(verb.upper() for verb in sorted(VERBS) if isinstance(handler.find(verb), Func))
            return Entry(verbs or ("ANY",), path, handler, at, dict(options))
        return Entry(self.methods(options, ("GET",)), path, handler, at, dict(options))

    def _resource(self, node: Node, resource: Value, path: str, at: Location) -> None:
        if not isinstance(resource, Class):
            self.lost.append((f"the resource at `{path}` is not known", at))
            return
        for verb in sorted(VERBS):
            handler = resource.find(verb)
            if isinstance(handler, Func):
                node.entries.append(Entry((verb.upper(),), path, handler, at, owner=resource))

    def _flask(self, node: Node, path: str, handler: Value, options: dict[str, Value], at: Location) -> None:
        if isinstance(handler, Instance) and isinstance(handler.of, Ref) and handler.of.name == "<as_view>":
            view = handler.args[0]
            if isinstance(view, Class):
                named = self.methods(options, ())
                found = [verb for verb in sorted(VERBS) if isinstance(view.find(verb), Func)]
                for verb in found:
                    if not named or verb.upper() in named:
                        node.entries.append(Entry((verb.upper(),), path, view.find(verb), at, owner=view))
                if not found:
                    methods = named or self.methods({"methods": view.find("methods")}, ("GET",))
                    node.entries.append(Entry(methods, path, view.find("dispatch_request"), at, owner=view))
                return
        node.entries.append(Entry(self.methods(options, ("GET",)), path, handler, at, dict(options)))


_BEFORE: Final = frozenset({"before_request", "before_app_request"})
_DECORATORS: Final = frozenset({"route", "api_route", "websocket", "websocket_route"})


def _first(args: tuple[Value, ...], options: dict[str, Value], name: str) -> Value:
    return args[0] if args else options.get(name, MISSING)


def _called(value: Value) -> str:
    if isinstance(value, Ref):
        return f", `{value.name}`,"
    if isinstance(value, Unknown | Bound):
        return f", `{value.text if isinstance(value, Unknown) else value.name}`,"
    if isinstance(value, Instance) and isinstance(value.of, Ref):
        return f", made by `{value.of.name.removeprefix('?.')}`,"
    return ""
