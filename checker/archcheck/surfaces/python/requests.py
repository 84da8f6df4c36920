"""What a function's parameters hold: things by their annotation, a client's input in the handlers of routes."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Final

from archcheck.surfaces.python.frame import Env, Frame, spell
from archcheck.surfaces.python.libraries import (
    CONTAINER_TYPES,
    HARMLESS_TYPES,
    REQUEST_PARTS,
    ROUTE_MAKERS,
    ROUTE_METHODS,
    canonical,
    kind_of,
)
from archcheck.surfaces.python.lookup import class_of, dotted, is_enum
from archcheck.surfaces.python.query import Hole, Origin, Step
from archcheck.surfaces.python.survey import Function, Scope
from archcheck.surfaces.python.values import Items, Thing, Value, scalar

_INJECTED: Final = frozenset({"Depends", "Security", "Inject", "Provide", "FromDishka"})
_SENT: Final = frozenset({"Query", "Path", "Body", "Form", "Header", "Cookie", "File"})
_TEXTS: Final = frozenset({"str", "bytes", "dict", "Dict", "Any", "list", "List", "set", "tuple"})
_WRAPPERS: Final = frozenset({"Optional", "Union", "Final", "Required", "NotRequired", "ClassVar", "Mapped"})
_VIEW: Final = re.compile(r"\w*(?:View|ViewSet|Resource|Endpoint|HTTPEndpoint|RequestHandler|MethodView)")


def parameters(frame: Frame) -> Env:
    """What the parameters of a frame's function hold when it is entered."""
    node = frame.scope.node
    assert isinstance(node, Function)
    arguments = node.args
    handler = route_of(node, frame)
    env: Env = {}
    ordered = [*arguments.posonlyargs, *arguments.args]
    defaults: dict[str, ast.expr] = {
        arg.arg: default for arg, default in zip(reversed(ordered), reversed(arguments.defaults), strict=False)
    }
    defaults |= {a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None}
    method = frame.scope.parent is not None and frame.scope.parent.kind == "class"
    for index, arg in enumerate([*ordered, *arguments.kwonlyargs]):
        if not index and method and arg.arg in ("self", "cls", "mcs"):
            env[arg.arg] = Thing("self", Hole(arg.arg, frame.at(arg), "unknown"), arg.arg)
        else:
            env[arg.arg] = _parameter(arg, defaults.get(arg.arg), handler, frame)
    for rest in (arguments.vararg, arguments.kwarg):
        if rest is not None:
            env[rest.arg] = scalar(Hole(rest.arg, frame.at(rest), "parameter", "whole", (_named(rest, frame),)))
    return env


def route_of(node: Function, frame: Frame) -> str:
    """The route that a function's decorator declares; empty when it is no proven handler of one."""
    for decorator in node.decorator_list:
        if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)):
            continue
        if decorator.func.attr not in ROUTE_METHODS:
            continue
        path = next((a for a in decorator.args[:1]), None) or next(
            (k.value for k in decorator.keywords if k.arg in ("path", "rule")), None
        )
        written = path.value if isinstance(path, ast.Constant) and isinstance(path.value, str) else None
        if _is_router(decorator.func.value, frame) or (
            written is not None and written.startswith("/") and _serves(frame)
        ):
            return written if written else "/"
    return ""


def in_view(scope: Scope) -> bool:
    """Whether a method belongs to a class that answers requests, by the names of its bases."""
    owner = scope.parent
    if owner is None or not isinstance(owner.node, ast.ClassDef):
        return False
    return any(_VIEW.fullmatch(spell(base).rpartition(".")[2]) for base in owner.node.bases)


def request_part(thing: Thing, attr: str, node: ast.expr, frame: Frame) -> Value:
    """An attribute of a request: what the client sent, or what the server knows."""
    if attr not in REQUEST_PARTS:
        return frame.unknown(node) if attr != "method" else scalar(frame.hole(node, "constant"))
    return scalar(frame.hole(node, "request", Step(frame.at(node), "a client sends this")))


def typed(annotation: ast.expr | None, arg_hole: Hole, frame: Frame) -> Value | None:
    """What an annotation proves about a value; nothing when it proves nothing."""
    if annotation is None:
        return None
    if isinstance(annotation, ast.Constant):
        if not isinstance(annotation.value, str):
            return None
        try:
            return typed(ast.parse(annotation.value, mode="eval").body, arg_hole, frame)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    if isinstance(annotation, ast.BinOp):
        return _any_of([annotation.left, annotation.right], arg_hole, frame)
    if isinstance(annotation, ast.Subscript):
        return _subscripted(annotation, arg_hole, frame)
    name = dotted(annotation, frame)
    kind = kind_of(name) if name else ""
    if kind:
        return Thing(kind, arg_hole, name)
    last = name.rpartition(".")[2]
    if last in HARMLESS_TYPES or is_enum(annotation, frame):
        return scalar(_proven(arg_hole, "number" if last in HARMLESS_TYPES else "constant"))
    if last in ("LiteralString",):
        return scalar(_proven(arg_hole, "constant"))
    aliased = _alias(annotation, frame)
    return typed(aliased, arg_hole, frame) if aliased is not None else None


