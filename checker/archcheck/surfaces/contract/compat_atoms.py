"""Atoms: plain constraints that all hold, with the place of each, in the same words for all versions."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from archcheck.surfaces.openapi.place import Json, Place

Term: TypeAlias = tuple[Place, ...]
"""Schemas that hold together: one, or several that `allOf` brings to the same property."""

TYPES: Final = frozenset({"boolean", "integer", "number", "string", "array", "object"})
_TYPE_OF: Final[dict[type, str]] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_OPAQUE: Final = (
    *("not", "if", "then", "else", "contains", "minContains", "maxContains", "prefixItems", "additionalItems"),
    *("propertyNames", "patternProperties", "dependentSchemas", "dependentRequired", "dependencies"),
    *("unevaluatedItems", "unevaluatedProperties", "$dynamicRef", "$recursiveRef", "contentSchema"),
)
LIMITS: Final = {
    "minimum": ("number", False),
    "maximum": ("number", True),
    "exclusiveMinimum": ("number", False),
    "exclusiveMaximum": ("number", True),
    "minLength": ("string", False),
    "maxLength": ("string", True),
    "minItems": ("array", False),
    "maxItems": ("array", True),
    "minProperties": ("object", False),
    "maxProperties": ("object", True),
}
"""Keywords that are bounds: the type they speak of, and whether they bound from above."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range, and the keyword that sets it."""

    value: int | float
    exclusive: bool
    place: Place

    def tighter(self, other: Bound, upper: bool) -> bool:
        """Whether it leaves out what the other lets in."""
        if self.value == other.value:
            return self.exclusive and not other.exclusive
        return self.value < other.value if upper else self.value > other.value


@dataclass(frozen=True, slots=True)
class Atom:
    """Constraints that all hold, each one for the values of its type.

    `types` never holds null, which is told by the shape; `typed` is false where no word says which types there are.
    `values` are the texts of the values that are listed. `bounds` are known by type and end (true for the upper one).
    `extra` is what undeclared properties must fit, `closed` the word that forbids them, `opened` tells that they are
    expressly allowed. `label` is the name of the alternative that it is.
    """

    place: Place
    types: frozenset[str] = TYPES
    typed: bool = False
    type_place: Place | None = None
    values: dict[str, Place] | None = None
    bounds: dict[tuple[str, bool], Bound] = field(default_factory=dict)
    multiples: dict[int | float, Place] = field(default_factory=dict)
    patterns: dict[str, Place] = field(default_factory=dict)
    formats: dict[str, Place] = field(default_factory=dict)
    unique: Place | None = None
    properties: dict[str, Term] = field(default_factory=dict)
    required: dict[str, Place] = field(default_factory=dict)
    extra: Term = ()
    closed: Place | None = None
    opened: bool = False
    items: Term = ()
    opaque: tuple[tuple[str, Json], ...] = ()
    label: tuple[str, ...] = ()

    @property
    def bare(self) -> bool:
        """Whether it says nothing at all about its values."""
        return not self.typed and self.values is None and not self.opaque


@dataclass(frozen=True, slots=True)
class Shape:
    """Alternatives, at least one of which holds; in `exclusive` ones exactly one. `null` is where null is allowed.

    `weak` tells that null is allowed only because nothing is said of any type.
    """

    place: Place
    atoms: tuple[Atom, ...]
    null: Place | None
    weak: bool = False
    exclusive: bool = False


def key_of(place: Place) -> object:
    """What a schema is known by."""
    return id(place.node) if type(place.node) is dict else (place.path, place.pointer)


