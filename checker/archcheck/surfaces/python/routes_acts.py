"""What the methods of apps, routers and blueprints do: one goes into another, a route is added, a check goes before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from archcheck.source import Location
from archcheck.surfaces.python.routes_values import (
    MISSING,
    Class,
    Entry,
    Func,
    Instance,
    Link,
    Node,
    Ref,
    Seq,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from archcheck.surfaces.python.routes_wire import Wiring

VERBS: Final = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
_ROUTE_LISTS: Final = {
    "starlette.routing.Route": "route",
    "starlette.routing.WebSocketRoute": "socket",
    "starlette.routing.Mount": "mount",
    "fastapi.routing.APIRoute": "route",
}


def acted(
    wiring: Wiring, node: Node, name: str, args: tuple[Value, ...], options: dict[str, Value], at: Location
) -> bool:
    """Whether a method of a node is one that puts something into it, which is done then."""
    match name:
        case "include_router":
            wiring.link(node, first(args, options, "router"), options.get("prefix", ""), options, at)
        case "register_blueprint":
            wiring.link(node, first(args, options, "blueprint"), options.get("url_prefix"), options, at)
        case "add_namespace":
            path = options.get("path", args[1] if len(args) > 1 else None)
            wiring.link(node, first(args, options, "ns"), path, options, at)
        case "init_app":
            if node.what.endswith(("api", "builder")) and args and isinstance(args[0], Node):
                args[0].links.append(Link(node, None, at))
        case "mount":
            _mount(wiring, node, args, options, at)
        case "before_request":
            node.before += [(args[0], at)] if args else []
        case "add_middleware":
            node.middleware.append((layer(first(args, options, "middleware_class"), options), at))
        case _:
            return _routed(wiring, node, name, args, options, at)
    return True


def _routed(
    wiring: Wiring, node: Node, name: str, args: tuple[Value, ...], options: dict[str, Value], at: Location
) -> bool:
    """Whether a method of a node is one that adds a route, which is done then."""
    second = args[1] if len(args) > 1 else MISSING
    path = wiring.text(first(args, options, "rule" if name == "add_url_rule" else "path"))
    match name:
        case "add_api_route":
            handler = options.get("endpoint") if second is MISSING else second
            node.entries.append(Entry(wiring.methods(options, ("GET",)), path, handler, at, dict(options)))
        case "add_route":
            handler = options.get("route", options.get("endpoint")) if second is MISSING else second
            if node.family in ("fastapi", "starlette", "any"):
                node.entries.append(starlette_entry(wiring, path, handler, options, at))
        case "add_websocket_route" | "add_api_websocket_route":
            handler = options.get("route") if second is MISSING else second
            node.entries.append(Entry(("WS",), path, handler, at, dict(options)))
        case "add_url_rule":
            _ruled(wiring, node, path, options.get("view_func", args[2] if len(args) > 2 else None), options, at)
        case "add_resource":
            for each in args[1:]:
                resource(wiring, node, args[0], wiring.text(each), at)
        case "register":
            if node.family == "drf":
                text = wiring.text(first(args, options, "prefix"))
                node.entries.append(Entry((), text, options.get("viewset") if second is MISSING else second, at))
        case _:
            return False
    return True


def _mount(wiring: Wiring, node: Node, args: tuple[Value, ...], options: dict[str, Value], at: Location) -> None:
    path, child = wiring.text(first(args, options, "path")), args[1] if len(args) > 1 else options.get("app")
    if isinstance(child, Node):
        node.links.append(Link(child, path, at, dict(options), mounted=True))
    elif isinstance(child, Func | Class | Unknown):
        wiring.lost.append((f"what is mounted at `{path}` is not known", at))


def listed(wiring: Wiring, node: Node, routes: Seq) -> None:
    """The routes of a list: `routes=[Route("/orders", orders), Mount("/admin", routes=[...])]`."""
    for each in routes.items:
        if not (isinstance(each, Instance) and isinstance(each.of, Ref)):
            continue
        kind = _ROUTE_LISTS.get(each.of.name)
        path = wiring.text(each.get("path", 0))
        second = each.get("endpoint", 1)
        if kind == "route":
            node.entries.append(starlette_entry(wiring, path, second, each.keywords, each.at))
        elif kind == "socket":
            node.entries.append(Entry(("WS",), path, second, each.at, dict(each.keywords)))
        elif kind == "mount":
            inner, app = each.get("routes", 2), each.get("app", 1)
            if isinstance(inner, Seq):
                child = Node("starlette", "mount", each.at, False)
                listed(wiring, child, inner)
                node.links.append(Link(child, path, each.at))
            elif isinstance(app, Node):
                node.links.append(Link(app, path, each.at, mounted=True))


def starlette_entry(wiring: Wiring, path: str, handler: Value, options: dict[str, Value], at: Location) -> Entry:
    """A route of Starlette: a function, or a class with a method for each verb."""
    if isinstance(handler, Class):
        verbs = tuple(verb.upper() for verb in sorted(VERBS) if isinstance(handler.find(verb), Func))
        return Entry(verbs or ("ANY",), path, handler, at, dict(options))
    return Entry(wiring.methods(options, ("GET",)), path, handler, at, dict(options))


def resource(wiring: Wiring, node: Node, owner: Value, path: str, at: Location) -> None:
    """The routes of a class of Flask-RESTful or Flask-RESTX: a method for each verb."""
    if not isinstance(owner, Class):
        wiring.lost.append((f"the resource at `{path}` is not known", at))
        return
    for verb in sorted(VERBS):
        handler = owner.find(verb)
        if isinstance(handler, Func):
            node.entries.append(Entry((verb.upper(),), path, handler, at, owner=owner))


def _ruled(wiring: Wiring, node: Node, path: str, handler: Value, options: dict[str, Value], at: Location) -> None:
    """A rule of Flask: a function, or a class that was made a view."""
    if isinstance(handler, Instance) and isinstance(handler.of, Ref) and handler.of.name == "<as_view>":
        view = handler.args[0]
        if isinstance(view, Class):
            named = wiring.methods(options, ())
            found = [verb for verb in sorted(VERBS) if isinstance(view.find(verb), Func)]
            for verb in found:
                if not named or verb.upper() in named:
                    node.entries.append(Entry((verb.upper(),), path, view.find(verb), at, owner=view))
            if not found:
                methods = named or wiring.methods({"methods": view.find("methods")}, ("GET",))
                node.entries.append(Entry(methods, path, view.find("dispatch_request"), at, owner=view))
            return
    node.entries.append(Entry(wiring.methods(options, ("GET",)), path, handler, at, dict(options)))


def layer(middleware: Value, options: dict[str, Value]) -> Value:
    """What a middleware runs: its class, or the function that Starlette's own is given."""
    base = isinstance(middleware, Ref) and middleware.name.endswith(".BaseHTTPMiddleware")
    return options["dispatch"] if base and "dispatch" in options else middleware


def first(args: tuple[Value, ...], options: dict[str, Value], name: str) -> Value:
    """The first argument, or the one of that name."""
    return args[0] if args else options.get(name, MISSING)
