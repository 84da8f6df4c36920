"""Expressions, parameters and places of a module as forms, which are small and can be kept."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from archcheck.surfaces.python.frame import spell
from archcheck.surfaces.python.parse import Places
from archcheck.surfaces.python.routes_form import (
    Attr,
    Choice,
    Form,
    Glued,
    Invoke,
    Item,
    Listed,
    Mapped,
    Name,
    Opaque,
    Param,
    Plain,
    Spot,
    Spread,
    Text,
)
from archcheck.surfaces.python.secret_shapes import suspicious

LARGEST: Final = 40
DEEPEST: Final = 12
_LONGEST_TEXT: Final = 200
_PATH: Final = re.compile(
    r"\^?/?(?:[a-z]{1,20}(?:[_-][a-z]{1,20})*|v\d{1,2})(?:/(?:[a-z]{1,20}(?:[_-][a-z]{1,20})*|v\d{1,2}))+/?\$?"
)
"""A path of plain words, which holds no secret however long it is."""


class Forms:
    """Reads expressions; `framed` says that the module has to do with a framework."""

    __slots__ = ("framed", "places")

    def __init__(self, places: Places, framed: bool) -> None:
        self.places = places
        self.framed = framed

    def spot(self, node: ast.expr | ast.stmt | ast.arg) -> Spot:
        """Where a node stands."""
        end = node.end_col_offset if node.end_lineno == node.lineno else None
        line, start = node.lineno, self.places.column(node.lineno, node.col_offset)
        last = self.places.column(line, end) if end is not None else len(self.places.written(line).rstrip()) + 1
        return Spot(line, start, max(start, last))

    def form(self, node: ast.expr, depth: int = DEEPEST) -> Form:
        """The form of an expression; what is too deep or too long stays opaque."""
        if depth <= 0:
            return Opaque(spell(node))
        depth -= 1
        match node:
            case ast.Name(id=name):
                return Name(name)
            case ast.Attribute(value=value, attr=attr):
                return Attr(self.form(value, depth), attr)
            case ast.Constant(value=str(text)) if suspicious(text) and not _PATH.fullmatch(text):
                # It may be a secret, nothing is wired with it, and what is told here is remembered.
                return Opaque("...")
            case ast.Constant(value=str(text)) if len(text) <= _LONGEST_TEXT:
                return Text(text)
            case ast.Constant(value=bool() | int() | None as value) if value is None or abs(value) < 2**53:
                return Plain(value)
            case ast.Call(func=function, args=args, keywords=keywords):
                return Invoke(
                    self.form(function, depth),
                    tuple(self.form(each, depth) for each in args[:LARGEST]),
                    tuple((each.arg or "", self.form(each.value, depth)) for each in keywords),
                    self.spot(node),
                )
            case ast.Starred(value=value):
                return Spread(self.form(value, depth))
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                return self.form(value, depth)
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                most = LARGEST if not self.framed else 2_000
                return Listed(tuple(self.form(each, depth) for each in elts[:most]))
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys[:LARGEST], values[:LARGEST], strict=True)
                return Mapped(
                    tuple(
                        (Spread(self.form(v, depth)), Plain(None))
                        if k is None
                        else (self.form(k, depth), self.form(v, depth))
                        for k, v in pairs
                    )
                )
            case ast.JoinedStr(values=values):
                return Glued(tuple(self.form(each, depth) for each in values))
            case ast.FormattedValue(value=value):
                return self.form(value, depth)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return Glued((self.form(left, depth), self.form(right, depth)))
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return Choice((self.form(left, depth), self.form(right, depth)))
            case ast.IfExp(test=test, body=body, orelse=other):
                return Choice((self.form(body, depth), self.form(other, depth)), self.form(test, depth))
            case ast.BoolOp(op=ast.Or(), values=values):
                return Choice(tuple(self.form(each, depth) for each in values))
            case ast.Subscript(value=value, slice=key):
                return Item(self.form(value, depth), self.form(key, depth))
        return Opaque(spell(node))

    def above(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
        """The lines of several decorators, where each stands on one of its own."""
        places = self.places
        lines = tuple(places.line(each.lineno) for each in node.decorator_list if each.lineno == each.end_lineno)
        alone = len(lines) == len(node.decorator_list) and all(line.lstrip().startswith("@") for line in lines)
        return lines if alone and len(lines) > 1 else ()

    def named(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Spot:
        """Where the name of a function or class stands."""
        line = self.places.line(node.lineno)
        begin = line.find(node.name, self.places.column(node.lineno, node.col_offset) - 1) + 1
        return Spot(node.lineno, begin, begin + len(node.name)) if begin else Spot(node.lineno, 1, 0)

    def params(self, args: ast.arguments) -> Iterator[Param]:
        """The parameters of a function."""
        plain = [*args.posonlyargs, *args.args]
        defaults = [*[None] * (len(plain) - len(args.defaults)), *args.defaults]
        for each, default in [*zip(plain, defaults, strict=True), *zip(args.kwonlyargs, args.kw_defaults, strict=True)]:
            yield self._param(each, default, "")
        if args.vararg:
            yield self._param(args.vararg, None, "*")
        if args.kwarg:
            yield self._param(args.kwarg, None, "**")

    def _param(self, arg: ast.arg, default: ast.expr | None, star: str) -> Param:
        return Param(
            arg.arg,
            None if arg.annotation is None else self._note(arg.annotation),
            None if default is None else self.form(default),
            star,
            self.spot(default) if default is not None else None,
        )

    def _note(self, node: ast.expr) -> Form:
        """An annotation; one that is written as a string is read as what it says."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < _LONGEST_TEXT:
            try:
                return self.form(ast.parse(node.value.strip(), mode="eval").body)
            except (SyntaxError, ValueError):
                return Opaque(node.value[:60])
        return self.form(node)


def spelled(node: ast.expr) -> str:
    """A dotted name as it is written; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Call):
        inner = spelled(node.func)
        return ".".join([f"{inner}()", *reversed(parts)]) if inner else ""
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
