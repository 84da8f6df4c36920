"""What decorators declare: the routes of functions and classes, and what runs before the routes of a node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from archcheck.source import Location
from archcheck.surfaces.python.routes_acts import VERBS, first, resource, starlette_entry
from archcheck.surfaces.python.routes_form import Spot
from archcheck.surfaces.python.routes_kin import KIN, declared, viewed
from archcheck.surfaces.python.routes_values import (
    Bound,
    Class,
    Entry,
    Func,
    Instance,
    Node,
    Options,
    Ref,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from archcheck.surfaces.python.routes_wire import Wiring

ROUTES: Final = frozenset({"route", "api_route", "websocket", "websocket_route"})
_BEFORE: Final = frozenset({"before_request", "before_app_request"})


def decorated(wiring: Wiring, func: Func, decorators: list[tuple[Value, Spot]]) -> None:
    """Take the routes that the decorators of a function declare."""
    place = func.env.module
    for index, (value, spot) in enumerate(decorators):
        at = place.at(spot)
        if isinstance(value, Bound) and value.name in _BEFORE:
            node = value.of if isinstance(value.of, Node) else None
            if node is not None:
                node.before.append((func, at))
            continue
        if not (isinstance(value, Instance) and isinstance(value.of, Ref)):
            continue
        verb = value.of.name.rpartition(".")[2]
        holder = _holder(wiring, value, verb, at)
        if holder is None:
            continue
        if verb in _BEFORE:
            holder.before.append((func, at))
        elif verb == "middleware" or verb == "exception_handler":
            if verb == "middleware":
                holder.middleware.append((func, at))
        elif verb in VERBS or verb in ROUTES or declared(holder, verb, value.args[1:]) is not None:
            for entry in _declared(wiring, holder, verb, value.args[1:], value.keywords, func, at):
                entry.above = tuple((each, place.at(where)) for each, where in decorators[:index])
                entry.below = tuple((each, place.at(where)) for each, where in decorators[index + 1 :])
                entry.owner = func.owner
                holder.entries.append(entry)


def _holder(wiring: Wiring, decorator: Instance, verb: str, at: Location) -> Node | None:
    """The app or router that a decorator is of."""
    holder = decorator.args[0] if decorator.args else None
    if isinstance(holder, Unknown) and verb == "route" and holder.param:
        holder = wiring.assume(holder, True, at)
    if isinstance(holder, Options):
        holder = next((each for each in holder.values if isinstance(each, Node)), None)
    return holder if isinstance(holder, Node) else None


def decorated_class(wiring: Wiring, found: Class, decorators: list[tuple[Value, Spot]]) -> None:
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
                    resource(wiring, holder, found, wiring.text(path), found.env.module.at(spot))


def _declared(
    wiring: Wiring,
    node: Node,
    verb: str,
    args: tuple[Value, ...],
    options: dict[str, Value],
    func: Func,
    at: Location,
) -> list[Entry]:
    methods = declared(node, verb, args)
    if methods is not None:
        args = args[1:]
    path = wiring.text(first(args, options, next((each for each in ("rule", "uri") if each in options), "path")))
    if methods is not None:
        return [Entry(methods, path, func, at, dict(options))]
    if verb in ("websocket", "websocket_route"):
        return [Entry(("WS",), path, func, at, dict(options))]
    if verb in VERBS:
        return [Entry((verb.upper(),), path, func, at, dict(options))]
    if verb == "route" and node.family == "starlette":
        return [starlette_entry(wiring, path, func, options, at)]
    return [Entry(wiring.methods(options, ("GET",)), path, func, at, dict(options))]