def text_of(value: Json) -> str:
    """A value as text, the same for equal values: `1` and `1.0` are one, `1`, `true` and `"1"` are three."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def common(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """The types that both allow: integers are numbers."""
    both = left & right
    if ("integer" in left and "number" in right) or ("integer" in right and "number" in left):
        both |= {"integer"}
    return both


def own(place: Place, node: dict[str, Json]) -> Shape:
    """What a schema says in its own words."""
    atom = Atom(place, bounds=_bounds(place, node), opaque=tuple((key, node[key]) for key in _OPAQUE if key in node))
    null: Place | None = place
    weak = True
    if (types := _types(node)) is not None:
        at = place.child("type") or place
        atom = replace(atom, types=types - {"null"}, typed=True, type_place=at)
        null, weak = (at, False) if "null" in types else (None, False)
    if (listed := place.child("enum") or place.child("const")) is not None:
        members = [listed] if listed.key == "const" else list(listed.children())
        atom = _listed(atom, listed, members)
        if null is not None:
            null = next((member for member in members if member.node is None), None)
        weak = weak and null is None
    atom = _strings(_objects(_arrays(atom, place), place), place)
    atoms = (atom,) if atom.types and (atom.values is None or atom.values) else ()
    return Shape(place, atoms, null, weak)


def _types(node: dict[str, Json]) -> frozenset[str] | None:
    named = node.get("type")
    if isinstance(named, str):
        named = [named]
    if not isinstance(named, list) or not named:
        return None
    types = frozenset("string" if name == "file" else name for name in named if isinstance(name, str))
    return types if types <= TYPES | {"null"} else None


def nullable(place: Place) -> Place | None:
    """The word of older versions that lets null in."""
    for word in ("nullable", "x-nullable"):
        child = place.child(word)
        if child is not None and child.node is True:
            return child
    return None


def _listed(atom: Atom, listed: Place, members: list[Place]) -> Atom:
    """An atom limited to listed values; null is no concern of atoms."""
    values = {text_of(one.node): one for one in members if one.node is not None}
    kinds = {_TYPE_OF[type(one.node)] for one in members if type(one.node) in _TYPE_OF}
    types = atom.types
    if not atom.typed:
        types = frozenset(kinds)
    place = atom.type_place or listed
    return replace(atom, values=values, types=types, typed=True, type_place=place)


def _bounds(place: Place, node: dict[str, Json]) -> dict[tuple[str, bool], Bound]:
    found: dict[tuple[str, bool], Bound] = {}
    for word, (kind, upper) in LIMITS.items():
        value = node.get(word)
        if type(value) not in (int, float) or (word.startswith("min") and kind != "number" and not value):
            continue
        flag = node.get("exclusiveMaximum" if upper else "exclusiveMinimum") is True
        bound = Bound(value, word.startswith("exclusive") or (kind == "number" and flag), place.child(word) or place)  # type: ignore[arg-type]
        known = found.get((kind, upper))
        if known is None or bound.tighter(known, upper):
            found[kind, upper] = bound
    return found


def _arrays(atom: Atom, place: Place) -> Atom:
    items = place.child("items")
    unique = place.child("uniqueItems")
    if items is not None and type(items.node) not in (dict, bool):
        return replace(atom, opaque=(*atom.opaque, ("items", items.node)))
    return replace(
        atom,
        items=(items,) if items is not None else (),
        unique=unique if unique is not None and unique.node is True else None,
    )


def _objects(atom: Atom, place: Place) -> Atom:
    properties = place.child("properties")
    required = place.child("required")
    extra = place.child("additionalProperties")
    schema = extra is not None and type(extra.node) is dict and bool(extra.node)
    return replace(
        atom,
        properties={
            str(one.key): (one,) for one in (properties.children() if properties is not None else ()) if _schema(one)
        },
        required={
            one.node: one for one in (required.children() if required is not None else ()) if type(one.node) is str
        },
        extra=(extra,) if extra is not None and schema else (),
        closed=extra if extra is not None and extra.node is False else None,
        opened=extra is not None and (extra.node is True or extra.node == {}),
    )


def _schema(place: Place) -> bool:
    return type(place.node) is dict or type(place.node) is bool


def _strings(atom: Atom, place: Place) -> Atom:
    def worded(word: str) -> dict[str, Place]:
        child = place.child(word)
        return {child.node: child} if child is not None and type(child.node) is str else {}

    multiple = place.child("multipleOf")
    sized = multiple is not None and type(multiple.node) in (int, float) and bool(multiple.node)
    return replace(
        atom,
        patterns=worded("pattern"),
        formats=worded("format"),
        multiples={multiple.node: multiple} if multiple is not None and sized else {},  # type: ignore[dict-item]
    )
