"""Following: every function that may hold a query is run through once, and the module's own statements."""

from __future__ import annotations

from collections.abc import Mapping

from archcheck.surfaces.python.flow import run
from archcheck.surfaces.python.frame import Context, Frame
from archcheck.surfaces.python.private import settle
from archcheck.surfaces.python.query import Query
from archcheck.surfaces.python.requests import parameters
from archcheck.surfaces.python.survey import Function, Scope
from archcheck.surfaces.python.values import Value


def follow(context: Context) -> list[Query]:
    """The queries of a module, in the order of the source."""
    module = context.survey.module
    if module.interesting:
        _guarded(Frame(context, module), module)
        _follow_scopes(module, context)
        settle(context)
    return [query for _, query in sorted(context.found.items())]


def follow_function(scope: Scope, context: Context, around: Mapping[str, Value]) -> None:
    """Run through one function, given what the names around it hold."""
    frame = Frame(context, scope)
    frame.env = {**around, **parameters(frame)}
    _guarded(frame, scope)


def _follow_scopes(scope: Scope, context: Context) -> None:
    for child in scope.children:
        if not child.interesting:
            continue
        if child.kind == "function":
            follow_function(child, context, {})
        _follow_scopes_of_class(child, context)


def _follow_scopes_of_class(scope: Scope, context: Context) -> None:
    # Functions inside functions are met where they stand, classes inside functions are not.
    if scope.kind == "class":
        _guarded(Frame(context, scope), scope)
        _follow_scopes(scope, context)
    else:
        for child in scope.children:
            if child.kind == "class" and child.interesting:
                _follow_scopes_of_class(child, context)


def _guarded(frame: Frame, scope: Scope) -> None:
    node = scope.node
    body = node.body
    assert isinstance(node, Function) or scope.kind != "function"
    try:
        run(body, frame)
    except RecursionError:
        frame.context.undecided += 1
