"""Handing over: which calls of a module give functions of the project what a query may be made of."""

from __future__ import annotations

import ast
import re
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from archcheck.surfaces.python.frame import Context, Frame, spell
from archcheck.surfaces.python.handoff import Doors, Handoff
from archcheck.surfaces.python.libraries import HARMLESS_TYPES, KNOWN, ROUTE_METHODS, VALIDATES
from archcheck.surfaces.python.lookup import dotted
from archcheck.surfaces.python.query import Hole, Part
from archcheck.surfaces.python.sinks import danger, placed
from archcheck.surfaces.python.skeleton import looks_like_sql
from archcheck.surfaces.python.survey import Function, Scope, Survey, mark
from archcheck.surfaces.python.values import Items, Str, Table, Thing, Value
from archcheck.surfaces.python.words import words

_WEB: Final = words("fastapi flask starlette django rest_framework quart aiohttp sanic litestar ninja")
_SQL_WORDS: Final = ("SELECT", "select ", "INSERT INTO", "insert into", "UPDATE ", "DELETE FROM", "delete from")
_SQL: Final = re.compile(
    r"[\"'][ \t\n\\]*(?:SELECT\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\b|DELETE\s+FROM\s)", re.IGNORECASE
)
_MOST: Final = 400
"""Handoffs of one module; generated code has thousands of calls, and none of them a person's."""


def mark_callers(surveyed: Survey, text: str) -> None:
    """Have those functions followed that may hand over what counts: handlers of routes, and those that hold SQL."""
    web = not surveyed.tops.isdisjoint(_WEB)
    found = _SQL.finditer(text) if any(word in text for word in _SQL_WORDS) else iter(())
    lines = sorted({text.count("\n", 0, match.start()) + 1 for match in found})
    if not web and not lines:
        return
    for scope in _functions(surveyed.module):
        node = scope.node
        assert isinstance(node, Function)
        if not scope.calls or scope.interesting:
            continue
        last = node.end_lineno or node.lineno
        at = bisect_left(lines, node.lineno)
        if (at < len(lines) and lines[at] <= last) or (web and _answers(node)):
            mark(scope)


def _answers(node: Function) -> bool:
    """Whether a function answers requests, by its decorators or its parameter."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in ROUTE_METHODS:
            return True
    return any(arg.arg == "request" for arg in node.args.args[:2])


def hand_over(
    node: ast.Call, target: Value, method: str, args: Sequence[Value], named: Mapping[str, Value], frame: Frame
) -> None:
    """Note a call that is followed, when it hands a client's text or a piece of SQL to a function of the project."""
    context = frame.context
    if frame.quiet or not context.deployed or len(context.handed) >= _MOST:
        return
    given: dict[str, str | tuple[Part, ...]] = {
        name: parts for name, value in _named(args, named) if (parts := _telling(value))
    }
    if not given:
        return
    called = _target(node, target, method, frame)
    if called:
        count = len(args) + len(named)
        context.handed[node.lineno, node.col_offset] = Handoff(
            called, _span(node, context), frame.scope.qualname, spell(node.func), given, count > len(given)
        )


def _span(node: ast.Call, context: Context) -> tuple[int, int, int]:
    at = context.places.of(node.func)
    return at.line, at.column, at.end_column


def doors(context: Context) -> Doors | None:
    """What a followed module tells of its functions; nothing for code that does not serve."""
    if not context.deployed:
        return None
    scopes = list(_functions(context.survey.module))
    handoffs = [handoff for _, handoff in sorted(context.handed.items())]
    for scope in scopes:
        if not scope.interesting and len(handoffs) < _MOST:
            handoffs += _passed(scope, context)
    wanted = {hole.parameter.rpartition(":")[0] for query in context.found.values() for hole in query.holes}
    wanted |= {hole.parameter.rpartition(":")[0] for query in context.wrappers for hole in query.holes}
    wanted |= {handoff.function for handoff in handoffs}
    names = {scope.qualname: _names(scope) for scope in scopes if scope.qualname in wanted}
    if not names and not handoffs:
        return None
    return Doors(names, tuple(handoffs), tuple(context.wrappers))


