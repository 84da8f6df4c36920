"""Guards: what a condition proves about the names it speaks of."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Final

from archcheck.surfaces.python.frame import Env, Frame, spell
from archcheck.surfaces.python.libraries import VALIDATES
from archcheck.surfaces.python.query import Hole
from archcheck.surfaces.python.values import Str, cleared, harmless, holes, plain, scalar
from archcheck.surfaces.python.words import words

_PROVING_METHODS: Final = words("isdigit isdecimal isnumeric isidentifier isalnum isalpha issubset")
_LOOK_UP: Final = words("fetchone fetch_one fetchrow fetchval fetch_val")
_MATCHES: Final = frozenset({"match", "fullmatch"})


def guards(test: ast.expr, frame: Frame) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a condition proves harmless: where it holds, and where it does not."""
    none: frozenset[str] = frozenset()
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yes, no = guards(operand, frame)
            return no, yes
        case ast.BoolOp(op=operator, values=values):
            parts = [guards(value, frame) for value in values]
            every_yes, every_no = [yes for yes, _ in parts], [no for _, no in parts]
            if isinstance(operator, ast.And):
                return none.union(*every_yes), every_no[0].intersection(*every_no)
            return every_yes[0].intersection(*every_yes), none.union(*every_no)
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return _compared(left, operator, right, frame)
        case ast.Call():
            return _called_guard(test, frame), none
        case ast.NamedExpr(value=value):
            return guards(value, frame)
        case ast.Name():
            return _found(test, frame), none
    return none, none


def guarded(env: Env, names: Iterable[str], test: ast.expr, frame: Frame) -> Env:
    """The environment behind a condition that proves those names harmless."""
    proven = {name: env[name] for name in sorted(names) if name in env}
    missing = [name for name in sorted(names) if name not in env]
    if not proven and not missing:
        return dict(env)
    changed = dict(env)
    for name, value in proven.items():
        changed[name] = cleared(value, "allowed")
    for name in missing:
        changed[name] = scalar(Hole(name, frame.at(test), "allowed"))
    return changed


def subjects(node: ast.expr) -> frozenset[str]:
    """The names a comparison speaks of: `x`, `x.y`, `x.lower()`, `set(xs)`, `(x := ...)`."""
    match node:
        case ast.Name() | ast.Attribute():
            return frozenset({spell(node)})
        case ast.Subscript(slice=ast.Constant()):
            return frozenset({spell(node)})
        case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[ast.Constant(value=key), *_]):
            return frozenset({f"{spell(value)}[{key!r}]"})
        case ast.Call(func=ast.Attribute(value=value, attr="lower" | "upper" | "strip" | "casefold")):
            return subjects(value)
        case ast.Call(func=ast.Name(id="set" | "str" | "frozenset"), args=[argument]):
            return subjects(argument)
        case ast.BinOp(op=ast.Sub(), left=left):
            return subjects(left)
        case ast.NamedExpr(target=target):
            return frozenset({target.id})
        case ast.Tuple(elts=elements):
            return frozenset().union(*(subjects(item) for item in elements))
    return frozenset()


def _compared(
    left: ast.expr, operator: ast.cmpop, right: ast.expr, frame: Frame
) -> tuple[frozenset[str], frozenset[str]]:
    none: frozenset[str] = frozenset()
    if isinstance(operator, (ast.Is, ast.IsNot)) and isinstance(right, ast.Constant) and right.value is None:
        names = _found(left, frame)
        return (names, none) if isinstance(operator, ast.IsNot) else (none, names)
    if isinstance(operator, (ast.In, ast.NotIn)):
        if isinstance(left, ast.Constant) and left.value in ("'", '"', ";", "`", "--"):
            # `"'" not in x`: what cannot leave its quotes.
            return (subjects(right), none) if isinstance(operator, ast.NotIn) else (none, subjects(right))
        if not _trusted(right, frame):
            return none, none
        names = subjects(left)
        return (names, none) if isinstance(operator, ast.In) else (none, names)
    if isinstance(operator, (ast.Eq, ast.NotEq)) and harmless(frame.value(right)) and not isinstance(right, ast.Call):
        text = plain(frame.value(right))
        if text in ("None", "", "True", "False"):
            return none, none
        names = subjects(left)
        return (names, none) if isinstance(operator, ast.Eq) else (none, names)
    if isinstance(operator, (ast.LtE, ast.Lt)) and _is_set_call(left) and _trusted(right, frame):
        return subjects(left), none
    return none, none


def _found(test: ast.expr, frame: Frame) -> frozenset[str]:
    """The names that a row was looked up by, where there is one: `row = db.fetchone("... = :id", {"id": x})`."""
    held = frame.scope.locals.get(test.id, []) if isinstance(test, ast.Name) else []
    call = held[0].value if len(held) == 1 and isinstance(held[0], ast.Await) else held[0] if len(held) == 1 else None
    match call:
        case ast.Call(func=ast.Attribute(attr=method), args=[ast.Constant(value=str()), bound]) if method in _LOOK_UP:
            values = bound.values if isinstance(bound, ast.Dict) else getattr(bound, "elts", [])
            return frozenset().union(*(subjects(value) for value in values))
    return frozenset()


def _trusted(container: ast.expr, frame: Frame) -> bool:
    """Whether membership proves something: not in what the client sent itself, nor in a text that is searched."""
    value = frame.value(container)
    if isinstance(value, Str) and plain(value) is not None:
        return False
    return not any(hole.origin == "request" for hole in holes(value))


def _is_set_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")


def _called_guard(test: ast.Call, frame: Frame) -> frozenset[str]:
    function = test.func
    name = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    if name in _PROVING_METHODS and isinstance(function, ast.Attribute):
        return subjects(function.value)
    if name == "isinstance" and len(test.args) == 2:
        types = test.args[1].elts if isinstance(test.args[1], ast.Tuple) else [test.args[1]]
        numbers = {"int", "float", "bool", "UUID", "Decimal", "date", "datetime"}
        return (
            subjects(test.args[0]) if all(spell(kind).rpartition(".")[2] in numbers for kind in types) else frozenset()
        )
    if name in _MATCHES and test.args:
        return subjects(
            test.args[-1] if spell(function) in ("re.match", "re.fullmatch") and len(test.args) > 1 else test.args[0]
        )
    if name == "all" and test.args and isinstance(test.args[0], (ast.GeneratorExp, ast.ListComp)):
        generator = test.args[0]
        inner = guards(generator.elt, frame)[0]
        return frozenset().union(
            *(subjects(g.iter) for g in generator.generators if isinstance(g.target, ast.Name) and g.target.id in inner)
        )
    if name == "any" and test.args and isinstance(test.args[0], ast.GeneratorExp):
        return _equals_one(test.args[0], frame)
    if VALIDATES.fullmatch(name):
        return frozenset().union(*(subjects(arg) for arg in test.args))
    return frozenset()


def _equals_one(generator: ast.GeneratorExp, frame: Frame) -> frozenset[str]:
    """The names that are compared with each of a collection: `any(x == name for name in names)`."""
    made = {part.target.id for part in generator.generators if isinstance(part.target, ast.Name)}
    match generator.elt:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            if all(_trusted(part.iter, frame) for part in generator.generators):
                return frozenset(
                    name for name in subjects(left) | subjects(right) if name.partition(".")[0] not in made
                )
    return frozenset()
