"""Private functions: what their parameters hold, where every call of them is seen and gives what is harmless."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from msgspec.structs import replace

from archcheck.surfaces.python.flow import run
from archcheck.surfaces.python.frame import Context, Frame, spell
from archcheck.surfaces.python.invocations import scopes
from archcheck.surfaces.python.query import Hole
from archcheck.surfaces.python.requests import parameters
from archcheck.surfaces.python.survey import Function, Scope
from archcheck.surfaces.python.values import Value, holes


def settle(context: Context) -> None:
    """Take the parameters for constants that nobody outside the module fills, and nobody inside with anything else."""
    doors = {
        hole.parameter
        for query in context.found.values()
        for hole in query.holes
        if hole.origin == "parameter" and _is_private(hole.parameter)
    }
    if not doors:
        return
    harmless = {door for door in sorted(doors) if _filled_harmlessly(door, context)}
    for key, query in context.found.items():
        if any(hole.parameter in harmless for hole in query.holes):
            parts = tuple(
                replace(part, origin="constant", trail=(), open="")
                if isinstance(part, Hole) and part.parameter in harmless
                else part
                for part in query.parts
            )
            context.found[key] = replace(query, parts=parts)


def _is_private(door: str) -> bool:
    name = door.partition(":")[0].rpartition(".")[2]
    return name.startswith("_") and not name.startswith("__") and not door.endswith(".")


def _filled_harmlessly(door: str, context: Context) -> bool:
    qualname, _, parameter = door.partition(":")
    name = qualname.rpartition(".")[2]
    calls = list(_calls(name, context))
    # Whoever only hands the function on fills it in a way that nobody sees.
    if not calls or len(re.findall(rf"\b{name}\b", context.places.text)) != len(calls) + 1:
        return False
    index = _index(qualname, parameter, context)
    given = [_given(call, scope, index, parameter, context) for scope, call in calls]
    return all(
        value is not None and all(hole.safe or hole.parameter == door for hole in holes(value)) for value in given
    )


def _calls(name: str, context: Context) -> Iterator[tuple[Scope, ast.Call]]:
    for scope in scopes(context.survey.module):
        for call in scope.calls:
            if spell(call.func).rpartition(".")[2] == name:
                yield scope, call


def _index(qualname: str, parameter: str, context: Context) -> int:
    scope = next(scope for scope in scopes(context.survey.module) if scope.qualname == qualname)
    assert isinstance(scope.node, Function)
    names = [arg.arg for arg in (*scope.node.args.posonlyargs, *scope.node.args.args)]
    method = scope.parent is not None and scope.parent.kind == "class" and names[:1] in (["self"], ["cls"])
    return names.index(parameter) - method if parameter in names else -1


def _given(call: ast.Call, scope: Scope, index: int, parameter: str, context: Context) -> Value | None:
    """What a call gives for a parameter, by following the function it stands in; None where nobody can tell."""
    if any(keyword.arg is None for keyword in call.keywords) or any(isinstance(arg, ast.Starred) for arg in call.args):
        return None
    node = next((keyword.value for keyword in call.keywords if keyword.arg == parameter), None)
    if node is None and 0 <= index < len(call.args):
        node = call.args[index]
    if node is None or context.budget <= 0:
        return None
    context.budget -= len(scope.node.body) + 1
    frame = Frame(context, scope, quiet=True)
    if isinstance(scope.node, Function):
        frame.env = parameters(frame)
    context.asked = node
    context.answer = None
    try:
        run(scope.node.body, frame)
    except RecursionError:
        return None
    finally:
        context.asked = None
    return context.answer
