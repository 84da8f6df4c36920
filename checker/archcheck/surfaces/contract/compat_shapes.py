"""Shapes: what a schema allows, as alternatives of plain constraints, with the place of each of them.

References are followed, `allOf` is joined, `oneOf` and `anyOf` become alternatives, and the words of all versions
become the same ones: `nullable` and `null` among the types, bounds with a flag beside them and bounds with a number.
What is not modelled (`not`, `if`, `contains` and their kin) is kept as it is written, so that equals can be told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from archcheck.surfaces.openapi.place import Json, Place
from archcheck.surfaces.openapi.references import References

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
_MOST: Final = 64
_DEEPEST: Final = 30
_OPAQUE: Final = (
    *("not", "if", "then", "else", "contains", "minContains", "maxContains", "prefixItems", "additionalItems"),
    *("propertyNames", "patternProperties", "dependentSchemas", "dependentRequired", "dependencies"),
    *("unevaluatedItems", "unevaluatedProperties", "$dynamicRef", "$recursiveRef", "contentSchema"),
)
_OBJECT: Final = frozenset({"properties", "additionalProperties", "patternProperties", "required"})
_BESIDE: Final = frozenset(
    """
    $ref $comment description summary title deprecated readOnly writeOnly example examples default externalDocs xml
    """.split()
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


class Unknown(Exception):
    """A schema that cannot be told: a reference leads nowhere, it holds itself, or it has too many alternatives."""


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


class Shapes:
    """The shapes of one document's schemas, each worked out once."""

    __slots__ = ("_inner", "_known", "_modern", "_references", "given")

    def __init__(self, references: References, *, modern: bool) -> None:
        self._references = references
        self._modern = modern
        self._known: dict[tuple[object, ...], Shape | None] = {}
        self._inner: dict[object, Shape] = {}
        self.given: dict[object, Shape] = {}

    def home(self, place: Place) -> Place | None:
        """Where a schema is defined: references that say nothing else are followed. None where they lead nowhere."""
        seen = 0
        while type(place.node) is dict and "$ref" in place.node:
            if self._modern and not all(key in _BESIDE or key[:2] == "x-" for key in place.node):
                break
            followed = self._references.follow(place) if not self._modern else None
            target = followed.place if followed else self._references.resolve(place.path, place.reference or "").place
            seen += 1
            if target is None or seen > _DEEPEST:
                return None
            place = target
        return place

    def shape(self, term: Term) -> Shape | None:
        """What a term allows; None where that cannot be told."""
        key = tuple(key_of(place) for place in term)
        if key not in self._known:
            try:
                joined = self._expand(term[0], (), 0)
                for place in term[1:]:
                    joined = _both(joined, self._expand(place, (), 0))
                self._known[key] = _finished(joined)
            except Unknown:
                self._known[key] = None
        return self._known[key]

    def flag(self, place: Place, word: str) -> bool:
        """Whether a schema, what it refers to or a member of its `allOf` carries a flag such as `readOnly`."""
        waiting, seen = [place], 0
        while waiting and seen < _DEEPEST:
            seen += 1
            one = waiting.pop()
            if type(one.node) is not dict:
                continue
            if one.node.get(word) is True:
                return True
            if one.reference is not None:
                target = self._references.resolve(one.path, one.reference).place
                waiting += [target] if target is not None else []
            members = one.child("allOf")
            waiting += list(members.children()) if members is not None and type(members.node) is list else []
        return False

    def _expand(self, place: Place, above: tuple[object, ...], depth: int) -> Shape:
        key = key_of(place)
        if key in self.given:
            return self.given[key]
        if key in self._inner:
            return self._inner[key]
        if key in above or depth > _DEEPEST:
            raise Unknown
        shape = self._inner[key] = self._expanded(place, (*above, key), depth + 1)
        return shape

    def _expanded(self, place: Place, above: tuple[object, ...], depth: int) -> Shape:
        node = place.node
        if type(node) is bool:
            return Shape(place, (Atom(place),), place, True) if node else Shape(place, (), None)
        if type(node) is not dict:
            raise Unknown
        shape = own(place, node)
        if "$ref" in node and type(node["$ref"]) is str:
            target = self._references.resolve(place.path, node["$ref"]).place
            if target is None:
                raise Unknown
            referred = self._expand(target, above, depth)
            if not self._modern:
                return referred
            shape = _both(shape, referred)
        for member in _members(place, "allOf"):
            shape = _both(shape, self._expand(member, above, depth))
        for word in ("oneOf", "anyOf"):
            members = list(_members(place, word))
            if members:
                shape = _both(shape, self._either(place, members, word == "oneOf", above, depth))
        if (nullable := _nullable(place)) is not None:
            shape = replace(shape, null=nullable, weak=False)
        return shape

    def _either(self, place: Place, members: list[Place], one: bool, above: tuple[object, ...], depth: int) -> Shape:
        atoms: list[Atom] = []
        null: Place | None = None
        exclusive = one and len(members) > 1
        for member in members:
            shape = self._expand(member, above, depth)
            label = self._label(member)
            atoms += [replace(atom, label=(*label, *atom.label)) for atom in shape.atoms]
            if shape.null is not None and (null is None or not shape.weak):
                null = shape.null
            exclusive = exclusive or shape.exclusive
        if len(atoms) > _MOST:
            raise Unknown
        return Shape(place, tuple(atoms), null, False, exclusive)

    def _label(self, member: Place) -> tuple[str, ...]:
        if member.reference is not None:
            return (member.reference.rpartition("/")[2],)
        title = member.node.get("title") if type(member.node) is dict else None
        return (title,) if isinstance(title, str) else ()


