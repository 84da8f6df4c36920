"""Objects of the module's own classes: what their attributes hold."""

from __future__ import annotations

import ast

from archcheck.surfaces.python.frame import Frame
from archcheck.surfaces.python.lookup import bound, class_of, imported_name
from archcheck.surfaces.python.query import Hole
from archcheck.surfaces.python.requests import parameters
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.values import Value, either, scalar


def attribute_of_class(scope: Scope, attr: str, frame: Frame, seen: int = 0) -> Value | None:
    """An attribute of `self` or of a class of this module: set on the instance, bound in the class, or inherited."""
    context = frame.context
    key = (id(scope), attr)
    if key in context.known:
        return context.known[key]
    if key in context.busy or seen > 5:
        return None
    context.busy.add(key)
    try:
        found: Value | None = None
        for value, where in scope.attributes.get(attr, ()):
            held = _entered(where, frame).value(value)
            found = held if found is None else either(found, held)
        if found is None:
            found = bound(scope, attr, frame)
        if found is None:
            assert isinstance(scope.node, ast.ClassDef)
            for base in scope.node.bases:
                found = _inherited(base, scope, attr, frame, seen)
                if found is not None:
                    break
    finally:
        context.busy.discard(key)
    if found is not None:
        context.known[key] = found
    return found


def _inherited(base: ast.expr, scope: Scope, attr: str, frame: Frame, seen: int) -> Value | None:
    parent = class_of(base, frame)
    if parent is not None:
        return attribute_of_class(parent, attr, frame, seen + 1) if parent is not scope else None
    name = imported_name(base, frame)
    if not name:
        return None
    # Another module has to say what its class holds; only one that gives no database object is worth asking.
    return scalar(Hole(f"self.{attr}", frame.context.places.of(base), "unknown", open=f"{name}.{attr}"))


def _entered(scope: Scope, frame: Frame) -> Frame:
    inner = frame.child(scope, {})
    inner.env = parameters(inner)
    return inner
