"""Flow: statements in order, ways that part and meet, loops once, and what a condition proves about a name."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from msgspec.structs import replace

from archcheck.surfaces.python.frame import Env, Frame, spell
from archcheck.surfaces.python.guards import guarded, guards, subjects
from archcheck.surfaces.python.libraries import VALIDATES
from archcheck.surfaces.python.lookup import function_of
from archcheck.surfaces.python.query import Hole, Step
from archcheck.surfaces.python.survey import Function
from archcheck.surfaces.python.values import (
    Items,
    Str,
    Table,
    Thing,
    Value,
    bounded,
    concat,
    either,
    harmless,
    mapped,
    member,
    scalar,
    through,
)
from archcheck.surfaces.python.words import words

_Runner: TypeAlias = Callable[..., bool]
_CONVERSIONS: Final = words("int float UUID Decimal strptime fromisoformat")
_ENDS: Final = re.compile(
    r"(?:abort|raise|throw)(?:_(?!(?:\w*_)?(?:if|on|for|when|unless)_|event|alert|alarm|flag|signal)\w+)?|_?exit|quit"
)


def run(body: Sequence[ast.stmt], frame: Frame) -> bool:
    """Follow statements in order; whether control comes out at the end."""
    for statement in body:
        runner = _RUNNERS.get(type(statement))
        if runner is not None and not runner(statement, frame):
            return False
    return True


def bind(target: ast.expr, value: Value, frame: Frame, *, noted: bool = True) -> None:
    """Give a target its value; values to fear get a step on their trail."""
    if isinstance(target, (ast.Name, ast.Attribute)):
        name = spell(target)
        if noted and not harmless(value):
            value = through(value, Step(frame.at(target), f"it goes into `{name}`"))
        if frame.env.get(name) is not value:
            # What was proven about `x.y` ends when `x` is bound anew.
            for key in [key for key in frame.env if key.startswith((f"{name}.", f"{name}["))]:
                del frame.env[key]
            frame.env[name] = value
    elif isinstance(target, ast.Starred):
        bind(target.value, value, frame, noted=noted)
    elif isinstance(target, (ast.Tuple, ast.List)):
        if isinstance(value, Items) and not value.open and len(value.items) == len(target.elts):
            for inner, item in zip(target.elts, value.items, strict=True):
                bind(inner, item, frame, noted=noted)
            return
        for inner in target.elts:
            item = element(value, inner, frame)
            bind(
                inner, mapped(item, _called(spell(inner))) if not isinstance(value, Items) else item, frame, noted=noted
            )
    elif isinstance(target, ast.Subscript):
        _set_item(target, value, frame)


def element(value: Value, node: ast.expr, frame: Frame) -> Value:
    """Any one item of what is iterated over."""
    match value:
        case Items():
            return member(value) or frame.unknown(node)
        case Table():
            return member(value.keys) or frame.unknown(node)
        case Thing(_, hole) if hole.open:
            return scalar(hole)
        case Thing():
            return frame.unknown(node)
        case Str():
            return value


def _assign(node: ast.Assign, frame: Frame) -> bool:
    value = frame.value(node.value)
    _converted(node.value, frame)
    for target in node.targets:
        bind(target, value, frame)
    return True


def _ann_assign(node: ast.AnnAssign, frame: Frame) -> bool:
    if node.value is not None:
        bind(node.target, frame.value(node.value), frame)
    return True


def _aug_assign(node: ast.AugAssign, frame: Frame) -> bool:
    held = frame.value(node.target)
    added = frame.value(node.value)
    if isinstance(node.op, ast.Add):
        if isinstance(held, Items):
            items = added.items if isinstance(added, Items) else (element(added, node.value, frame),)
            more = held.open or not isinstance(added, Items) or added.open
            result: Value = bounded(Items((*held.items, *items), more))
        else:
            result = concat([held, added])
    elif isinstance(node.op, ast.Mod):
        result = frame.value(ast.BinOp(node.target, node.op, node.value, **_same_place(node)))
    else:
        result = either(held, added)
    bind(node.target, result, frame)
    return True


def _same_place(node: ast.stmt) -> dict[str, int]:
    last = node.end_lineno or node.lineno
    return {
        "lineno": node.lineno,
        "col_offset": node.col_offset,
        "end_lineno": last,
        "end_col_offset": node.end_col_offset or 0,
    }


def _set_item(target: ast.Subscript, value: Value, frame: Frame) -> None:
    name = spell(target.value)
    frame.env.pop(spell(target), None)
    held = frame.env.get(name)
    if isinstance(held, Table):
        frame.env[name] = bounded(Table((*held.pairs, (frame.value(target.slice), value)), held.open))
    elif isinstance(held, Items):
        frame.env[name] = bounded(Items((*held.items, value), True))


def _expression(node: ast.Expr, frame: Frame) -> bool:
    frame.value(node.value)
    call = node.value.value if isinstance(node.value, ast.Await) else node.value
    if isinstance(call, ast.Call):
        name = spell(call.func).rpartition(".")[2]
        if VALIDATES.fullmatch(name):
            names = frozenset[str]().union(*(subjects(arg) for arg in call.args))
            frame.env = guarded(frame.env, names, call, frame)
        _converted(call, frame)
        return not _leaves(call, frame)
    return True


def _converted(node: ast.expr, frame: Frame) -> None:
    """What was made a number or a date of has the form of one, or nothing after it runs."""
    match node:
        case ast.Call(func=function, args=[first, *_]) if spell(function).rpartition(".")[2] in _CONVERSIONS:
            frame.env = guarded(frame.env, subjects(first), node, frame)


def _leaves(call: ast.Call, frame: Frame) -> bool:
    """Whether nothing behind a call runs: it ends the request or the program, or is a function that only raises."""
    name = spell(call.func)
    plain = isinstance(call.func, ast.Name) or name in ("sys.exit", "os._exit", "self.fail")
    if name == "self.fail" or (_ENDS.fullmatch(name.rpartition(".")[2]) and (plain or call.args)):
        return True
    scope = function_of(name, frame) if isinstance(call.func, ast.Name) else None
    if scope is None or scope.returns or scope.yields or not isinstance(scope.node, Function):
        return False
    return isinstance(scope.node.body[-1], ast.Raise)


def _return(node: ast.Return, frame: Frame) -> bool:
    if node.value is not None:
        frame.returned.append(frame.value(node.value))
    return False


def _raise(node: ast.Raise, frame: Frame) -> bool:
    if node.exc is not None:
        frame.value(node.exc)
    return False


def _leave(node: ast.Break | ast.Continue, frame: Frame) -> bool:
    if frame.exits:
        frame.exits[-1].append(frame.env)
    return False


def _if(node: ast.If, frame: Frame) -> bool:
    frame.value(node.test)
    yes, no = guards(node.test, frame)
    before = frame.env
    ends: list[Env] = []
    for names, body in ((yes, node.body), (no, node.orelse)):
        frame.env = guarded(before, names, node.test, frame)
        if run(body, frame):
            ends.append(frame.env)
    frame.join(ends)
    return bool(ends)


def _for(node: ast.For | ast.AsyncFor, frame: Frame) -> bool:
    value = element(frame.value(node.iter), node.iter, frame)
    before = frame.env
    frame.env = dict(before)
    bind(node.target, value, frame, noted=False)
    _loop(node.body, before, frame)
    return run(node.orelse, frame)


def _while(node: ast.While, frame: Frame) -> bool:
    frame.value(node.test)
    before = frame.env
    frame.env = guarded(before, guards(node.test, frame)[0], node.test, frame)
    _loop(node.body, before, frame)
    return run(node.orelse, frame)


def _loop(body: Sequence[ast.stmt], before: Env, frame: Frame) -> None:
    frame.exits.append([])
    ended = run(body, frame)
    frame.join([before, *([frame.env] if ended else []), *frame.exits.pop()])


def _with(node: ast.With | ast.AsyncWith, frame: Frame) -> bool:
    for item in node.items:
        value = frame.value(item.context_expr)
        if item.optional_vars is not None:
            bind(item.optional_vars, value, frame)
    return run(node.body, frame)


def _try(node: ast.Try, frame: Frame) -> bool:
    before = dict(frame.env)
    ends: list[Env] = []
    fell = run(node.body, frame)
    after = frame.env
    if fell and run(node.orelse, frame):
        ends.append(frame.env)
    for handler in node.handlers:
        frame.env = before
        frame.join([dict(before), after])
        if run(handler.body, frame):
            ends.append(frame.env)
    frame.join(ends or [before])
    return run(node.finalbody, frame) and bool(ends)


def _match(node: ast.Match, frame: Frame) -> bool:
    frame.value(node.subject)
    before = frame.env
    ends: list[Env] = []
    exhaustive = False
    for case in node.cases:
        names = subjects(node.subject) if _literal_pattern(case.pattern) else frozenset[str]()
        frame.env = guarded(before, names, node.subject, frame)
        if run(case.body, frame):
            ends.append(frame.env)
        exhaustive = exhaustive or (
            isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and not case.guard
        )
    if not exhaustive:
        ends.append(before)
    frame.join(ends)
    return bool(ends)


def _literal_pattern(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchOr):
        return all(_literal_pattern(choice) for choice in pattern.patterns)
    return isinstance(pattern, ast.MatchValue)


def _assert(node: ast.Assert, frame: Frame) -> bool:
    frame.value(node.test)
    frame.env = guarded(frame.env, guards(node.test, frame)[0], node.test, frame)
    return True


def _define(node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> bool:
    """A function inside a function sees what its names hold here."""
    scope = frame.scope.child(node)
    frame.env.pop(node.name, None)
    if scope is not None and scope.interesting and frame.scope.kind == "function" and not frame.quiet:
        frame.context.enter(scope, frame.context, frame.env)
    return True


def _called(name: str) -> Callable[[Hole], Hole]:
    return lambda hole: replace(hole, text=name) if re.fullmatch(r"[\w.]+", name) else hole


_RUNNERS: Final[dict[type[ast.stmt], _Runner]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _ann_assign,
    ast.AugAssign: _aug_assign,
    ast.Expr: _expression,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Break: _leave,
    ast.Continue: _leave,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
    ast.Assert: _assert,
    ast.FunctionDef: _define,
    ast.AsyncFunctionDef: _define,
}
