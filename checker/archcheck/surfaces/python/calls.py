"""Calls: what they give back, what they change, and whether they hand text to a database."""

from __future__ import annotations

import ast
import re
from typing import Final

from msgspec.structs import replace

from archcheck.surfaces.python.containers import BUILTINS, MUTATIONS, Given, of_collection
from archcheck.surfaces.python.flow import element, run
from archcheck.surfaces.python.frame import Frame, spell
from archcheck.surfaces.python.handing import hand_over
from archcheck.surfaces.python.libraries import HARMLESS_CALLS, PRODUCTS, QUOTES, kind_of
from archcheck.surfaces.python.lookup import class_of, function_of, is_enum
from archcheck.surfaces.python.objects import attribute_of_class
from archcheck.surfaces.python.query import Step
from archcheck.surfaces.python.requests import of_environment, parameters
from archcheck.surfaces.python.sinks import note
from archcheck.surfaces.python.strings import KEEPING, as_text, format_call, is_placeholder, join_call, replace_call
from archcheck.surfaces.python.survey import Function, Scope
from archcheck.surfaces.python.values import (
    Items,
    Str,
    Table,
    Thing,
    Value,
    cleared,
    either,
    harmless,
    plain,
    scalar,
    worst,
)
from archcheck.surfaces.python.words import words

_PASSING: Final = words(
    """
    loads unquote unquote_plus b64decode urlsafe_b64decode parse_qs parse_qsl dedent cleandoc indent fill cast
    deepcopy copy shield wait_for sync_to_async run_sync smart_str force_str force_text escape_html closing
    enter_context enter_async_context nullcontext to_list tolist normalize model_dump model_dump_json getlist
    get_list getall getone dumps iter next str repr unicode bytes list tuple set frozenset sorted reversed filter
    """
)
"""Functions whose result is, for our purpose, their first argument (or, as methods, their receiver)."""

_SETTINGS: Final = frozenset({"getenv", "env", "config", "get_settings"})
_NUMBERS: Final = frozenset({"int", "float", "bool", "UUID", "uuid.UUID"})
_DEEPEST_HELPER: Final = 3


def call(node: ast.Call, frame: Frame) -> Value:
    """What a call gives back."""
    function = node.func
    if isinstance(function, ast.Attribute):
        receiver = frame.value(function.value)
        given = _given(node, frame)
        noted = note(node, receiver, function.attr, given.args, given.named, frame)
        if noted is not None:
            return noted
        hand_over(node, receiver, function.attr, given.args, given.named, frame)
        return _method(node, function, receiver, given, frame)
    target = frame.value(function)
    given = _given(node, frame)
    noted = note(node, target, "", given.args, given.named, frame)
    if noted is not None:
        return noted
    hand_over(node, target, "", given.args, given.named, frame)
    return _function(node, target, given, frame)


def _given(node: ast.Call, frame: Frame) -> Given:
    args: list[Value] = []
    spread = False
    for arg in node.args:
        value = _told(arg, frame)
        if isinstance(arg, ast.Starred):
            if isinstance(value, Items) and not value.open:
                args += value.items
                continue
            spread = True
            value = element(value, arg.value, frame)
        args.append(value)
    named = {keyword.arg or "**": _told(keyword.value, frame) for keyword in node.keywords}
    return Given(tuple(args), named, spread or "**" in named)


def _told(node: ast.expr, frame: Frame) -> Value:
    """The value of an argument, kept where somebody asked for it."""
    value = frame.value(node)
    if node is frame.context.asked:
        held = frame.context.answer
        frame.context.answer = value if held is None else either(held, value)
    return value


def _method(node: ast.Call, function: ast.Attribute, receiver: Value, given: Given, frame: Frame) -> Value:
    name = function.attr
    if name == "format":
        return format_call(receiver, given.args, given.named, node, frame)
    if name == "join" and given.args:
        return join_call(receiver, given.args[0], node, frame) if isinstance(receiver, Str) else frame.unknown(node)
    if name == "replace" and len(given.args) >= 2:
        return replace_call(receiver, given.args[0], given.args[1])
    if name in MUTATIONS:
        return MUTATIONS[name](function.value, receiver, given, node, frame)
    if isinstance(receiver, (Items, Table)):
        return of_collection(name, receiver, given, node, frame)
    if QUOTES.fullmatch(name) and given.args:
        return scalar(frame.hole(node, "quoted"))
    if name in KEEPING and isinstance(receiver, Str):
        return receiver
    if name in HARMLESS_CALLS:
        return scalar(frame.hole(node, "number"))
    if name == "sub" and _strips(function, given):
        return cleared(as_text(given.args[-1]), "allowed")
    if isinstance(receiver, Thing):
        return _of_thing(node, name, receiver, given, frame)
    return _of_scalar(node, name, receiver, given, frame)


