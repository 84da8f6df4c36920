"""Sinks: which calls hand text to a database, and the query that is noted for each."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from archcheck.source import Location
from archcheck.surfaces.python.frame import Frame, spell
from archcheck.surfaces.python.libraries import (
    BINDS,
    CONVENTIONAL,
    FUNCTIONS,
    GUESSED,
    KEYWORDS,
    METHODS,
    PRODUCTS,
    STATEMENTS,
    function_family,
)
from archcheck.surfaces.python.query import Hole, Part, Query
from archcheck.surfaces.python.skeleton import looks_like_sql, positions
from archcheck.surfaces.python.values import Items, Parts, Str, Table, Thing, Value, pasted, plain

_WORST_POSITION: Final = {"value": 3, "fragment": 2, "whole": 1, "identifier": 0}
_WORST_ORIGIN: Final = {"request": 8, "parameter": 4, "unknown": 4}


def note(
    node: ast.Call, target: Value, method: str, args: Sequence[Value], named: Mapping[str, Value], frame: Frame
) -> Value | None:
    """Note the query of a call, when it is one; what the call gives back, or nothing when it is none.

    `target` is the receiver of a method, or the function itself when `method` is empty.
    """
    if not method or (isinstance(target, Thing) and _holds_functions(target, method)):
        made = _function(node, target, method, args, named, frame)
        if made is not None or not method:
            return made
    if method in ("raw", "extra") and isinstance(node.func, ast.Attribute):
        return _django(node, node.func, args, named, frame)
    if method in GUESSED and args and isinstance(args[0], Thing) and _bound(args[1:], named):
        _bind(args[0], _keys(args[1:], named), frame)
    family = _family(node, target, method, args, named)
    if not family:
        _wrap(node, target, method, args, named, frame)
        return None
    statement = _statement(args, named)
    _record(node, family, statement, args[1:], named, frame)
    product = PRODUCTS.get((target.kind, method)) if isinstance(target, Thing) else None
    return frame.thing(product or "result", node)


def _holds_functions(target: Thing, method: str) -> bool:
    return target.kind == "ref" or (target.kind == "flask-db" and method in FUNCTIONS)


def _function(
    node: ast.Call, target: Value, method: str, args: Sequence[Value], named: Mapping[str, Value], frame: Frame
) -> Value | None:
    if not isinstance(target, Thing):
        return None
    name = f"{target.name}.{method}" if method else target.name
    family = function_family(name) if target.kind == "ref" else ""
    if target.kind == "flask-db":
        family = "SQLAlchemy" if method in FUNCTIONS else ""
    elif target.kind == "flask-text":
        family = "SQLAlchemy"
    if not family:
        return None
    statement = _statement(args, named)
    if statement is not None:
        _record(node, family, statement, args[1:], named, frame)
    return frame.thing("clause", node, f"{node.lineno}:{node.col_offset}")


def _family(node: ast.Call, target: Value, method: str, args: Sequence[Value], named: Mapping[str, Value]) -> str:
    """The library that a method call hands its text to, by what the receiver is, else by its name and the text."""
    if isinstance(target, Thing) and target.kind in METHODS:
        family, methods = METHODS[target.kind]
        return family if method in methods else ""
    if method not in GUESSED:
        return ""
    statement = _statement(args, named)
    if statement is None or isinstance(statement, Thing):
        return ""
    assert isinstance(node.func, ast.Attribute)
    receiver = node.func.value
    owner = receiver.func if isinstance(receiver, ast.Call) else receiver
    last = spell(owner).rpartition(".")[2].removeprefix("get_")
    known = CONVENTIONAL.fullmatch(last) is not None
    if (known or method in STATEMENTS) and any(looks_like_sql(parts) for parts in pasted(statement)):
        return "SQLAlchemy" if "sess" in last or last == "engine" else "DB-API"
    return ""


def _wrap(
    node: ast.Call, target: Value, method: str, args: Sequence[Value], named: Mapping[str, Value], frame: Frame
) -> None:
    """Note a call that runs what the function was given, on something that is a connection by its name alone."""
    statement = _statement(args, named) if method in STATEMENTS and not frame.quiet else None
    if not isinstance(statement, Str) or isinstance(target, (Items, Table)) or not isinstance(node.func, ast.Attribute):
        return
    name = spell(node.func.value).removesuffix("()").rpartition(".")[2].removeprefix("get_")
    only = statement.options[0][0] if len(statement.options[0]) == 1 else ""
    if isinstance(only, Hole) and only.parameter and CONVENTIONAL.fullmatch(name):
        frame.context.wrappers.append(_query(node, "DB-API", statement, _bound(args[1:], named), frame, ""))


def _django(
    node: ast.Call, function: ast.Attribute, args: Sequence[Value], named: Mapping[str, Value], frame: Frame
) -> Value | None:
    if "django" not in frame.context.survey.tops and ".objects" not in spell(function):
        return None
    if function.attr == "extra":
        found = [named[key] for key in ("where", "select", "tables", "order_by") if key in named]
        for value in found:
            _record(node, "Django", _pieces(value), args, named, frame, context="WHERE ")
        return frame.unknown(node) if found else None
    statement = _statement((*args, *(named[key] for key in ("raw_query",) if key in named)), named)
    if statement is None or not any(looks_like_sql(parts) for parts in pasted(statement)):
        return None
    _record(node, "Django", statement, args[1:], named, frame)
    return frame.unknown(node)


def _pieces(value: Value) -> Value:
    """What Django's `extra` puts into the statement: the items of a list, the values of a dictionary."""
    return value.values if isinstance(value, Table) else value


