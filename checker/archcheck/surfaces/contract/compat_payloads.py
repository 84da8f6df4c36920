"""Single values against shapes: whether one is allowed, and one that is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from archcheck.surfaces.contract.compat_atoms import Atom, Bound, Shape, Term, text_of
from archcheck.surfaces.contract.compat_shapes import Shapes
from archcheck.surfaces.openapi.place import Json

_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Value:
    """A value that may be null."""

    value: Json


def accepts(shape: Shape | None, value: Json, shapes: Shapes, depth: int = 0) -> bool | None:
    """Whether a value is allowed; None where that cannot be told (patterns, formats, overlapping alternatives)."""
    if shape is None or depth > _DEEPEST:
        return None
    if value is None:
        return shape.null is not None
    verdicts = [_fits(atom, value, shapes, depth) for atom in shape.atoms]
    if shape.exclusive and verdicts.count(False) < len(verdicts) - 1:
        return None
    return True if True in verdicts else None if None in verdicts else False


def _fits(atom: Atom, value: Json, shapes: Shapes, depth: int) -> bool | None:
    kind = _kind(value)
    if kind not in atom.types and not (kind == "integer" and "number" in atom.types):
        return False
    if atom.values is not None and text_of(value) not in atom.values:
        return False
    if not _within(atom, value):
        return False
    verdicts: list[bool | None] = [None] if atom.opaque or atom.patterns or atom.formats else []
    if isinstance(value, list):
        if atom.unique is not None and len({text_of(one) for one in value}) < len(value):
            return False
        verdicts += [_all(atom.items, one, shapes, depth) for one in value]
    elif isinstance(value, dict):
        if not atom.required.keys() <= value.keys():
            return False
        for name, one in value.items():
            if name in atom.properties:
                verdicts.append(_all(atom.properties[name], one, shapes, depth))
            elif atom.closed:
                return False
            else:
                verdicts.append(_all(atom.extra, one, shapes, depth))
    return False if False in verdicts else None if None in verdicts else True


def _all(term: Term, value: Json, shapes: Shapes, depth: int) -> bool | None:
    return accepts(shapes.shape(term), value, shapes, depth + 1) if term else True


def _kind(value: Json) -> str:
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    for kind, types in (("boolean", bool), ("integer", int), ("string", str), ("array", list)):
        if isinstance(value, types):
            return kind
    return "object"


def _within(atom: Atom, value: Json) -> bool:
    if isinstance(value, bool):
        return True
    kind = _kind(value).replace("integer", "number")
    size = value if isinstance(value, int | float) else len(value) if isinstance(value, str | list | dict) else 0
    for (bounded, upper), bound in atom.bounds.items():
        if bounded == kind and not _inside(bound, size, upper):
            return False
    return kind != "number" or all(Fraction(str(size)) % Fraction(str(one)) == 0 for one in atom.multiples)


def _inside(bound: Bound, size: int | float, upper: bool) -> bool:
    if size == bound.value:
        return not bound.exclusive
    return size < bound.value if upper else size > bound.value


def sample(atom: Atom, shapes: Shapes, depth: int = 0) -> Value | None:
    """A plain value that the alternative allows: its required properties and no more; None where none is at hand."""
    if depth > _DEEPEST or atom.opaque or atom.patterns:
        return None
    if atom.values is not None:
        return next((Value(place.node) for place in atom.values.values()), None)
    for kind in sorted(atom.types, reverse=True):
        value = _of_kind(kind, atom, shapes, depth)
        if value is not None and _within(atom, value.value):
            return value
    return None


def _of_kind(kind: str, atom: Atom, shapes: Shapes, depth: int) -> Value | None:
    if kind == "string":
        return None if atom.formats else Value("a" * _least(atom, "string"))
    if kind in ("integer", "number"):
        low, high = atom.bounds.get(("number", False)), atom.bounds.get(("number", True))
        step = int(next(iter(atom.multiples), 1)) or 1
        start = _first(low) if low is not None else min(int(high.value) - 1, 0) if high is not None else 0
        return Value(start + -start % step)
    if kind == "boolean":
        return Value(True)
    if kind == "array":
        least = _least(atom, "array")
        one = _term(atom.items, shapes, depth) if atom.items and least else Value(None)
        return Value([one.value] * least) if one is not None and not (least > 1 and atom.unique) else None
    found: dict[str, Json] = {}
    for name in atom.required:
        inner = _term(atom.properties.get(name, ()), shapes, depth)
        if inner is None:
            return None
        found[name] = inner.value
    return Value(found)


def _first(low: Bound) -> int:
    """The first integer above a bound, or at it."""
    start = -int(-low.value // 1)
    return start + 1 if low.exclusive and start == low.value else start


def _least(atom: Atom, kind: str) -> int:
    bound = atom.bounds.get((kind, False))
    return min(int(bound.value), 50) if bound is not None else 0


def _term(term: Term, shapes: Shapes, depth: int) -> Value | None:
    if not term:
        return Value("a")
    shape = shapes.shape(term)
    for atom in shape.atoms if shape is not None else ():
        value = sample(atom, shapes, depth + 1)
        if value is not None:
            return value
    return Value(None) if shape is not None and shape.null is not None else None