def key_of(place: Place) -> object:
    """What a schema is known by."""
    return id(place.node) if type(place.node) is dict else (place.path, place.pointer)


def text_of(value: Json) -> str:
    """A value as text, the same for equal values: `1` and `1.0` are one, `1`, `true` and `"1"` are three."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


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


def _nullable(place: Place) -> Place | None:
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


def _members(place: Place, word: str) -> Iterator[Place]:
    child = place.child(word)
    if child is not None and type(child.node) is list:
        yield from child.children()


def _both(left: Shape, right: Shape) -> Shape:
    """What two shapes allow together."""
    if len(left.atoms) * len(right.atoms) > _MOST:
        raise Unknown
    joined = (_joined(one, other) for one in left.atoms for other in right.atoms)
    null, weak = left.null, left.weak and right.weak
    if left.null is None or right.null is None:
        null = None
    elif left.weak:
        null = right.null
    atoms = tuple(atom for atom in joined if atom is not None)
    return Shape(left.place, atoms, null, weak, left.exclusive or right.exclusive)


def _joined(left: Atom, right: Atom) -> Atom | None:
    types = common(left.types, right.types)
    values = left.values if right.values is None else right.values
    if left.values is not None and right.values is not None:
        values = {text: place for text, place in left.values.items() if text in right.values}
    if not types or (values is not None and not values):
        return None
    bounds = dict(left.bounds)
    for key, bound in right.bounds.items():
        if key not in bounds or bound.tighter(bounds[key], key[1]):
            bounds[key] = bound
    properties = dict(left.properties)
    for name, term in right.properties.items():
        known = properties.get(name, ())
        properties[name] = known + tuple(one for one in term if all(key_of(one) != key_of(each) for each in known))
    return Atom(
        right.place if right.label and not left.label else left.place,
        types,
        left.typed or right.typed,
        (right.type_place if right.typed and (not left.typed or left.types > right.types) else left.type_place),
        values,
        bounds,
        left.multiples | right.multiples,
        left.patterns | right.patterns,
        left.formats | right.formats,
        left.unique or right.unique,
        properties,
        right.required | left.required,
        left.extra + right.extra,
        left.closed or right.closed,
        left.opened or right.opened,
        left.items + right.items,
        left.opaque + right.opaque,
        left.label + right.label,
    )


def common(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """The types that both allow: integers are numbers."""
    both = left & right
    if ("integer" in left and "number" in right) or ("integer" in right and "number" in left):
        both |= {"integer"}
    return both


def _finished(shape: Shape) -> Shape:
    """The shape with the types that are not named and that its words imply: nobody means them otherwise."""
    atoms = tuple(_implied(atom) for atom in shape.atoms)
    null = None if shape.weak and any(atom.typed for atom in atoms) else shape.null
    return replace(shape, atoms=atoms, null=null)


def _implied(atom: Atom) -> Atom:
    if atom.typed:
        return atom
    kind = ""
    if atom.properties or atom.required or atom.extra or atom.closed or atom.opened:
        kind = "object"
    elif atom.items:
        kind = "array"
    elif atom.patterns or ("string", True) in atom.bounds or ("string", False) in atom.bounds:
        kind = "string"
    elif atom.multiples or ("number", True) in atom.bounds or ("number", False) in atom.bounds:
        kind = "number"
    return replace(atom, types=frozenset({kind}), typed=True, type_place=atom.place) if kind else atom