def _of_thing(node: ast.Call, name: str, receiver: Thing, given: Given, frame: Frame) -> Value:
    kind = receiver.kind
    if kind == "settings":
        return scalar(frame.hole(node, "constant"))
    if kind == "ref":
        return _of_ref(node, f"{receiver.name}.{name}", given, frame)
    if kind == "self":
        return _own_method(node, name, given, frame)
    if kind == "request":
        return _request_call(node, name, given, frame)
    if kind == "class" and is_enum(node.func.value, frame) if isinstance(node.func, ast.Attribute) else False:
        return scalar(frame.hole(node, "constant"))
    if kind == "environment":
        return of_environment(receiver, plain(given.args[0]) if given.args else None, node, frame)
    if kind == "clause":
        return receiver
    if kind == "model" and name in ("dict", "model_dump", "json", "model_dump_json"):
        return scalar(replace(receiver.hole, text=spell(node), at=frame.at(node)))
    product = PRODUCTS.get((kind, name))
    if product:
        return frame.thing(product, node)
    if name in ("__enter__", "__aenter__") or name == "options":
        return receiver
    return scalar(replace(receiver.hole, text=spell(node), at=frame.at(node), origin="unknown", open=""))


def _of_ref(node: ast.Call, name: str, given: Given, frame: Frame) -> Value:
    """A call of something imported, by its dotted name."""
    last = name.rpartition(".")[2]
    kind = kind_of(name)
    if kind:
        if kind == "request":
            return frame.unknown(node)
        return frame.thing(kind, node, name)
    if name in ("os.getenv", "os.environ.get") or last in _SETTINGS:
        return scalar(frame.hole(node, "constant"))
    if QUOTES.fullmatch(last) and given.args:
        return scalar(frame.hole(node, "quoted"))
    if last in HARMLESS_CALLS:
        return scalar(frame.hole(node, "number"))
    if last in _PASSING and given.args:
        return given.args[-1] if last in ("cast",) else given.args[0]
    return frame.unknown(node, open=f"{name}()")


def _of_scalar(node: ast.Call, name: str, receiver: Value, given: Given, frame: Frame) -> Value:
    hole = worst(receiver)
    if hole is None:
        # A method of a literal that we do not follow: still made of what stands in the source.
        return scalar(frame.hole(node, "constant"))
    if name == "get":
        held = frame.env.get(f"{spell(node.func).removesuffix('.get')}[{_key(node)}]")
        if held is not None:
            return held
        kind = _converts(node)
        if kind is not None:
            return scalar(frame.hole(node, "number" if spell(kind) in _NUMBERS else "unknown"))
    if name == "get" and hole.origin != "request" and len(given.args) > 1 and is_placeholder(given.args[1]):
        # `expressions.get(column, "?")`: what stands beside a placeholder is an expression in SQL, not a value.
        return scalar(frame.hole(node, "placeholders"))
    if (
        hole.origin == "request"
        or name in _PASSING
        or (name in ("get", "pop", "keys", "values", "items", "split", "splitlines"))
    ):
        return scalar(replace(hole, text=spell(node), at=frame.at(node)))
    if hole.origin in ("constant", "number"):
        return scalar(replace(hole, text=spell(node), at=frame.at(node)))
    return frame.unknown(node)


def _key(node: ast.Call) -> str:
    return repr(node.args[0].value) if node.args and isinstance(node.args[0], ast.Constant) else ""


def _converts(node: ast.Call) -> ast.expr | None:
    """What a client's text is made into where it is taken: `request.args.get("n", 1, type=int)`."""
    named = next((keyword.value for keyword in node.keywords if keyword.arg == "type"), None)
    kind = named if named is not None else node.args[2] if len(node.args) == 3 else None
    return None if kind is None or spell(kind) == "str" else kind


