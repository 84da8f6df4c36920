"""Wiring of Litestar, Sanic, aiohttp, Falcon, Tornado and Django Ninja: what their calls add to the graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from archcheck.source import Location
from archcheck.surfaces.python.routes_reduce import textual
from archcheck.surfaces.python.routes_values import (
    MISSING,
    Class,
    Dict,
    Entry,
    Func,
    Instance,
    Link,
    Node,
    Place,
    Ref,
    Seq,
    Value,
)

if TYPE_CHECKING:
    from archcheck.surfaces.python.routes_wire import Wiring

KIN: Final = frozenset({"litestar", "sanic", "aiohttp", "falcon", "tornado", "ninja"})
KIN_BUILDS: Final[dict[str, tuple[str, str, bool]]] = {
    "litestar.Litestar": ("litestar", "app", True),
    "litestar.app.Litestar": ("litestar", "app", True),
    "litestar.Router": ("litestar", "router", False),
    "litestar.router.Router": ("litestar", "router", False),
    "sanic.Sanic": ("sanic", "app", True),
    "sanic.app.Sanic": ("sanic", "app", True),
    "sanic.Blueprint": ("sanic", "blueprint", False),
    "sanic.blueprints.Blueprint": ("sanic", "blueprint", False),
    "sanic.Blueprint.group": ("sanic", "group", False),
    "aiohttp.web.Application": ("aiohttp", "app", True),
    "aiohttp.web.RouteTableDef": ("aiohttp", "table", False),
    "falcon.App": ("falcon", "app", True),
    "falcon.API": ("falcon", "app", True),
    "falcon.asgi.App": ("falcon", "app", True),
    "tornado.web.Application": ("tornado", "app", True),
    "ninja.NinjaAPI": ("ninja", "api", False),
    "ninja.main.NinjaAPI": ("ninja", "api", False),
    "ninja.Router": ("ninja", "router", False),
    "ninja.router.Router": ("ninja", "router", False),
}
_VERBS: Final = ("get", "post", "put", "patch", "delete", "head", "options")
DECLARES: Final = frozenset({"aiohttp.web.get", "litestar.get", "litestar.handlers.get"})
"""Calls that declare a route, and by their last name might read a setting."""

_ADDS: Final = {f"add_{verb}": verb.upper() for verb in _VERBS}


def built(wiring: Wiring, node: Node, args: tuple[Value, ...]) -> None:
    """What the arguments of an app or router put into it."""
    options = node.options
    match node.family, node.what:
        case "litestar", _:
            node.prefix = _text(options.get("path", args[0] if args and node.what == "router" else ""))
            _handlers(wiring, node, options.get("route_handlers", args[0] if args and node.what == "app" else MISSING))
        case "sanic", "group":
            for each in args:
                _blueprints(wiring, node, each, None, node.at)
        case "tornado", _:
            _tornado(wiring, node, args[0] if args else options.get("handlers", MISSING))


def called(
    wiring: Wiring, node: Node, name: str, args: tuple[Value, ...], options: dict[str, Value], at: Location
) -> bool:
    """Whether a method of a node is one that wires, which is done then."""
    match node.family, name:
        case "sanic", "blueprint":
            prefix = options.get("url_prefix")
            _blueprints(wiring, node, _argument(args, options, 0, "blueprint"), prefix, at)
        case "sanic", "add_route":
            handler, uri = _argument(args, options, 0, "handler"), _text(_argument(args, options, 1, "uri"))
            _added(wiring, node, uri, handler, wiring.methods(options, ("GET",)), options, at)
        case "aiohttp", "add_routes":
            _aiohttp(wiring, node, _argument(args, options, 0, "routes"), at)
        case "aiohttp", "add_subapp" if len(args) > 1:
            wiring.link(node, args[1], args[0], options, at)
        case "aiohttp", "add_route" if len(args) > 2:
            _added(wiring, node, _text(args[1]), args[2], (_method(args[0]),), options, at)
        case "aiohttp", "add_view" if len(args) > 1:
            _added(wiring, node, _text(args[0]), args[1], ("ANY",), options, at)
        case "aiohttp", _ if name in _ADDS:
            path, handler = _argument(args, options, 0, "path"), _argument(args, options, 1, "handler")
            _added(wiring, node, _text(path), handler, (_ADDS[name],), options, at)
        case "falcon", "add_route":
            path, resource = _argument(args, options, 0, "uri_template"), _argument(args, options, 1, "resource")
            _falcon(wiring, node, _text(path), resource, options, at)
        case "tornado", "add_handlers":
            _tornado(wiring, node, _argument(args, options, 1, "host_handlers"))
        case "ninja", "add_router":
            child = _argument(args, options, 1, "router")
            if isinstance(child, str):
                child = wiring.runner.names.dotted(child, Place(at.path, ""))
            wiring.link(node, child, _argument(args, options, 0, "prefix"), options, at)
        case _:
            return False
    return True


def declared(node: Node, name: str, args: tuple[Value, ...]) -> tuple[str, ...] | None:
    """The methods of a route that one of a node's own decorators declares; None for another decorator."""
    if node.family == "ninja" and name == "api_operation" and args and isinstance(args[0], Seq):
        return tuple(each for each in args[0].items if isinstance(each, str))
    return None