def _statement(args: Sequence[Value], named: Mapping[str, Value]) -> Value | None:
    if args:
        return args[0]
    return next((named[key] for key in KEYWORDS if key in named), None)


def _record(
    node: ast.Call,
    family: str,
    statement: Value | None,
    others: Sequence[Value],
    named: Mapping[str, Value],
    frame: Frame,
    context: str = "",
) -> None:
    if frame.quiet or statement is None:
        return
    bound = _bound(others, named)
    if isinstance(statement, Thing) and statement.kind != "ref":
        return
    found = frame.context.found
    query = replace(_query(node, family, statement, bound, frame, context), keys=_keys(others, named))
    only = query.parts[0] if len(query.parts) == 1 else ""
    if family == "SQLAlchemy" and isinstance(only, Hole) and only.origin != "request":
        # A statement object, most likely, unless a client sent it.
        if only.parameter:
            frame.context.wrappers.append(query)
        return
    key = (node.lineno, node.col_offset)
    held = found.get(key)
    if held is None or danger(query.parts) > danger(held.parts):
        found[key] = query


def _bound(others: Sequence[Value], named: Mapping[str, Value]) -> bool:
    return any(_binds(value) for value in others) or any(key in named for key in BINDS) or "**" in named


def _keys(others: Sequence[Value], named: Mapping[str, Value]) -> tuple[str, ...]:
    """The names under which values are bound, where they stand in the source."""
    tables = (*others[:1], *(named[key] for key in BINDS if key in named))
    keys = [plain(key) for table in tables if isinstance(table, Table) for key, _ in table.pairs]
    return tuple(sorted({key for key in keys if key is not None}))


def _bind(clause: Thing, keys: tuple[str, ...], frame: Frame) -> None:
    """A clause was noted where it was made; what is bound when it is executed is bound there."""
    line, _, column = clause.name.partition(":")
    found = frame.context.found
    if clause.kind == "clause" and column and (int(line), int(column)) in found:
        key = (int(line), int(column))
        found[key] = replace(found[key], bound=True, keys=keys)


def _query(node: ast.Call, family: str, statement: Value, bound: bool, frame: Frame, context: str) -> Query:
    options = [placed(parts, context) for parts in pasted(statement)]
    parts = max(options, key=danger)
    name = frame.scope.qualname
    return Query(
        at=_callee(node, frame),
        function=f"{frame.context.name}:{name}" if name else frame.context.name,
        sink=spell(node.func),
        family=family,
        parts=parts,
        bound=bound,
        place=frame.context.place,
    )


def _callee(node: ast.Call, frame: Frame) -> Location:
    return frame.context.places.of(node.func)


def placed(parts: Parts, context: str) -> tuple[Part, ...]:
    """The text with what stands in each hole."""
    places = iter(positions((context, *parts)) if context else positions(parts))
    placed = tuple(replace(part, position=next(places)) if isinstance(part, Hole) else part for part in parts)
    # What stands for a name once is a name throughout: `setval('{sequence}', ...) FROM {sequence}`.
    names = {part.text for part in placed if isinstance(part, Hole) and part.position == "identifier"}
    return tuple(
        replace(part, position="identifier") if isinstance(part, Hole) and part.text in names else part
        for part in placed
    )


def danger(parts: Sequence[Part]) -> int:
    """How much there is to fear in a placed text: the worst single hole."""
    return max(
        (
            _WORST_ORIGIN.get(p.origin, 0) + (_WORST_POSITION[p.position] if not p.safe else 0)
            for p in parts
            if isinstance(p, Hole)
        ),
        default=0,
    )


def _binds(value: Value) -> bool:
    match value:
        case Items(items, more):
            return bool(items) or more
        case Table():
            return True
        case Str():
            return plain(value) != "None"
        case Thing():
            return True
