"""The ledger: every change once, at the places that define it, with all the operations that it reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from archcheck.source import Location
from archcheck.surfaces.contract.changes import Change, Demand, Limit, Release, Removal, Shift
from archcheck.surfaces.openapi.place import Place

_SEVERAL = 3
"""So many properties of one object are told one by one."""
_MANY = 8
"""So many equal changes in different places are told one by one."""
_NOWHERE = Location("", 0)


@dataclass(frozen=True, slots=True)
class Note:
    """A change before it is known what it reaches: what makes the subject, its places, its name and the rest of it."""

    make: Callable[..., Change]
    base: Place
    revision: Place
    name: str
    fields: dict[str, object]
    anchor: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What is one and the same change: what it is, and the places that define it.

        What is gone has no place of its own in the revision, what is new none in the base; `anchor` says which counts.
        """
        places = [
            (place.path, place.pointer)
            for side, place in (("base", self.base), ("revision", self.revision))
            if self.anchor in ("", side)
        ]
        return (self.make, self.fields.get("of"), self.fields.get("side"), *places)


@dataclass(slots=True)
class Ledger:
    """What was found so far. Operations are bits of a number, each at its index in `operations`."""

    operations: list[str] = field(default_factory=list)
    undecided: Counter[str] = field(default_factory=Counter)
    _found: dict[tuple[object, ...], tuple[Note, int]] = field(default_factory=dict)

    def operation(self, name: str) -> int:
        """The bit of an operation that is compared."""
        self.operations.append(name)
        return 1 << (len(self.operations) - 1)

    def add(self, note: Note, reach: int = 0) -> None:
        """Tell a change that reaches these operations; told again, it reaches those, too."""
        known = self._found.get(note.key)
        self._found[note.key] = (known[0], known[1] | reach) if known is not None else (note, reach)

    def changes(self) -> Iterator[Change]:
        """The changes in the order of the revision, then of the base."""
        made = [self._made(note, reach) for note, reach in self._found.values()]
        found = sorted(_told_once(made), key=lambda one: (one.revision, one.base, type(one).__name__, one.name))
        yield from _together(list(_with_siblings(found)))

    def _made(self, note: Note, reach: int) -> Change:
        names = tuple(name for index, name in enumerate(self.operations) if reach >> index & 1)
        shared = not _within_operation(note.base) and not _within_operation(note.revision)
        return note.make(
            base=note.base.at,
            revision=note.revision.at,
            name=note.name,
            operations=names,
            shared=shared,
            **note.fields,
        )


def _within_operation(place: Place) -> bool:
    return place.parts[:1] in (("paths",), ("webhooks",))


def _told_once(changes: list[Change]) -> Iterator[Change]:
    """Leave out what the other side tells of the same words: one word that was changed is one change.

    A type that is another one now narrows requests and widens responses; a property that is gone is gone from both.
    """
    sent = {(one.base, one.revision) for one in changes if isinstance(one, Limit) and _replaces(one, "request")}
    got = {(one.base, one.revision) for one in changes if isinstance(one, Limit) and _replaces(one, "response")}
    missed = {one.base for one in changes if isinstance(one, Removal) and one.of == "response property"}
    for one in changes:
        places = (one.base, one.revision)
        if isinstance(one, Limit) and one.of == "type" and places in sent:
            if one.side == "request":
                yield replace(one, both=True) if places in got else one
        elif isinstance(one, Removal) and one.of == "request property" and one.base in missed:
            continue
        elif not isinstance(one, Release):
            yield one


def _together(changes: list[Change]) -> Iterator[Change]:
    """Tell as one what was done in many places alike: one step of a tool, or one decision of a person."""
    groups: dict[str, list[Change]] = {}
    for one in changes:
        what = replace(one, base=_NOWHERE, revision=_NOWHERE, operations=())
        if isinstance(what, Shift) and what.of == "operation id":
            what = replace(what, name="", before="", after="")
        groups.setdefault(repr(what), []).append(one)
    first = {id(group[0]): group for group in groups.values() if len(group) > _MANY}
    rest = {id(one) for group in first.values() for one in group[1:]}
    for one in changes:
        if id(one) in first:
            group = first[id(one)]
            reached = tuple(dict.fromkeys(name for other in group for name in other.operations))
            names = tuple(dict.fromkeys(other.name for other in group[1:] if other.name != one.name))
            yield replace(one, operations=reached, also=names)
        elif id(one) not in rest:
            yield one


def _with_siblings(changes: list[Change]) -> Iterator[Change]:
    """Tell many properties that one object lost, or that it demands now, as one."""
    groups: dict[tuple[object, ...], list[Removal | Demand]] = {}
    for one in changes:
        owner = one.name.rpartition(".")[0]
        if isinstance(one, Removal) and one.of in ("request property", "response property"):
            groups.setdefault((one.of, one.revision, owner, one.operations, one.planned), []).append(one)
        elif isinstance(one, Demand) and one.of == "property" and owner:
            groups.setdefault((one.added, one.revision.path, owner, one.operations), []).append(one)
    first = {id(group[0]): group for group in groups.values() if len(group) > _SEVERAL}
    rest = {id(one) for group in first.values() for one in group[1:]}
    for one in changes:
        if id(one) in first:
            yield replace(one, also=tuple(other.name for other in first[id(one)][1:]))
        elif id(one) not in rest:
            yield one


def _replaces(limit: Limit, side: str) -> bool:
    return limit.of == "type" and limit.side == side