def _request_call(node: ast.Call, name: str, given: Given, frame: Frame) -> Value:
    if name in (
        "json",
        "form",
        "body",
        "get_json",
        "get_data",
        "text",
        "post",
        "read",
        "get_argument",
        "get_query_argument",
        "get_body_argument",
    ):
        return scalar(frame.hole(node, "request", Step(frame.at(node), "a client sends this")))
    return frame.unknown(node)


def _function(node: ast.Call, target: Value, given: Given, frame: Frame) -> Value:
    name = spell(node.func).rpartition(".")[2]
    first = given.first()
    if isinstance(target, Thing) and target.kind == "ref":
        return _of_ref(node, target.name, given, frame)
    if isinstance(target, Thing) and target.kind == "settings":
        return scalar(frame.hole(node, "constant"))
    if isinstance(target, Thing) and target.kind == "class":
        if is_enum(node.func, frame):
            return scalar(frame.hole(node, "constant"))
        return frame.thing("instance", node, target.name)
    if isinstance(target, Thing) and target.kind == "function":
        scope = function_of(target.name.rpartition(".")[2], frame)
        returned = _helped(scope, given, frame) if scope is not None else None
        if returned is not None:
            return returned
    if name in BUILTINS and isinstance(target, Thing) and target.kind == "builtin":
        return BUILTINS[name](given, node, frame)
    if name in HARMLESS_CALLS:
        return scalar(frame.hole(node, "number"))
    if QUOTES.fullmatch(name) and given.args:
        return scalar(frame.hole(node, "quoted"))
    if isinstance(target, Thing) and (product := PRODUCTS.get((target.kind, "()"))):
        return frame.thing(product, node)
    if name in _PASSING and first is not None:
        return first
    return frame.unknown(node)


def _own_method(node: ast.Call, name: str, given: Given, frame: Frame) -> Value:
    owner = frame.scope.parent
    if name in ("get_argument", "get_query_argument", "get_body_argument"):
        return _request_call(node, name, given, frame)
    while owner is not None and isinstance(owner.node, ast.ClassDef):
        for scope in owner.children:
            if scope.kind == "function" and isinstance(scope.node, Function) and scope.node.name == name:
                returned = _helped(scope, given, frame)
                return returned if returned is not None else frame.unknown(node)
        owner = next(
            (found for base in owner.node.bases if (found := class_of(base, frame)) is not None and found is not owner),
            None,
        )
    if isinstance(frame.scope.parent, Scope) and frame.scope.parent.kind == "class":
        held = attribute_of_class(frame.scope.parent, name, frame)
        if isinstance(held, Thing):
            return (
                _function(node, held, given, frame)
                if held.kind in ("ref", "sessionmaker", "session")
                else frame.unknown(node)
            )
    return frame.unknown(node)


def _helped(scope: Scope, given: Given, frame: Frame) -> Value | None:
    """What a helper of the same module gives back for these arguments."""
    context = frame.context
    if frame.depth >= _DEEPEST_HELPER or scope in context.busy or context.budget <= 0 or given.spread:
        return None
    assert isinstance(scope.node, Function)
    context.budget -= len(scope.node.body) + 1
    if not scope.returns or any(returned is None for returned in scope.returns):
        return None
    inner = frame.child(scope, {})
    inner.env = parameters(inner)
    names = [arg.arg for arg in (*scope.node.args.posonlyargs, *scope.node.args.args)]
    if names and names[0] in ("self", "cls") and scope.parent is not None and scope.parent.kind == "class":
        names = names[1:]
    for name, value in (*zip(names, given.args, strict=False), *given.named.items()):
        held = inner.env.get(name)
        if held is not None and not (isinstance(held, Thing) and held.kind != "ref") and not harmless(held):
            inner.env[name] = value
    context.busy.add(scope)
    try:
        run(scope.node.body, inner)
    finally:
        context.busy.discard(scope)
    result: Value | None = None
    for value in inner.returned:
        result = value if result is None else either(result, value)
    return result


def _strips(function: ast.Attribute, given: Given) -> bool:
    """`re.sub(r"[^a-z]", "", x)`: only what the class names is left."""
    texts = [plain(arg) for arg in given.args]
    if len(texts) == 3:
        return texts[0] is not None and re.match(r"\[\^|\\W", texts[0]) is not None
    return len(texts) == 2 and re.search(r"clean|invalid|unsafe|safe", spell(function.value), re.IGNORECASE) is not None
