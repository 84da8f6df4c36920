"""The shape of an error: what its body has at the top and one step below, and when two of them are the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from archcheck.surfaces.openapi.schema import Schema

Shape: TypeAlias = tuple[str, ...]
"""`name:type` of each property, one step deep (`error.code:string`), sorted; a body that is no object is its type."""

_MOST = 24
_TELLING = re.compile(r"err.*|.*error.*|messages?|msg|code|details?|title|reasons?|fault.*|exception.*|problems?|")
"""Names of properties by which a body is known for an error; a body without a name at all counts as well."""


def shape_of(schema: Schema) -> Shape:
    """What can be compared of an error's schema; nothing where it leaves its body open."""
    schema = _only(schema)
    if schema.is_array:
        items = schema.items
        return tuple(f"[].{line}" for line in shape_of(items)) if items is not None else (":array",)
    if not schema.properties:
        kinds = schema.types - {"null"}
        return tuple(f":{kind}" for kind in kinds if len(kinds) == 1 and kind != "object")
    return tuple(sorted(_lines(schema)))[:_MOST]


def _only(schema: Schema) -> Schema:
    """The alternative that is left when there is one, null aside."""
    real = [one for one in schema.alternatives if one.types != {"null"}]
    return real[0] if len(real) == 1 and not schema.properties else schema


def _lines(schema: Schema) -> Iterator[str]:
    for name, inner in schema.properties.items():
        yield f"{name}:{_kind(inner)}"
        if inner.is_object:
            yield from (f"{name}.{below}:{_kind(one)}" for below, one in inner.properties.items())


def _kind(schema: Schema) -> str:
    kinds = schema.types - {"null"}
    return next(iter(kinds)) if len(kinds) == 1 else ""


def alike(one: Shape, other: Shape) -> bool:
    """Whether a client that reads the one can read the other.

    They share half of the properties that the smaller one has at its top, and none of these is a text here and an
    object there.
    """
    mine, theirs = top(one), top(other)
    shared = mine.keys() & theirs.keys()
    if not shared or len(shared) * 2 < min(len(mine), len(theirs)):
        return False
    return not any(_clash(mine[name], theirs[name]) for name in shared)


def top(shape: Shape) -> Mapping[str, str]:
    """The properties at the top with their types; a body that is no object has one without a name."""
    return {
        name: kind for name, _, kind in (line.rpartition(":") for line in shape) if "." not in name or name[:2] == "[]"
    }


def _clash(one: str, other: str) -> bool:
    return bool(one and other) and one != other and not {"object", "array"}.isdisjoint((one, other))


def telling(shape: Shape) -> bool:
    """Whether a body is an error's at all: a form that is shown again, or the thing as it stands, is none."""
    return any(_TELLING.fullmatch(name.removeprefix("[].").lower()) for name in top(shape))


def prevailing(shapes: Counter[Shape]) -> Shape:
    """The shape that most errors have, counting those that can be read like it; empty where none has a majority."""
    best, uses = max(
        ((shape, sum(count for other, count in shapes.items() if alike(shape, other))) for shape in shapes),
        key=lambda pair: (pair[1], shapes[pair[0]]),
        default=((), 0),
    )
    return best if uses >= 3 and uses * 2 > shapes.total() else ()


def shown(shape: Shape) -> str:
    """The names at the top, as a message writes them."""
    names = list(top(shape))
    if names == [""]:
        return f"a bare {shape[0][1:]}"
    told = ", ".join(name.removeprefix("[].") for name in names[:4]) + (", ..." if len(names) > 4 else "")
    return f"[{{{told}}}]" if names[0].startswith("[]") else f"{{{told}}}"
