"""Finds for each alternative of one schema the one of another that it must be held against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from archcheck.surfaces.contract.compat_atoms import Atom, Shape, common
from archcheck.surfaces.contract.compat_events import Doubt, Event, Face
from archcheck.surfaces.contract.compat_payloads import accepts, sample
from archcheck.surfaces.contract.compat_shapes import Shapes
from archcheck.surfaces.contract.compat_weigh import spoken, weigh
from archcheck.surfaces.openapi.place import Place

if TYPE_CHECKING:
    from archcheck.surfaces.contract.compat_subset import Relation


def aligned(narrow: Shape, wide: Shape, face: Face, relation: Relation) -> Iterator[Event]:
    """Weigh each alternative of the narrow shape against its counterpart in the wide one."""
    shapes = relation.base, relation.revision
    if len(narrow.atoms) == len(wide.atoms) == 1:
        yield from weigh(narrow.atoms[0], wide.atoms[0], _turned(face, narrow.atoms[0], wide.atoms[0]), *shapes)
        return
    if wide.exclusive and not _apart(wide.atoms, _side(relation, face, wide=True)):
        yield Doubt("alternatives that overlap")
    lost: list[Atom] = []
    for atom in narrow.atoms:
        if atom.bare and face.answers and not wide.atoms:
            # It says nothing any more, where it said that there is nothing.
            yield face.limit("type", atom.place, None, ("anything", "null"), sure=False)
            continue
        for piece in _pieces(atom, wide.atoms):
            other, found = _counterpart(piece, narrow, wide, face, relation)
            if other is not None:
                yield from weigh(piece, other, _turned(face, piece, other), *shapes)
            elif found is False and _refused(piece, wide, face, relation):
                lost.append(piece)
            elif found is not True:
                yield Doubt("alternatives without a counterpart")
    if lost:
        words = (_names(narrow.atoms), _names(wide.atoms))
        values = tuple(dict.fromkeys(_name(atom) for atom in lost))
        yield face.limit("type", _group(narrow.place), _group(wide.place), words, values=values)


def _counterpart(
    atom: Atom, narrow: Shape, wide: Shape, face: Face, relation: Relation
) -> tuple[Atom | None, bool | None]:
    """The alternative to weigh it against; else whether one covers it anyway, or none does, or nobody knows."""
    alike = [one for one in wide.atoms if one.label and one.label == atom.label]
    if len(alike) == 1 and common(alike[0].types, atom.types):
        return alike[0], None
    side = _side(relation, face, wide=False), _side(relation, face, wide=True)
    near = [one for one in wide.atoms if common(one.types, atom.types)]
    mine = _tags(atom, side[0])
    near = [one for one in near if not _differ(mine, _tags(one, side[1]))]
    if not near:
        return None, False
    # One that goes on under its own name is nobody else's counterpart.
    names = {one.label for one in narrow.atoms if one.label}
    free = [one for one in near if not (atom.label and one.label in names)]
    if len(free) == 1 and len(near) == 1 and (len(narrow.atoms) == 1 or near[0].types <= atom.types or not atom.label):
        return near[0], None
    verdicts = [relation.covers(atom, one, face) for one in near]
    if True in verdicts:
        return None, True
    if None in verdicts:
        return None, None
    ranked = sorted(free, key=lambda one: -_likeness(atom, one))
    if (
        ranked
        and _likeness(atom, ranked[0]) >= 0.5
        and (len(ranked) == 1 or _likeness(atom, ranked[0]) > _likeness(atom, ranked[1]))
    ):
        return ranked[0], None
    return None, False


def _pieces(atom: Atom, others: Sequence[Atom]) -> list[Atom]:
    """An alternative of several types, one for each where the others tell types apart."""
    if len(atom.types) < 2 or not atom.typed or any(atom.types <= one.types for one in others):
        return [atom]
    return [replace(atom, types=frozenset({kind})) for kind in sorted(atom.types)]


def _turned(face: Face, narrow: Atom, wide: Atom) -> Face:
    base, revision = (wide, narrow) if face.answers else (narrow, wide)
    return Face(face.side, base.place, revision.place)


def _side(relation: Relation, face: Face, *, wide: bool) -> Shapes:
    return relation.base if face.answers == wide else relation.revision


def _tags(atom: Atom, shapes: Shapes) -> dict[str, frozenset[str]]:
    """The values of properties that are listed, by which alternatives are told apart."""
    found: dict[str, frozenset[str]] = {}
    for name in atom.required:
        shape = shapes.shape(atom.properties[name]) if name in atom.properties else None
        if shape is not None and len(shape.atoms) == 1 and shape.null is None:
            values = shape.atoms[0].values
            if values is not None:
                found[name] = frozenset(values)
    return found


def _differ(left: dict[str, frozenset[str]], right: dict[str, frozenset[str]]) -> bool:
    return any(left[name].isdisjoint(right[name]) for name in left.keys() & right.keys())


def _apart(atoms: Sequence[Atom], shapes: Shapes) -> bool:
    """Whether no value fits two of them."""
    tags = [_tags(atom, shapes) for atom in atoms]
    return all(
        not common(one.types, other.types)
        or (one.types | other.types == {"object"} and _differ(tags[first], tags[second]))
        or (one.values is not None and other.values is not None and one.values.keys().isdisjoint(other.values))
        for second, other in enumerate(atoms)
        for first, one in enumerate(atoms[:second])
    )


def _refused(atom: Atom, wide: Shape, face: Face, relation: Relation) -> bool:
    """Whether a value that the alternative allows is certainly refused by the whole of the other shape."""
    value = sample(atom, _side(relation, face, wide=False))
    return value is not None and accepts(wide, value.value, _side(relation, face, wide=True)) is False


def _likeness(left: Atom, right: Atom) -> float:
    """The share of properties that both have."""
    both = left.properties.keys() | right.properties.keys()
    return len(left.properties.keys() & right.properties.keys()) / len(both) if both else 0.0


def _group(place: Place) -> Place:
    return place.child("oneOf") or place.child("anyOf") or place.child("type") or place


def _name(atom: Atom) -> str:
    return atom.label[0] if atom.label else spoken(atom.types)


def _names(atoms: Sequence[Atom]) -> str:
    return spoken(tuple(dict.fromkeys(_name(atom) for atom in atoms)))
