"""Settings of background work: options of decorators and calls, and Celery's configuration wherever it is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from archcheck.late import regex
from archcheck.surfaces.python.frame import Context, Frame, spell
from archcheck.surfaces.python.invocations import invocations
from archcheck.surfaces.python.lookup import dotted
from archcheck.surfaces.python.routes_form import Spot
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.tasks_form import Setting, Written

# Celery's settings have had capitals, a namespace in front, and older names; all mean one thing.
_CELERY: Final = regex(
    r"(?:\w*celeryd?_)?(task_time_limit|task_soft_time_limit|(?:task_)?acks_late|broker_transport_options"
    r"|(?:task_)?annotations|broker_url|(?:celery)?beat_schedule)",
    re.I,
)
_PRESENT: Final = {
    "acks_late": "task_acks_late",
    "annotations": "task_annotations",
    "celerybeat_schedule": "beat_schedule",
}
_ENVIRONMENT: Final = ("os.getenv", "environ.get")
_NUMBER: Final = regex(r"\d+(?:\.\d+)?")
_HOLDS: Final = regex(r"celery|conf|^CELERY", re.I)
_SETTERS: Final = ("update", "Celery", "add_defaults", "dict")
_DEEPEST: Final = 6


class Reader:
    """Reads settings in one module: numbers through constants, everything else as literals or not at all."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.scope = context.survey.module
        self._targets: dict[int, str] = {}

    def spot(self, node: ast.expr | ast.stmt | ast.keyword) -> Spot:
        at = self.context.places.of(node)
        return Spot(at.line, at.column, at.end_column)

    def setting(self, name: str, node: ast.expr, at: ast.expr | ast.keyword | None = None) -> Setting:
        value, known = self.value(node)
        return Setting(name, value, known, self.spot(at if at is not None else node))

    def options(self, call: ast.expr) -> Iterator[Setting]:
        """The keyword arguments of a call; `**` stands under an empty name."""
        for keyword in call.keywords if isinstance(call, ast.Call) else ():
            yield self.setting(keyword.arg or "", keyword.value, keyword)

    def value(self, node: ast.expr, depth: int = 0) -> tuple[Written, bool]:
        """What an expression is, where that is written here, and whether it is."""
        if depth > _DEEPEST:
            return None, False
        match node:
            case ast.Constant(value=None | bool() | int() | float() | str() as value):
                return value, True
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number, True
            case ast.BinOp(left=left, op=ast.Mult() | ast.Add() as op, right=right):
                one, other = self.value(left, depth + 1)[0], self.value(right, depth + 1)[0]
                if isinstance(one, int | float) and isinstance(other, int | float):
                    return (one * other if isinstance(op, ast.Mult) else one + other), True
            case ast.Name(id=name):
                values = self.scope.bindings.get(name, [])
                if len(values) == 1 and values[0] is not None:
                    return self.value(values[0], depth + 1)
            case ast.Call(func=ast.Name(id="int" | "float"), args=[inner]):
                value, known = self.value(inner, depth + 1)
                return (float(value), True) if isinstance(value, str) and _NUMBER.fullmatch(value) else (value, known)
            case ast.Call(func=function, args=[_, ast.Constant() as default]) if spell(function).endswith(_ENVIRONMENT):
                return self.value(default, depth + 1)
            case ast.JoinedStr(values=[ast.Constant(value=str() as begins), *_]):
                return begins, False
            case ast.Call(func=ast.Attribute(value=inner, attr="total_seconds")):
                return self.value(inner, depth + 1)
            case ast.Call(func=ast.Name(id="timedelta") | ast.Attribute(attr="timedelta"), args=[], keywords=keywords):
                return self._span(keywords, depth)
            case _:
                pass
        return None, False

    def celery(self) -> Iterator[tuple[Setting, ast.expr]]:
        """Celery's settings among the names that the module and its classes bind, and in dictionaries of settings."""
        for scope in (self.scope, *(child for child in self.scope.children if child.kind == "class")):
            for name, values in scope.bindings.items():
                for value in values:
                    if value is not None:
                        yield from self._named(name, value)
                        if isinstance(value, ast.Dict) and _HOLDS.search(name):
                            yield from self._of_dict(value)

    def configured(self, tree: ast.Module) -> Iterator[tuple[Setting, ast.expr]]:
        """Settings that are given to an app after it was built: `app.conf.x = 1`, `app.conf.update(x=1)`."""
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=[ast.Attribute(attr=name)], value=value):
                    yield from self._named(name, value)
                    if isinstance(value, ast.Dict) and _HOLDS.search(name):
                        yield from self._of_dict(value)
                case ast.Assign(
                    targets=[ast.Subscript(value=ast.Attribute(attr="conf"), slice=ast.Constant(value=str() as name))],
                    value=value,
                ):
                    yield from self._named(name, value)
                case ast.Call(func=function, keywords=keywords, args=args) if spell(function).endswith(_SETTERS):
                    for keyword in keywords:
                        if keyword.arg is not None:
                            yield from self._named(keyword.arg, keyword.value)
                    for arg in args:
                        if isinstance(arg, ast.Dict):
                            yield from self._of_dict(arg)
                case _:
                    pass

    def name(self, node: ast.expr, scope: Scope) -> str:
        """The dotted name of an expression, as the module of its origin has it."""
        return dotted(node, Frame(self.context, scope))

    def target(self, call: ast.Call, scope: Scope) -> str:
        """What a call calls, through instances and aliases."""
        if not self._targets:
            self._targets = {id(each.node): each.target for each in invocations(self.context)}
        return self._targets.get(id(call), "")

    def _named(self, name: str, value: ast.expr) -> Iterator[tuple[Setting, ast.expr]]:
        match = _CELERY.fullmatch(name)
        if match is not None:
            present = match.group(1).lower()
            if present == "broker_transport_options" and isinstance(value, ast.Dict):
                value = _visibility(value)
            yield self.setting(_PRESENT.get(present, present), value), value

    def _of_dict(self, node: ast.Dict) -> Iterator[tuple[Setting, ast.expr]]:
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield from self._named(key.value, value)

    def _span(self, keywords: list[ast.keyword], depth: int) -> tuple[Written, bool]:
        factors = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
        total = 0.0
        for keyword in keywords:
            number = self.value(keyword.value, depth + 1)[0]
            if keyword.arg not in factors or not isinstance(number, int | float):
                return None, False
            total += number * factors[keyword.arg]
        return total, True


def _visibility(options: ast.Dict) -> ast.expr:
    """What is said of the visibility timeout; the options themselves where nothing is."""
    for key, value in zip(options.keys, options.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == "visibility_timeout":
            return value
    return options