def viewed(node: Node, found: Class, name: str, args: tuple[Value, ...], at: Location) -> None:
    """A class that stands under a decorator of a table of routes: `@routes.view("/orders")`."""
    if node.family == "aiohttp" and name == "view" and args:
        node.entries += _of_class(found, _text(args[0]), {}, at)


def _handlers(wiring: Wiring, node: Node, given: Value) -> None:
    """The route handlers of Litestar: decorated functions, controllers and routers."""
    if not isinstance(given, Seq):
        if given is not MISSING:
            wiring.lost.append(("the handlers that are given here are not known", node.at))
        return
    for each in given.items:
        match each:
            case Func():
                node.entries += _decorated(each, "", None)
            case Class():
                prefix = _text(each.find("path")) if each.find("path") is not MISSING else ""
                for method in each.names.values():
                    if isinstance(method, Func):
                        node.entries += _decorated(method, prefix, each)
            case Node():
                wiring.link(node, each, None, {}, node.at)
            case Instance(Ref(name)) if name.startswith("litestar."):
                continue
            case _:
                wiring.lost.append(("a handler that is given here is not known", node.at))


def _decorated(func: Func, prefix: str, owner: Class | None) -> Iterator[Entry]:
    """The routes that the decorators of Litestar on a function declare, which may name several paths."""
    for index, (value, spot) in enumerate(func.guards):
        if not (isinstance(value, Instance) and isinstance(value.of, Ref) and value.of.name.startswith("litestar.")):
            continue
        verb = value.of.name.rpartition(".")[2]
        if verb in _VERBS:
            methods: tuple[str, ...] = (verb.upper(),)
        elif verb in ("websocket", "websocket_listener", "websocket_stream"):
            methods = ("WS",)
        elif verb == "route":
            methods = tuple(_methods(value.get("http_method")))
        else:
            continue
        place = func.env.module
        first = value.get("path", 0)
        paths = first.items if isinstance(first, Seq) else [first]
        for path in paths:
            below = tuple((each, place.at(where)) for each, where in func.guards[index + 1 :])
            whole = f"{prefix}/{_text(path)}"
            yield Entry(methods, whole, func, place.at(spot), dict(value.keywords), (), below, owner)


def _methods(value: Value) -> Iterator[str]:
    for each in value.items if isinstance(value, Seq) else [value]:
        yield _method(each)


def _method(value: Value) -> str:
    """A method that is named, by a word or by a member of an enumeration."""
    name = value if isinstance(value, str) else value.name.rpartition(".")[2] if isinstance(value, Ref) else ""
    return name.upper() if name.isalpha() and not name.endswith("METH_ANY") else "ANY"


def _blueprints(wiring: Wiring, node: Node, value: Value, prefix: Value, at: Location) -> None:
    for each in value.items if isinstance(value, Seq) else [value]:
        wiring.link(node, each, prefix, {}, at)


def _aiohttp(wiring: Wiring, node: Node, given: Value, at: Location) -> None:
    """Routes of a list or of a table: `[web.get("/", handler), web.view("/x", View)]`."""
    if isinstance(given, Node):
        wiring.link(node, given, None, {}, at)
        return
    if not isinstance(given, Seq):
        wiring.lost.append(("the routes that are added here are not known", at))
        return
    for each in given.items:
        if not (isinstance(each, Instance) and isinstance(each.of, Ref) and each.of.name.startswith("aiohttp.web.")):
            continue
        kind = each.of.name.rpartition(".")[2]
        if kind in _VERBS or kind == "view":
            methods = ("ANY",) if kind == "view" else (kind.upper(),)
            _added(wiring, node, _text(each.get("path", 0)), each.get("handler", 1), methods, each.keywords, each.at)
        elif kind == "route":
            method = _method(each.get("method", 0))
            _added(wiring, node, _text(each.get("path", 1)), each.get("handler", 2), (method,), each.keywords, each.at)


