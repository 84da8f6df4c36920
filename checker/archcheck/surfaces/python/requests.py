"""What a function's parameters hold: things by their annotation, a client's input in the handlers of routes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from msgspec.structs import replace

from archcheck.surfaces.python.frame import Env, Frame, spell
from archcheck.surfaces.python.libraries import (
    CONTAINER_TYPES,
    HARMLESS_TYPES,
    KNOWN,
    REQUEST_PARTS,
    ROUTE_MAKERS,
    ROUTE_METHODS,
    canonical,
    kind_of,
)
from archcheck.surfaces.python.lookup import class_of, dotted, imported_name, is_enum
from archcheck.surfaces.python.query import Hole, Origin, Step
from archcheck.surfaces.python.survey import Function, Scope
from archcheck.surfaces.python.values import Items, Thing, Value, scalar

_INJECTED: Final = frozenset({"Depends", "Security", "Inject", "Provide", "FromDishka"})
_SENT: Final = frozenset({"Query", "Path", "Body", "Form", "Header", "Cookie", "File"})
_TEXTS: Final = frozenset({"str", "bytes", "dict", "Dict", "Any", "list", "List", "set", "tuple"})
_VALIDATORS: Final = frozenset({"AfterValidator", "BeforeValidator", "PlainValidator", "WrapValidator"})
_ROUTED: Final = frozenset({"view_args", "path_params", "match_info", "match_dict", "kwargs"})
_WRAPPERS: Final = frozenset({"Optional", "Union", "Final", "Required", "NotRequired", "ClassVar", "Mapped"})
_CONVERTERS: Final[dict[str, Origin]] = {
    "string": "request",
    "path": "request",
    "default": "request",
    "int": "number",
    "float": "number",
    "uuid": "number",
    "any": "constant",
}
_DEEPEST: Final = 5
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
    if attr in _ROUTED:
        # The pattern of the path may take numbers only.
        return scalar(frame.hole(node, "parameter", Step(frame.at(node), "the path of a request holds this")))
    sent = frame.hole(node, "request", Step(frame.at(node), "a client sends this"))
    return Thing("environment", sent) if attr == "META" else scalar(sent)


def of_environment(thing: Thing, key: str | None, node: ast.expr, frame: Frame) -> Value:
    """An entry of the environment of WSGI: headers are a client's, and the addresses are not."""
    if key is None or key.startswith(("REMOTE_", "SERVER_", "wsgi.")):
        return frame.unknown(node) if key is None else scalar(frame.hole(node, "constant"))
    return scalar(replace(thing.hole, text=spell(node), at=frame.at(node)))


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
    if handler:
        sent = Hole(arg.arg, frame.at(arg), "request", "whole", (Step(frame.at(arg), f"a client sends `{arg.arg}`"),))
        origin = _routed(arg.arg, handler) or _sent(arg.annotation, default, frame)
        owner = _model(arg.annotation, frame) if not origin and "fastapi" in frame.context.survey.tops else None
        if owner is not None:
            return Thing("model", sent, owner.qualname)
        if origin and origin != "parameter":
            return scalar(sent if origin == "request" else _proven(hole, origin))
    if arg.arg == "request" and arg.annotation is None and _serves(frame):
        return Thing("request", Hole(arg.arg, frame.at(arg), "unknown"))
    return scalar(replace(hole, open=_made_by(arg.annotation, frame)))


def _routed(name: str, path: str) -> Origin | Literal[""]:
    """What the path of a route says about the part of it that a parameter takes; empty where it takes none."""
    found = re.search(rf"<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?{re.escape(name)}>", path)
    if found is None:
        return ""
    return _CONVERTERS.get(found.group("converter") or "string", "parameter")


def _made_by(annotation: ast.expr | None, frame: Frame) -> str:
    """What an annotation that another module defines calls a value: what calling that class gives."""
    while isinstance(annotation, (ast.BinOp, ast.Subscript)):
        if isinstance(annotation, ast.BinOp):
            annotation = annotation.left
        elif spell(annotation.value).rpartition(".")[2] in (*_WRAPPERS, "Annotated"):
            inner = annotation.slice
            annotation = next(iter(inner.elts), None) if isinstance(inner, ast.Tuple) else inner
        else:
            return ""
    name = imported_name(annotation, frame) if annotation is not None else ""
    return f"{name}()" if "." in name and name.partition(".")[0] not in KNOWN else ""


def _named(arg: ast.arg, frame: Frame) -> Step:
    return Step(frame.at(arg), f"`{arg.arg}` is whatever the caller passes")


def _proven(hole: Hole, origin: Origin) -> Hole:
    return Hole(hole.text, hole.at, origin)


def _sent(annotation: ast.expr | None, default: ast.expr | None, frame: Frame) -> Origin | Literal[""]:
    """How the framework fills a parameter: with what a client sent, checked or not; empty where nothing proves it."""
    declared = isinstance(default, ast.Call) and spell(default.func).rpartition(".")[2] in _SENT
    if not declared and "fastapi" not in frame.context.survey.tops:
        return ""
    if any(_checks(part) for part in (default, *_metadata(annotation))):
        return "allowed"
    return "request" if _is_text(annotation) else ""


