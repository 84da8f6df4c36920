"""Conditions of a revision: decided where they are about the server, and told apart where they ask what is there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from archcheck.surfaces.sql.certainty import Certainty, weakest
from archcheck.surfaces.sql.dialect import by_name
from archcheck.surfaces.sql.pynodes import Bound, Made, Picked, dotted
from archcheck.surfaces.sql.pyobjects import Function
from archcheck.surfaces.sql.pytexts import UNKNOWN
from archcheck.surfaces.sql.pyvalues import elements, followed, value

_ASKING: Final = ("exist", "has_table", "has_column", "get_table_names", "get_columns", "get_indexes", "inspect")
_ASKING_MORE: Final = ("get_foreign_keys", "get_unique_constraints", "tables", "columns", "indexes", "constraints")
_ABOUT: Final = ("url", "dialect", "engine", "driver")
_DIALECTS: Final = {"postgresql": "postgres", "mariadb": "mysql"}
# The classes by which SQLAlchemy's dialects are known.
_CLASSES: Final = {"PGDialect": "postgres", "MySQLDialect": "mysql", "SQLiteDialect": "sqlite"}
_DEPTH: Final = 5


def decided(test: ast.expr, scope: Mapping[str, Bound], dialect: str) -> bool | Certainty:
    """What a condition comes to: known when it is about the dialect, `needed` when it asks what is there."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = decided(test.operand, scope, dialect)
        return not inner if isinstance(inner, bool) else inner
    if isinstance(test, ast.BoolOp):
        parts = [decided(part, scope, dialect) for part in test.values]
        decisive = isinstance(test.op, ast.Or)
        if decisive in parts:
            return decisive
        open_parts = [part for part in parts if not isinstance(part, bool)]
        return weakest(open_parts) if open_parts else not decisive
    if isinstance(test, ast.NamedExpr):
        return decided(test.value, scope, dialect)
    if isinstance(test, ast.Call) and (about := _called(test, scope, dialect)) is not None:
        return about
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and (about := _compared(test, scope, dialect)) is not None:
        return about
    known = value(Bound(test, scope))
    if known is not UNKNOWN and not (isinstance(known, str) and _spoken(test, scope)):
        return bool(known)
    return "needed" if _asks(test, scope) else "maybe"


def _spoken(test: ast.expr, scope: Mapping[str, Bound]) -> bool:
    """Whether a text is one that is said to a server: what comes of it is not the text."""
    node = followed(Bound(test, scope)).node
    return isinstance(node, ast.Call) and not (
        isinstance(node.func, ast.Attribute) and isinstance(value(Bound(node.func.value, scope)), str)
    )


def by_setting(test: ast.expr, scope: Mapping[str, Bound]) -> bool:
    """Whether a condition hangs on the environment, so that another run may go the other way."""
    return any(word in text for text, _ in _led(test, scope, _DEPTH) for word in ("getenv", "environ"))


def _called(test: ast.Call, scope: Mapping[str, Bound], dialect: str) -> bool | None:
    """What `is_postgres()`, `url.startswith("mysql")` and `isinstance(bind.dialect, MySQLDialect)` come to."""
    name = dotted(test.func).rpartition(".")[2]
    if name in ("is_offline_mode", "as_sql"):
        return False
    if name == "isinstance" and len(test.args) == 2 and "dialect" in _text(test.args[0], scope):
        kinds = elements(Bound(test.args[1], scope))
        named = [_server(kind) for kind in ([Bound(test.args[1], scope)] if kinds is None else kinds)]
        return dialect in named if all(named) else None
    if name.startswith("is_") and not test.args and (asked := by_name(name.removeprefix("is_"))):
        return dialect == asked
    if not isinstance(test.func, ast.Attribute) or test.func.attr != "startswith" or not test.args:
        return None
    said = value(Bound(test.args[0], scope))
    named_so = by_name(said) if isinstance(said, str) else ""
    return dialect == named_so if named_so and any(a in _text(test.func.value, scope) for a in _ABOUT) else None


def _server(kind: Bound) -> str:
    """The server whose dialect a class is: `MySQLDialect`, `postgresql.dialect`."""
    path = dotted(followed(kind).node) or dotted(kind.node)
    imported = getattr(followed(kind).node, "name", "")
    *above, last = (imported or path).split(".")
    if last in _CLASSES:
        return _CLASSES[last]
    return by_name(above[-1]) if above and last.lower() == "dialect" else ""


def _compared(test: ast.Compare, scope: Mapping[str, Bound], dialect: str) -> bool | None:
    """What a comparison with the server's name, or of such a question with True or False, comes to."""
    wanted, operator = test.comparators[0], test.ops[0]
    if isinstance(wanted, ast.Constant) and isinstance(wanted.value, bool):
        inner = decided(test.left, scope, dialect)
        return (inner is wanted.value) == isinstance(operator, ast.Is | ast.Eq) if isinstance(inner, bool) else None
    left = _text(test.left, scope)
    if "dialect" in left or (left.endswith(".name") and "engine" in left):
        found = value(Bound(wanted, scope))
        names = found if isinstance(found, tuple | list | frozenset) else [found]
        if all(isinstance(name, str) for name in names):
            same = dialect in [_DIALECTS.get(str(name), str(name)) for name in names]
            return same if isinstance(operator, ast.Eq | ast.In) else not same
    return None


def _text(node: ast.expr, scope: Mapping[str, Bound]) -> str:
    """An expression as it is written, and what it stands for."""
    return " ".join(dict.fromkeys([ast.unparse(node), ast.unparse(followed(Bound(node, scope)).node)]))


def _asks(test: ast.expr, scope: Mapping[str, Bound]) -> bool:
    """Whether a condition, or what led to one of its names, asks the server what is there."""
    return any(word in text for text, words in _led(test, scope, _DEPTH) for word in words)


def _led(node: ast.expr, scope: Mapping[str, Bound], depth: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield ast.unparse(node).lower(), (*_ASKING, *_ASKING_MORE)
    if depth <= 0:
        return
    if isinstance(node, Picked):
        yield from _led(node.source.node, node.source.scope, depth - 1)
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in scope:
            bound = scope[part.id]
            if isinstance(bound.node, Made) and not isinstance(bound.node, Picked):
                found = followed(bound)
                if isinstance(found.node, Function):
                    yield _body(found.node), _ASKING
                elif not isinstance(found.node, Made):
                    yield from _led(found.node, found.scope, depth - 1)
            else:
                yield from _led(bound.node, bound.scope, depth - 1)


def _body(function: Function) -> str:
    """The statements of a function, without what it says about itself."""
    body = function.definition.body
    return "\n".join(ast.unparse(part) for part in body if not _remark(part)).lower()


def _remark(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
