"""Looking names up: in the function, around it, in the module, in its classes; imports stay dotted names."""

from __future__ import annotations

import ast
import builtins
import re
from typing import Final

from archcheck.surfaces.python.frame import Frame, spell
from archcheck.surfaces.python.libraries import canonical, kind_of
from archcheck.surfaces.python.query import Hole
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.values import Items, Str, Table, Thing, Value, either, mapped, scalar

_INSTANCES: Final = frozenset(
    {"django:connection", "django:connections", "flask:request", "quart:request", "connexion:request", "alembic:op"}
)
_CAPITALS: Final = re.compile(r"_*[A-Z][A-Z0-9_]*")
_ENUMS: Final = frozenset({"Enum", "StrEnum", "IntEnum", "Flag", "IntFlag", "TextChoices", "IntegerChoices", "Choices"})
_DEEPEST: Final = 5
_BUILTINS: Final = frozenset(dir(builtins))


def name_value(node: ast.Name, frame: Frame) -> Value:
    """What a name holds."""
    held = frame.env.get(node.id)
    if held is not None:
        return held
    scope: Scope | None = frame.scope
    while scope is not None:
        if scope.kind != "class" or scope is frame.scope:
            found = _in_scope(node, scope, frame)
            if found is not None:
                return found
        scope = scope.parent
    if node.id in _BUILTINS:
        return frame.thing("builtin", node, node.id)
    return scalar(_of_constant_name(frame.hole(node, "unknown", open=_starred(node.id, frame)), node.id))


def imported(name: str, node: ast.expr, frame: Frame) -> Value:
    """What a dotted imported name is: a thing we know, or a name another module answers for."""
    if canonical(name) in _INSTANCES and not _shadowed(name, frame):
        return frame.thing(kind_of(name), node, name)
    if name in ("os.environ", "os.getenv"):
        return Thing("settings", frame.hole(node, "constant"), name)
    # A dot in front keeps a module of the project from being taken for the library it shadows.
    return frame.thing("ref", node, f".{name}" if _shadowed(name, frame) else name, open=name.removeprefix("."))


def bound(scope: Scope, name: str, frame: Frame) -> Value | None:
    """What a name of a module or class holds: every value ever bound to it."""
    values = scope.bindings.get(name)
    if values is None:
        return None
    context = frame.context
    key = (id(scope), name, "bound")
    if key in context.known:
        return context.known[key]
    if key in context.busy:
        return None
    context.busy.add(key)
    try:
        inner = frame.child(scope, {})
        found: Value | None = None
        for value in values:
            held = inner.value(value) if value is not None else None
            if held is None:
                held = scalar(
                    Hole(name, context.places.of(scope.node.body[0]), "constant" if capital(name) else "unknown")
                )
            found = held if found is None else either(found, held)
    finally:
        context.busy.discard(key)
    if found is None:
        return None
    if capital(name):
        found = mapped(
            found, lambda hole: hole if hole.origin != "unknown" or hole.open else Hole(name, hole.at, "constant")
        )
    if not isinstance(found, (Str, Items, Table, Thing)):
        return None
    context.known[key] = found
    return found


def class_of(node: ast.expr, frame: Frame) -> Scope | None:
    """The class of this module that an expression names."""
    if not isinstance(node, ast.Name):
        return None
    for scope in frame.context.survey.module.children:
        if scope.kind == "class" and scope.qualname == node.id:
            return scope
    return None


def function_of(name: str, frame: Frame) -> Scope | None:
    """The function of this module, or around this one, of that name; the last one defined."""
    scope: Scope | None = frame.scope
    while scope is not None:
        if scope.kind != "class":
            found = [
                child
                for child in scope.children
                if child.kind == "function" and child.qualname.rpartition(".")[2] == name
            ]
            if found:
                return found[-1]
        scope = scope.parent
    return None


def dotted(node: ast.expr, frame: Frame) -> str:
    """The absolute dotted name of a name or attribute chain; its own spelling when it is not imported."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    scope: Scope | None = frame.scope
    while scope is not None:
        target = scope.imports.get(node.id)
        if target is not None:
            name = ".".join([target, *reversed(parts)])
            return "" if _shadowed(name, frame) else name
        scope = scope.parent
    return ".".join([node.id, *reversed(parts)])


def imported_name(node: ast.expr, frame: Frame) -> str:
    """The absolute dotted name of an expression that is imported; empty when it is not."""
    head = node
    while isinstance(head, ast.Attribute):
        head = head.value
    return dotted(node, frame) if _imports(head, frame) else ""


def is_enum(node: ast.expr, frame: Frame) -> bool:
    """Whether an expression names an enumeration of this module."""
    scope = class_of(node, frame)
    return scope is not None and _enumerates(scope, frame, _DEEPEST)


def _enumerates(scope: Scope, frame: Frame, left: int) -> bool:
    if not left or not isinstance(scope.node, ast.ClassDef):
        return False
    if any(spell(base).rpartition(".")[2] in _ENUMS for base in scope.node.bases):
        return True
    parents = {id(found): found for base in scope.node.bases if (found := class_of(base, frame)) not in (None, scope)}
    return any(_enumerates(parent, frame, left - 1) for parent in parents.values())


def capital(name: str) -> bool:
    """Whether a name is written as constants are."""
    return _CAPITALS.fullmatch(name) is not None


def _imports(node: ast.expr, frame: Frame) -> bool:
    return isinstance(node, ast.Name) and node.id in frame.context.survey.module.imports


def _of_constant_name(hole: Hole, name: str) -> Hole:
    if hole.open or not capital(name):
        return hole
    return Hole(hole.text, hole.at, "constant")


def _in_scope(node: ast.Name, scope: Scope, frame: Frame) -> Value | None:
    name = node.id
    if name in scope.imports:
        return imported(scope.imports[name], node, frame)
    child = scope.named(name)
    if child is not None:
        return frame.thing(child.kind, node, child.qualname)
    return bound(scope, name, frame)


def _starred(name: str, frame: Frame) -> str:
    """The dotted name an unbound name has when exactly one star import can have brought it."""
    stars = frame.context.survey.module.stars
    return f"{stars[0]}.{name}" if len(stars) == 1 else ""


def _shadowed(name: str, frame: Frame) -> bool:
    return name.partition(".")[0] in frame.context.shadowed