def _subscripted(annotation: ast.Subscript, hole: Hole, frame: Frame) -> Value | None:
    name = spell(annotation.value).rpartition(".")[2]
    inner = annotation.slice
    if name == "Literal":
        return scalar(_proven(hole, "constant"))
    if name in _WRAPPERS or name == "Annotated":
        choices = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        return _any_of(choices[: 1 if name == "Annotated" else None], hole, frame)
    if name in CONTAINER_TYPES:
        element = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
        found = typed(element, hole, frame)
        return Items((found,), True) if found is not None else None
    return None


def _any_of(choices: Sequence[ast.expr], hole: Hole, frame: Frame) -> Value | None:
    """A union proves what all its members but `None` prove."""
    members = [choice for choice in choices if not (isinstance(choice, ast.Constant) and choice.value is None)]
    found = [typed(choice, hole, frame) for choice in members]
    return found[0] if found and all(value is not None for value in found) else None


def _parameter(arg: ast.arg, default: ast.expr | None, handler: str, frame: Frame) -> Value:
    step = _named(arg, frame)
    hole = Hole(arg.arg, frame.at(arg), "parameter", "whole", (step,), parameter=f"{frame.scope.qualname}:{arg.arg}")
    found = typed(arg.annotation, hole, frame)
    if found is not None:
        return found
    if _injected(arg.annotation, default, frame):
        return scalar(Hole(arg.arg, frame.at(arg), "unknown", "whole", (step,)))
    if handler and (_sent(arg.annotation, default, frame) or f"<{arg.arg}>" in handler or f":{arg.arg}>" in handler):
        if re.search(rf"<(?:int|float|uuid)(?:\([^)]*\))?:{arg.arg}>", handler):
            return scalar(Hole(arg.arg, frame.at(arg), "number"))
        sent = Step(frame.at(arg), f"a client sends `{arg.arg}`")
        return scalar(Hole(arg.arg, frame.at(arg), "request", "whole", (sent,)))
    if arg.arg == "request" and arg.annotation is None and _serves(frame):
        return Thing("request", Hole(arg.arg, frame.at(arg), "unknown"))
    return scalar(hole)


def _named(arg: ast.arg, frame: Frame) -> Step:
    return Step(frame.at(arg), f"`{arg.arg}` is whatever the caller passes")


def _proven(hole: Hole, origin: Origin) -> Hole:
    return Hole(hole.text, hole.at, origin)


def _sent(annotation: ast.expr | None, default: ast.expr | None, frame: Frame) -> bool:
    """Whether a parameter of a handler is filled by the framework from what a client sent, beyond doubt."""
    if isinstance(default, ast.Call) and spell(default.func).rpartition(".")[2] in _SENT:
        return True
    if "fastapi" not in frame.context.survey.tops:
        return False
    while annotation is not None:
        if isinstance(annotation, ast.BinOp):
            annotation = annotation.left
        elif isinstance(annotation, ast.Subscript):
            name = spell(annotation.value).rpartition(".")[2]
            if name in _TEXTS:
                return True
            inner = annotation.slice
            annotation = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
        elif isinstance(annotation, (ast.Name, ast.Attribute)):
            return spell(annotation) in _TEXTS or _is_model(annotation, frame)
        else:
            return False
    return True


def _injected(annotation: ast.expr | None, default: ast.expr | None, frame: Frame) -> bool:
    calls: list[ast.expr | None] = [default]
    if annotation is not None:
        aliased = _alias(annotation, frame) or annotation
        if isinstance(aliased, ast.Subscript) and isinstance(aliased.slice, ast.Tuple):
            calls += aliased.slice.elts
    return any(isinstance(call, ast.Call) and spell(call.func).rpartition(".")[2] in _INJECTED for call in calls)


def _alias(annotation: ast.expr, frame: Frame) -> ast.expr | None:
    """What a name of this module stands for: `CurrentSession = Annotated[Session, Depends(...)]`."""
    if not isinstance(annotation, ast.Name):
        return None
    bound = frame.context.survey.module.bindings.get(annotation.id, [])
    if len(bound) == 1 and isinstance(bound[0], (ast.Subscript, ast.BinOp)):
        return bound[0]
    return None


def _is_model(annotation: ast.expr, frame: Frame) -> bool:
    owner = class_of(annotation, frame)
    if owner is None or not isinstance(owner.node, ast.ClassDef):
        return False
    return any(spell(base).rpartition(".")[2] in ("BaseModel", "SQLModel", "Schema") for base in owner.node.bases)


def _is_router(node: ast.expr, frame: Frame) -> bool:
    if not isinstance(node, ast.Name):
        return False
    bound = frame.context.survey.module.bindings.get(node.id, [])
    return any(isinstance(value, ast.Call) and canonical(dotted(value.func, frame)) in ROUTE_MAKERS for value in bound)


def _serves(frame: Frame) -> bool:
    tops = frame.context.survey.tops
    return not tops.isdisjoint(
        {"fastapi", "flask", "starlette", "django", "rest_framework", "quart", "aiohttp", "sanic", "litestar", "ninja"}
    )
