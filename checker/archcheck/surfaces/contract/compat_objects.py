"""Holds the properties of two objects against each other, each side by its own rules.

What no schema declares is taken for what nobody sends: a property that is added to an open object narrows nothing. A
`readOnly` property is no part of requests, a `writeOnly` one none of responses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archcheck.surfaces.contract.changes import Addition, Demand, Removal, Shift
from archcheck.surfaces.contract.compat_atoms import Atom, Term
from archcheck.surfaces.contract.compat_events import Doubt, Event, Face, named
from archcheck.surfaces.contract.compat_shapes import Shapes
from archcheck.surfaces.openapi.place import Place


def objects(narrow: Atom, wide: Atom, face: Face, base: Shapes, revision: Shapes) -> Iterator[Event]:
    """What a change of properties breaks, and the pairs of those that stand in both."""
    if face.answers:
        yield from _received(wide, narrow, face, _Seen(base, "writeOnly"), _Seen(revision, "writeOnly"))
    else:
        yield from _sent(narrow, wide, face, _Seen(base, "readOnly"), _Seen(revision, "readOnly"))
    yield from _extras(narrow, wide, face)


class _Seen:
    """Tells which properties are part of a message: those that do not carry the flag."""

    __slots__ = ("_flag", "_shapes")

    def __init__(self, shapes: Shapes, flag: str) -> None:
        self._shapes = shapes
        self._flag = flag

    def hides(self, term: Term) -> bool:
        """Whether such a property is left out."""
        return any(self._shapes.flag(place, self._flag) for place in term)

    def deprecated(self, term: Term) -> bool:
        """Whether it was announced that it goes."""
        return any(self._shapes.flag(place, "deprecated") for place in term)

    def shown(self, properties: Mapping[str, Term]) -> dict[str, Term]:
        """The properties that are part of the message."""
        return {name: term for name, term in properties.items() if not self.hides(term)}


def _sent(base: Atom, revision: Atom, face: Face, before: _Seen, after: _Seen) -> Iterator[Event]:
    known = before.shown(base.properties)
    for name, term in known.items():
        other = revision.properties.get(name)
        if other is not None and after.hides(other):
            flag = other[0].child("readOnly") or other[0]
            yield face.tell(Shift, term[0], flag, face.member(name), of="read-only", before="", after="read-only")
        elif other is not None:
            yield face.step(term, other)
        elif revision.extra:
            yield face.step(term, revision.extra)
        elif revision.properties or revision.closed:
            yield _gone(term, name, revision, face, "request property", before, refused=revision.closed is not None)
        else:
            yield Doubt("objects that are no longer described")
    for name, place in revision.required.items():
        if name in base.required and name in known:
            continue
        other = revision.properties.get(name)
        if other is not None and after.hides(other):
            continue
        if other is None and (name not in base.properties or name in base.required):
            if name not in base.required:
                yield Doubt("required properties that are not described")
            continue
        home = known[name][0] if name in known else None
        yield face.tell(Demand, home, place, face.member(name), of="property", added=name not in known)
    yield from _added(base, revision, face, after, "request property", known)


def _received(base: Atom, revision: Atom, face: Face, before: _Seen, after: _Seen) -> Iterator[Event]:
    known = before.shown(base.properties)
    shown = after.shown(revision.properties)
    for name, term in known.items():
        if name in shown:
            yield face.step(shown[name], term)
        elif revision.extra or not (revision.properties or revision.closed):
            yield Doubt("objects that are no longer described")
        else:
            yield _gone(term, name, revision, face, "response property", before, required=name in base.required)
    for name, place in base.required.items():
        if name in revision.required or (name in base.properties and name not in known):
            continue
        if name in shown:
            at = shown[name][0]
            yield face.tell(Shift, place, at, face.member(name), of="optional response", before="", after="")
        elif name not in known:
            yield Doubt("required properties that are not described")
    yield from _added(base, revision, face, after, "response property", known)


def _gone(term: Term, name: str, revision: Atom, face: Face, of: str, before: _Seen, **more: bool) -> Event:
    at = _properties(revision)
    told = before.deprecated(term)
    fields: dict[str, object] = {"of": of, "deprecated": told, "overdue": told, **more}
    return face.tell(Removal, term[0], at, named(term[0]), **fields)


def _properties(atom: Atom) -> Place | None:
    """Where the properties of an object stand, when they stand in one place."""
    first = next(iter(atom.properties.values()), ())
    return first[0].parent if first else atom.closed


def _added(base: Atom, revision: Atom, face: Face, after: _Seen, of: str, known: Mapping[str, Term]) -> Iterator[Event]:
    for name, term in after.shown(revision.properties).items():
        if name in known:
            continue
        if base.extra:
            yield face.step(base.extra, term) if not face.answers else face.step(term, base.extra)
        elif base.closed and face.answers:
            yield Doubt("properties that are added to closed objects")
        if name not in revision.required or face.answers:
            yield face.tell(Addition, _properties(base), term[0], face.member(name), of=of)


def _extras(narrow: Atom, wide: Atom, face: Face) -> Iterator[Event]:
    """What further properties may hold. Who never spoke of them has most likely none."""
    if wide.closed:
        if narrow.closed:
            return
        if narrow.opened or narrow.extra:
            home = narrow.extra[0] if narrow.extra else None
            yield face.limit("type", home, wide.closed, ("any further property", "no further property"))
        else:
            yield Doubt("objects that were closed, or opened")
    elif wide.extra and not narrow.closed:
        if narrow.extra:
            yield face.step(narrow.extra, wide.extra)
        else:
            yield Doubt("further properties that said nothing")