def _added(
    wiring: Wiring,
    node: Node,
    path: str,
    handler: Value,
    methods: tuple[str, ...],
    options: dict[str, Value],
    at: Location,
) -> None:
    """A route that is added by a call; a class that answers has a method for each of those of HTTP."""
    if isinstance(handler, Instance) and isinstance(handler.of, Ref) and handler.of.name == "<as_view>":
        handler = handler.args[0]
    if isinstance(handler, Class):
        node.entries += _of_class(handler, path, options, at) or [Entry(("ANY",), path, handler, at, dict(options))]
    else:
        node.entries.append(Entry(methods, path, handler, at, dict(options)))


def _of_class(owner: Class, path: str, options: dict[str, Value], at: Location) -> list[Entry]:
    found = [(verb, owner.find(verb)) for verb in _VERBS]
    return [
        Entry((verb.upper(),), path, handler, at, dict(options), owner=owner)
        for verb, handler in found
        if isinstance(handler, Func)
    ]


def _falcon(wiring: Wiring, node: Node, path: str, resource: Value, options: dict[str, Value], at: Location) -> None:
    """The responders of a resource of Falcon: `on_get`, or `on_get_item` with a suffix."""
    if not (isinstance(resource, Instance) and isinstance(resource.of, Class)):
        wiring.lost.append((f"the resource at `{path}` is not known", at))
        return
    suffix = options.get("suffix")
    tail = f"_{suffix}" if isinstance(suffix, str) and suffix else ""
    for verb in _VERBS:
        handler = resource.of.find(f"on_{verb}{tail}")
        if isinstance(handler, Func):
            node.entries.append(Entry((verb.upper(),), path, handler, at, owner=resource.of))


def _tornado(wiring: Wiring, node: Node, given: Value) -> None:
    """The rules of Tornado: pairs of an expression and a class, as they are or as `URLSpec`."""
    if not isinstance(given, Seq):
        if given is not MISSING and given is not None:
            wiring.lost.append(("the handlers that are given here are not known", node.at))
        return
    for each in given.items:
        match each:
            case Seq([str() as path, Class() as handler, *_]):
                node.entries += _of_class(handler, path, {}, node.at)
            case Instance(Ref(name)) if name.rpartition(".")[2] in ("url", "URLSpec"):
                owner = each.get("handler", 1)
                if isinstance(owner, Class):
                    node.entries += _of_class(owner, _text(each.get("pattern", 0)), {}, each.at)


def prefixed(link: Link, child: Node, way: str) -> str:
    """The path that has grown at a node once it is put into another."""
    if child.family == "sanic":
        own = link.prefix if link.prefix is not None else child.prefix
        version = child.options.get("version", MISSING)
        if isinstance(version, int | str):
            before = child.options.get("version_prefix", "/v")
            return f"{before if isinstance(before, str) else '/v'}{str(version).removeprefix('v')}{way}{own}"
        return way + own
    if child.family in ("ninja", "litestar"):
        return f"{way}/{link.prefix or ''}/{child.prefix}"
    return way + (link.prefix or "") + child.prefix


def statuses(entry: Entry, family: str) -> tuple[int, ...]:
    """The statuses that a route of Django Ninja or Litestar declares for its answers."""
    if family == "ninja":
        response = entry.options.get("response")
        return tuple(key for key, _ in response.pairs if isinstance(key, int)) if isinstance(response, Dict) else ()
    return ()


def default_status(entry: Entry, family: str) -> int:
    """The status of a plain answer where the framework says so by the method; 0 where the handler does."""
    if family == "litestar" and len(entry.methods) == 1:
        return {"POST": 201, "DELETE": 204}.get(entry.methods[0], 200)
    return 200 if family == "ninja" and not statuses(entry, family) else 0


def layers(entry: Entry, nodes: Iterable[Node], name: str) -> Iterator[tuple[Value, Location]]:
    """What a route and all that holds it say under one name, such as `guards` or `auth`, with the places."""
    if name in entry.options:
        yield entry.options[name], entry.at
    if entry.owner is not None and (held := entry.owner.find(name)) is not MISSING:
        yield held, entry.owner.at
    for node in nodes:
        if name in node.options:
            yield node.options[name], node.at


def _argument(args: tuple[Value, ...], options: dict[str, Value], index: int, name: str) -> Value:
    return args[index] if len(args) > index else options.get(name, MISSING)


def _text(value: Value) -> str:
    return "" if value is None or value is MISSING else textual(value)
