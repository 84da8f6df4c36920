"""Containers and built-in functions: what is put into a collection, taken out of it, and made of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from archcheck.surfaces.python.flow import element
from archcheck.surfaces.python.frame import Frame, spell
from archcheck.surfaces.python.libraries import HARMLESS_CALLS, QUOTES
from archcheck.surfaces.python.query import Hole
from archcheck.surfaces.python.strings import KEEPING, as_literal, as_text
from archcheck.surfaces.python.values import (
    Items,
    Str,
    Table,
    Value,
    bounded,
    either,
    harmless,
    holes,
    literal,
    member,
    plain,
    scalar,
    worst,
)


class Given(Struct, frozen=True):
    """The arguments of a call, evaluated once."""

    args: tuple[Value, ...]
    named: Mapping[str, Value]
    spread: bool

    def first(self) -> Value | None:
        """The first argument, when there is one."""
        return self.args[0] if self.args else None


def of_collection(name: str, receiver: Items | Table, given: Given, node: ast.Call, frame: Frame) -> Value:
    if isinstance(receiver, Items):
        if name in ("copy", "union", "intersection", "difference"):
            return receiver
        if name == "pop":
            return member(receiver) or frame.unknown(node)
        return scalar(frame.hole(node, "number")) if name in ("index", "count") else frame.unknown(node)
    if name == "keys":
        return receiver.keys
    if name == "values":
        return receiver.values
    if name == "items":
        key, value = member(receiver.keys), member(receiver.values)
        return Items((Items((key, value)),), True) if key is not None and value is not None else Items((), True)
    if name in ("get", "pop", "setdefault"):
        result = (
            receiver.get(plain(given.args[0]) if given.args else None) or member(receiver.values) or frame.unknown(node)
        )
        return either(result, given.args[1]) if len(given.args) > 1 else result
    return receiver if name == "copy" else frame.unknown(node)


def _append(target: ast.expr, receiver: Value, given: Given, node: ast.Call, frame: Frame) -> Value:
    if isinstance(receiver, Items) and given.args:
        frame.env[spell(target)] = bounded(Items((*receiver.items, given.args[-1]), receiver.open))
    return literal("None")


def _extend(target: ast.expr, receiver: Value, given: Given, node: ast.Call, frame: Frame) -> Value:
    first = given.first()
    if isinstance(receiver, Items) and first is not None:
        items = first.items if isinstance(first, Items) else (element(first, node, frame),)
        more = receiver.open or not isinstance(first, Items) or first.open
        frame.env[spell(target)] = bounded(Items((*receiver.items, *items), more))
    elif isinstance(receiver, Table):
        named = tuple((literal(key), value) for key, value in given.named.items())
        pairs = first.pairs if isinstance(first, Table) else named
        frame.env[spell(target)] = bounded(Table((*receiver.pairs, *pairs), receiver.open or not pairs))
    return literal("None")


_Mutation: TypeAlias = Callable[[ast.expr, Value, Given, ast.Call, Frame], Value]
MUTATIONS: Final[dict[str, _Mutation]] = {
    "append": _append,
    "add": _append,
    "insert": _append,
    "appendleft": _append,
    "extend": _extend,
    "update": _extend,
}


def _same(given: Given, node: ast.Call, frame: Frame) -> Value:
    return given.args[0] if given.args else Items((), False)


def _text(given: Given, node: ast.Call, frame: Frame) -> Value:
    if not given.args:
        return literal("")
    # The items of a tuple are written as they are in Python.
    return as_literal(given.args[0]) if isinstance(node.args[0], ast.Tuple) else as_text(given.args[0])


def _number(given: Given, node: ast.Call, frame: Frame) -> Value:
    return scalar(frame.hole(node, "number"))


def _numbers(given: Given, node: ast.Call, frame: Frame) -> Value:
    return Items((scalar(frame.hole(node, "number")),), True)


def _extreme(given: Given, node: ast.Call, frame: Frame) -> Value:
    if any(harmless(arg) and not isinstance(arg, Items) and plain(arg) is not None for arg in given.args):
        return scalar(frame.hole(node, "number"))
    first = given.first()
    return element(first, node, frame) if first is not None else frame.unknown(node)


def _enumerate(given: Given, node: ast.Call, frame: Frame) -> Value:
    if not given.args:
        return frame.unknown(node)
    return Items((Items((scalar(frame.hole(node, "number")), element(given.args[0], node.args[0], frame))),), True)


def _zip(given: Given, node: ast.Call, frame: Frame) -> Value:
    return Items((Items(tuple(element(arg, node, frame) for arg in given.args)),), True)


def _map(given: Given, node: ast.Call, frame: Frame) -> Value:
    if len(given.args) < 2:
        return frame.unknown(node)
    one = element(given.args[1], node.args[1], frame)
    name = spell(node.args[0]).rpartition(".")[2]
    if name in HARMLESS_CALLS:
        return Items((scalar(frame.hole(node, "number")),), True)
    if QUOTES.fullmatch(name):
        return Items((scalar(frame.hole(node, "quoted")),), True)
    if name == "repr":
        return Items((as_literal(one),), True)
    if name == "str" or name in KEEPING:
        return Items((as_text(one),), True)
    return Items((frame.unknown(node),), True)


def _dict(given: Given, node: ast.Call, frame: Frame) -> Value:
    first = given.first()
    if isinstance(first, Table):
        return first
    if first is not None:
        return first if any(hole.origin == "request" for hole in holes(first)) else frame.unknown(node)
    pairs = tuple((literal(key), value) for key, value in given.named.items() if key != "**")
    return Table(pairs, "**" in given.named)


def _list(given: Given, node: ast.Call, frame: Frame) -> Value:
    first = given.first()
    if isinstance(first, Table):
        return first.keys
    if isinstance(first, Str) and worst(first) is None:
        return Items((first,), True)
    return first if first is not None else Items((), False)


def _getattr(given: Given, node: ast.Call, frame: Frame) -> Value:
    if len(given.args) >= 2 and len(node.args) >= 2 and (name := plain(given.args[1])):
        place = {
            "lineno": node.lineno,
            "col_offset": node.col_offset,
            "end_lineno": node.lineno,
            "end_col_offset": node.col_offset,
        }
        return frame.value(ast.Attribute(node.args[0], name, ast.Load(), **place))
    hole = worst(given.args[0]) if given.args else None
    if hole is not None and isinstance(hole, Hole) and hole.origin == "request":
        return scalar(replace(hole, text=spell(node)))
    return frame.unknown(node)


BUILTINS: Final[dict[str, Callable[[Given, ast.Call, Frame], Value]]] = {
    "str": _text,
    "repr": lambda given, node, frame: as_literal(given.args[0]) if given.args else literal(""),
    "bytes": _text,
    "list": _list,
    "tuple": _list,
    "set": _list,
    "frozenset": _list,
    "sorted": _list,
    "reversed": _list,
    "iter": _same,
    "next": lambda given, node, frame: element(given.args[0], node, frame) if given.args else frame.unknown(node),
    "filter": lambda given, node, frame: given.args[-1] if given.args else frame.unknown(node),
    "dict": _dict,
    "range": _numbers,
    "enumerate": _enumerate,
    "zip": _zip,
    "map": _map,
    "min": _extreme,
    "max": _extreme,
    "getattr": _getattr,
    "chr": _number,
    "hex": _number,
    "bin": _number,
    "oct": _number,
}
