"""What a migration asks the server for: the names in a lookup that tell which of the things there it means."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from archcheck.surfaces.sql.pynodes import Bound, Picked, literals
from archcheck.surfaces.sql.pyobjects import Function
from archcheck.surfaces.sql.pyvalues import followed, value

# The keys under which SQLAlchemy's inspector tells what it found.
_REFLECTED: Final = frozenset(
    "name constrained_columns referred_columns referred_table referred_schema column_names options sqltext".split()
)
_DEPTH: Final = 6
# In place of the names where what is found is chosen by something that is not a name.
UNTOLD: Final = "?"


def asked_for(bound: Bound) -> tuple[tuple[str, ...], bool]:
    """The names that led to a value that is looked up, and whether it stands for every one of what was found."""
    found: list[str] = []
    picked = [node for node in _led(bound, found, _DEPTH) if isinstance(node, Picked)]
    names = [name for name in found if name not in _REFLECTED and " " not in name]
    if any(node.filtered for node in picked) and not any(names):
        names = [UNTOLD]
    return tuple(dict.fromkeys(names)), bool(picked)


def _led(bound: Bound, found: list[str], depth: int) -> Iterator[ast.expr]:
    """The expressions that a value was made of; the texts among them go into `found`."""
    node, scope = followed(bound)
    yield node
    if depth <= 0:
        return
    if isinstance(node, Picked):
        found += node.names
        yield from _led(node.source, found, depth - 1)
        return
    found += _texts(value(Bound(node, scope)))
    found += literals(node) if not isinstance(node, ast.Call) else ()
    inner: list[ast.expr] = []
    if isinstance(node, ast.Call):
        inner = [*node.args, *(keyword.value for keyword in node.keywords)]
        function = followed(Bound(node.func, scope)).node
        if isinstance(function, Function):
            found += [text for part in function.definition.body for text in literals(part)]
    elif isinstance(node, ast.BoolOp):
        inner = node.values
    elif isinstance(node, ast.BinOp):
        inner = [node.left, node.right]
    elif isinstance(node, ast.Subscript | ast.Attribute):
        inner = [node.value]
    for part in inner:
        yield from _led(Bound(part, scope), found, depth - 1)


def narrowed(test: ast.expr, scope: Mapping[str, Bound]) -> None:
    """Note at what a loop picks that a condition chooses among it, and the names in that condition."""
    for node in ast.walk(test):
        picked = followed(Bound(node, scope)).node if isinstance(node, ast.Name) else None
        if isinstance(picked, Picked):
            picked.filtered = True
            picked.names += literals(test)
            for part in ast.walk(test):
                if isinstance(part, ast.Name):
                    picked.names += _texts(value(Bound(part, scope)))


def _texts(known: object) -> Iterator[str]:
    if isinstance(known, str):
        yield known
    elif isinstance(known, tuple | list | frozenset):
        for item in sorted(known, key=str) if isinstance(known, frozenset) else known:
            yield from _texts(item)
