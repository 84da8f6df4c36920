"""What was noted of the functions that answer routes: exceptions given back, dependencies ignored, guards that idle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from archcheck.finding import Edit
from archcheck.source import Location
from archcheck.surfaces.python.edits import moved
from archcheck.surfaces.python.route import Handler
from archcheck.surfaces.python.routes_auth import Guards
from archcheck.surfaces.python.routes_form import Form, Give, Invoke, Listed
from archcheck.surfaces.python.routes_raises import HTTP
from archcheck.surfaces.python.routes_values import Bound, Class, Entry, Func, Instance, Node, Ref, Value

_STANDS: Final = re.compile(r"slowapi(?:\.\w+)*\.Limiter\(\)\.")
_DEPENDS: Final = frozenset(
    {"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.params.Security"}
)


class Noted:
    """Keeps every function that answers, once, with its routes and what stands above their decorators."""

    def __init__(self, guards: Guards) -> None:
        self.guards = guards
        self.reader = guards.reader
        self.runner = guards.runner
        self.answering: dict[int, tuple[Func, str, list[str], list[tuple[Value, Location]]]] = {}

    def note(self, handler: Func, node: Node, entry: Entry, routes: list[str]) -> None:
        """Keep a function with its routes."""
        known = self.answering.setdefault(id(handler.function), (handler, node.family, [], []))
        known[2].extend(route for route in routes if route not in known[2])
        known[3].extend(each for each in entry.above if each not in known[3])

    def handlers(self) -> Iterator[Handler]:
        """Every function that answers."""
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
