"""Shapes: what a schema allows, as alternatives of plain constraints, with the place of each of them.

References are followed, `allOf` is joined, `oneOf` and `anyOf` become alternatives, and the words of all versions
become the same ones: `nullable` and `null` among the types, bounds with a flag beside them and bounds with a number.
What is not modelled (`not`, `if`, `contains` and their kin) is kept as it is written, so that equals can be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from archcheck.surfaces.contract.compat_atoms import Atom, Shape, Term, common, key_of, nullable, own
from archcheck.surfaces.openapi.place import Place
from archcheck.surfaces.openapi.references import References

_MOST: Final = 64
_DEEPEST: Final = 30
_BESIDE: Final = frozenset(
    """
    $ref $comment description summary title deprecated readOnly writeOnly example examples default externalDocs xml
    """.split()
)


class Unknown(Exception):
    """A schema that cannot be told: a reference leads nowhere, it holds itself, or it has too many alternatives."""


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
        if (null := nullable(place)) is not None:
            shape = replace(shape, null=null, weak=False)
        return shape

    def _either(self, place: Place, members: list[Place], one: bool, above: tuple[object, ...], depth: int) -> Shape:
        atoms: list[Atom] = []
        null: Place | None = None
        exclusive = one and len(members) > 1
        for member in members:
            shape = self._expand(member, above, depth)
            label = self._label(member)
            atoms += [replace(atom, label=(*label, *atom.label)) for atom in shape.atoms]
            implied = shape.weak and shape.atoms and all(_implied(atom).typed for atom in shape.atoms)
            if shape.null is not None and null is None and not implied:
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
