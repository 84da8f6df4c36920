"""Nodes of Python as the migrations' reading meets them: an expression with its names, and what a name may stand for.

Some stand nowhere in the file that is read: what another module holds, and lists that are gathered in a loop. Their
line is 0.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from archcheck.surfaces.sql.certainty import Certainty


class Bound(NamedTuple):
    """An expression with the names that were in force where it stands."""

    node: ast.expr
    scope: Mapping[str, Bound]


class Made(ast.expr):
    """An expression without a place."""

    _fields = ()
    lineno = end_lineno = col_offset = end_col_offset = 0

    def __init__(self) -> None:
        """Nothing of its own: the parts of a node of `ast` are not ours."""


class Elsewhere(Made):
    """What an import brings: its dotted name, and how to look for it in the project."""

    def __init__(self, name: str, find: Callable[[], Bound | None]) -> None:
        self.name = name
        self.find = find


class Holder(Made):
    """What has attributes: a module, or a class."""

    def held(self, name: str, made: Bound | None, depth: int) -> Bound | None:
        """What an attribute holds, of what the call `made` makes where that is given."""
        raise NotImplementedError


class Returning(Made):
    """What can be called and is followed: a function."""

    def returned(self, call: Bound, depth: int) -> Bound | None:
        """What the call returns."""
        raise NotImplementedError


class Picked(Made):
    """What a loop meets in each of its rounds: one of what is computed when the migration runs."""

    def __init__(self, source: Bound) -> None:
        self.source = source
        # The names in the conditions that choose among what it meets, and whether there are any such conditions.
        self.names: list[str] = []
        self.filtered = False


class Gathered(ast.List):
    """A list that `append` fills. `certainty` is how sure it is that it holds all of its elements."""

    lineno = end_lineno = col_offset = end_col_offset = 0

    def __init__(self, elts: list[ast.expr], certainty: Certainty) -> None:
        super().__init__(elts=elts, ctx=ast.Load())
        self.certainty = certainty


def constant(value: str | int | float | None) -> ast.Constant:
    """A literal without a place."""
    return ast.Constant(value=value, lineno=0, end_lineno=0, col_offset=0, end_col_offset=0)


def sequence(items: Sequence[Bound], certainty: Certainty = "sure") -> Bound:
    """These as one list: each keeps the names that were in force where it stands."""
    scope = {f"*{number}": item for number, item in enumerate(items)}
    return Bound(Gathered([_name(name) for name in scope], certainty), scope)


def mapping(items: Mapping[str, Bound]) -> Bound:
    """These as one dict."""
    scope = {f"*{key}": item for key, item in items.items()}
    keys: list[ast.expr | None] = [constant(key) for key in items]
    node = ast.Dict(keys=keys, values=[_name(name) for name in scope])
    return Bound(ast.copy_location(node, constant(None)), scope)


def _name(name: str) -> ast.expr:
    return ast.Name(id=name, ctx=ast.Load(), lineno=0, end_lineno=0, col_offset=0, end_col_offset=0)


def unplaced(tree: ast.AST) -> None:
    """Take a tree's places away: it is not part of the file that is read."""
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.stmt | ast.keyword | ast.arg | ast.alias | ast.ExceptHandler):
            node.lineno = node.end_lineno = node.col_offset = node.end_col_offset = 0


def dotted(node: ast.expr) -> str:
    """`a.b.c` as text; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def literals(node: ast.AST) -> Iterator[str]:
    """All texts written in a part of the tree."""
    for child in ast.walk(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