def _metadata(annotation: ast.expr | None) -> Iterator[ast.expr]:
    """What stands beside the type in `Annotated[...]`, at any depth; a type that is a call is its own."""
    stack = [annotation]
    while stack:
        match stack.pop():
            case ast.Subscript(value=value, slice=ast.Tuple(elts=[first, *rest])) if spell(value).endswith("Annotated"):
                yield from rest
                stack.append(first)
            case ast.Subscript(slice=inner):
                stack.append(inner)
            case ast.BinOp(left=left, right=right):
                stack += (left, right)
            case ast.Tuple(elts=elements):
                stack += elements
            case ast.Call() as call:
                yield call


def _checks(node: ast.expr | None) -> bool:
    """Whether what is declared of a value refuses others: a pattern, or a function of the project's own."""
    if not isinstance(node, ast.Call):
        return False
    if spell(node.func).rpartition(".")[2] in _VALIDATORS:
        return True
    return any(keyword.arg in ("pattern", "regex") for keyword in node.keywords)


def _is_text(annotation: ast.expr | None) -> bool:
    """Whether a value of that type can be any text, or holds any."""
    match annotation:
        case None:
            return True
        case ast.BinOp(left=left, right=right):
            return any(_is_text(side) for side in (left, right) if not isinstance(side, ast.Constant))
        case ast.Subscript(value=value, slice=inner):
            name = spell(value).rpartition(".")[2]
            elements = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            if name == "Annotated":
                return _is_text(next(iter(elements), None))
            if name in ("dict", "Dict"):
                return _is_text(elements[-1] if elements else None)
            if name not in _TEXTS | _WRAPPERS | CONTAINER_TYPES:
                return False
            return any(_is_text(each) for each in elements if not isinstance(each, ast.Constant))
        case ast.Name() | ast.Attribute():
            return spell(annotation).rpartition(".")[2] in _TEXTS
        case ast.Constant(value=str(text)):
            return text.strip() in _TEXTS
    return False


def field_of(thing: Thing, node: ast.Attribute, frame: Frame) -> Value:
    """A field of a body that a model read: what a client sent only where the model takes any text for it."""
    owner = next((c for c in frame.context.survey.module.children if c.qualname == thing.name), None)
    for scope in _lineage(owner, frame):
        if _validates(scope, node.attr):
            return scalar(frame.hole(node, "allowed"))
        annotation = scope.typed.get(node.attr)
        if annotation is None:
            continue
        defaults = [value for value in scope.bindings.get(node.attr, ()) if value is not None]
        if any(_checks(part) for part in (*defaults, *_metadata(annotation))):
            return scalar(frame.hole(node, "allowed"))
        hole = replace(thing.hole, text=spell(node), at=frame.at(node))
        found = typed(annotation, hole, frame)
        if found is not None:
            return found
        inner = _model(annotation, frame)
        if inner is not None:
            return Thing("model", hole, inner.qualname)
        return scalar(hole) if _is_text(annotation) else frame.unknown(node, open=_made_by(annotation, frame))
    return frame.unknown(node)


def _lineage(owner: Scope | None, frame: Frame) -> Iterator[Scope]:
    """A class of this module and those of this module that it inherits from."""
    for _ in range(_DEEPEST):
        if owner is None or not isinstance(owner.node, ast.ClassDef):
            return
        yield owner
        found = (class_of(base, frame) for base in owner.node.bases)
        owner = next((each for each in found if each is not None and each is not owner), None)


def _validates(scope: Scope, field: str) -> bool:
    """Whether a model has a function of its own that checks the field, or the whole."""
    for child in scope.children:
        for decorator in child.node.decorator_list if isinstance(child.node, Function) else ():
            name = spell(decorator.func if isinstance(decorator, ast.Call) else decorator).rpartition(".")[2]
            if not any(isinstance(each, ast.Raise | ast.Assert | ast.Compare) for each in ast.walk(child.node)):
                continue
            if name in ("root_validator", "model_validator"):
                return any(field in (getattr(n, "attr", ""), getattr(n, "value", "")) for n in ast.walk(child.node))
            if name in ("validator", "field_validator") and isinstance(decorator, ast.Call):
                names = [arg.value for arg in decorator.args if isinstance(arg, ast.Constant)]
                if field in names or "*" in names:
                    return True
    return False


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


def _model(annotation: ast.expr | None, frame: Frame) -> Scope | None:
    """The class of this module by which the framework reads a body."""
    wrappers = (*_WRAPPERS, "Annotated")
    while isinstance(annotation, ast.Subscript) and spell(annotation.value).rpartition(".")[2] in wrappers:
        inner = annotation.slice
        annotation = next(iter(inner.elts), None) if isinstance(inner, ast.Tuple) else inner
    if isinstance(annotation, ast.BinOp):
        annotation = annotation.left
    owner = class_of(annotation, frame) if annotation is not None else None
    for scope in _lineage(owner, frame):
        assert isinstance(scope.node, ast.ClassDef)
        if any(spell(base).rpartition(".")[2] in ("BaseModel", "SQLModel", "Schema") for base in scope.node.bases):
            return owner
    return None


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