def _named(args: Sequence[Value], named: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    yield from ((str(index), value) for index, value in enumerate(args))
    yield from ((name, value) for name, value in named.items() if name != "**")


def _telling(value: Value) -> tuple[Part, ...]:
    """The text of a value when it is worth telling: what a client or a caller chose, or SQL with holes in it."""
    if isinstance(value, Thing) and value.kind == "model":
        return (value.hole,)
    if not isinstance(value, Str):
        return ()
    for parts in value.options:
        if len(parts) == 1 and isinstance(parts[0], Hole):
            hole = parts[0]
            if hole.origin == "request" or (hole.origin == "parameter" and hole.parameter):
                return parts
    texts = [o for o in value.options if len(o) > 1 and any(isinstance(p, Hole) and not p.safe for p in o)]
    texts = [placed(option, "") for option in texts if looks_like_sql(option)]
    return max(texts, key=danger, default=())


def _target(node: ast.Call, target: Value, method: str, frame: Frame) -> str:
    """The dotted name of the function of the project that a call means; empty when it is none, or not known."""
    context = frame.context
    match target:
        case Thing(kind="ref", name=name):
            return _of_project(f"{name}.{method}" if method else name)
        case Thing(kind="function", name=name) if not method:
            return f"{context.name}.{name}"
        case Thing(kind="class" | "instance", name=name) if method:
            return f"{context.name}.{name}.{method}"
        case Thing(kind="self"):
            owner = frame.scope.parent
            return f"{context.name}.{owner.qualname}.{method}" if owner is not None and owner.kind == "class" else ""
        case Str(((Hole(open=made),),)) if made.endswith("()") and method:
            return f"{made.removesuffix('()')}.{method}"
        case Items() | Table():
            return ""
    return _annotated(node.func, method, frame)


def _annotated(function: ast.expr, method: str, frame: Frame) -> str:
    """`store.find` where `store: Store` is a parameter."""
    node = frame.scope.node
    if not (
        isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and isinstance(node, Function)
    ):
        return ""
    name = function.value.id
    for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        if arg.arg == name and arg.annotation is not None:
            kind = arg.annotation
            if isinstance(kind, ast.Subscript) and spell(kind.value).rpartition(".")[2] == "Annotated":
                kind = kind.slice.elts[0] if isinstance(kind.slice, ast.Tuple) and kind.slice.elts else kind
            origin = dotted(kind, frame)
            if not origin or origin.partition(".")[0] in KNOWN:
                return ""
            own = "" if "." in origin else f"{frame.context.name}."
            return f"{own}{origin}.{method}"
    return ""


def _functions(scope: Scope) -> Iterator[Scope]:
    """The functions of a module and the methods of its classes; nobody else calls what stands inside functions."""
    for child in scope.children:
        if child.kind == "function":
            yield child
        elif child.kind == "class":
            yield from _functions(child)


def _names(scope: Scope) -> tuple[str, ...]:
    node = scope.node
    assert isinstance(node, Function)
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    method = scope.parent is not None and scope.parent.kind == "class"
    return tuple(names[1:] if method and names[:1] in (["self"], ["cls"]) else names)


def _passed(scope: Scope, context: Context) -> Iterator[Handoff]:
    """The calls of a function that is not followed, in which it hands its own parameters on as they are."""
    own = _unchecked(scope)
    frame = Frame(context, scope, quiet=True)
    for call in scope.calls if own else ():
        slots = [(str(index), arg) for index, arg in enumerate(call.args)]
        slots += [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg]
        mine: dict[str, str | tuple[Part, ...]] = {
            slot: arg.id for slot, arg in slots if isinstance(arg, ast.Name) and arg.id in own
        }
        called = _plain_target(call.func, frame) if mine else ""
        # Only within one package: what is passed to libraries is most of it.
        if called.partition(".")[0] != context.name.partition(".")[0]:
            continue
        yield Handoff(called, _span(call, context), scope.qualname, spell(call.func), mine)


def _unchecked(scope: Scope) -> frozenset[str]:
    """The parameters of a function that it may pass on as they came: nothing refuses, replaces or converts them."""
    node = scope.node
    assert isinstance(node, Function)
    if scope.throws:
        return frozenset()
    checked = {
        arg.id
        for call in scope.calls
        if VALIDATES.fullmatch(spell(call.func).rpartition(".")[2])
        for arg in call.args
        if isinstance(arg, ast.Name)
    }
    typed = {
        arg.arg
        for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        if arg.annotation is not None and spell(arg.annotation).rpartition(".")[2] in HARMLESS_TYPES
    }
    return frozenset(_names(scope)) - checked - typed - scope.locals.keys()


def _plain_target(function: ast.expr, frame: Frame) -> str:
    """The dotted name of what a call means, by its spelling alone."""
    if isinstance(function, ast.Attribute):
        owner = function.value
        if isinstance(owner, ast.Name):
            if owner.id == "self" and frame.scope.parent is not None:
                return f"{frame.context.name}.{frame.scope.parent.qualname}.{function.attr}"
            made = frame.scope.locals.get(owner.id, [])
            if len(made) == 1 and made[0] is not None:
                owner = made[0]
            elif owner.id not in frame.context.survey.module.imports:
                return _annotated(function, function.attr, frame)
        if isinstance(owner, ast.Call):
            kind = _own(owner.func, frame)
            return f"{kind}.{function.attr}" if kind else ""
    return _own(function, frame)


def _own(name: ast.expr, frame: Frame) -> str:
    """The dotted name of something of this project, unless it is a library's."""
    origin = dotted(name, frame)
    if isinstance(name, ast.Name) and origin == name.id:
        defined = any(child.qualname == origin for child in frame.context.survey.module.children)
        return f"{frame.context.name}.{origin}" if defined else ""
    return _of_project(origin)


def _of_project(name: str) -> str:
    """A dotted name, unless its package is known to be a library's."""
    top = name.partition(".")[0]
    return "" if top in KNOWN or top in sys.stdlib_module_names else name.removeprefix(".")
