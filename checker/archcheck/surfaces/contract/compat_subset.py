"""The relation between the schemas of two documents: is everything that one side sends allowed by the other?

Pairs of schemas are weighed once for each side they are used on, from a queue and not in depth, so that circles end and
long chains of references cost no stack: a pair that is met again is taken to hold, and what breaks in it is told where
it was met first. What a pair reaches is known by its pairs, so a change is told once with all operations above it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from archcheck.surfaces.contract.changes import Addition, Removal, Shift, Side
from archcheck.surfaces.contract.compat_align import aligned
from archcheck.surfaces.contract.compat_atoms import Atom, Shape, Term, key_of
from archcheck.surfaces.contract.compat_events import Doubt, Event, Face, Step
from archcheck.surfaces.contract.compat_ledger import Ledger, Note
from archcheck.surfaces.contract.compat_mapping import remapped
from archcheck.surfaces.contract.compat_shapes import Shapes
from archcheck.surfaces.contract.compat_weigh import spoken, weigh
from archcheck.surfaces.openapi.place import Json, Place

_FURTHER: Final = 60
"""So many pairs are weighed to find out whether one alternative is covered by another."""
_BELOW: Final = ("items", "additionalProperties")
_LISTED: Final = ("allOf", "oneOf", "anyOf")
_OPEN_ENDS: Final = frozenset(
    "not if then else contains patternProperties propertyNames prefixItems dependentSchemas $defs definitions".split()
)


@dataclass(slots=True, eq=False)
class _Node:
    """A pair of terms on one side. `reach` are the operations above it, `events` what came of weighing it."""

    base: Term
    revision: Term
    side: Side
    reach: int = 0
    events: list[Event] | None = None
    below: list[_Node] = field(default_factory=list)


class Relation:
    """All pairs of schemas that operations reach. `base` and `revision` give the shapes of each document."""

    __slots__ = ("_ledger", "_nodes", "_roots", "base", "revision")

    def __init__(self, base: Shapes, revision: Shapes, ledger: Ledger) -> None:
        self.base, self.revision = base, revision
        self._ledger = ledger
        self._nodes: dict[tuple[object, ...], _Node] = {}
        self._roots: dict[int, _Node] = {}

    @property
    def compared(self) -> int:
        """How many pairs were weighed."""
        return len(self._nodes)

    def root(self, base: Place, revision: Place, side: Side, reach: int) -> None:
        """Schemas that face each other in a message of these operations."""
        node = self._pair((base,), (revision,), side)
        if node is not None:
            node.reach |= reach
            self._roots[id(node)] = node

    def structured(self, base: Place, revision: Place) -> bool:
        """Whether both are arrays or objects, which can be written out in more than one way."""
        shapes = self.base.shape((base,)), self.revision.shape((revision,))
        return all(
            shape is not None and shape.atoms and all(atom.types <= {"array", "object"} for atom in shape.atoms)
            for shape in shapes
        )

    def run(self) -> None:
        """Weigh every pair below the roots, and tell what came of it."""
        waiting = deque(self._roots.values())
        seen = set(self._roots)
        met: list[_Node] = []
        while waiting:
            node = waiting.popleft()
            met.append(node)
            for event in self._events(node):
                below = self._pair(event.base, event.revision, node.side) if isinstance(event, Step) else None
                if below is None:
                    continue
                node.below.append(below)
                if id(below) not in seen:
                    seen.add(id(below))
                    waiting.append(below)
        _spread(met)
        for node in met:
            for event in self._events(node):
                if isinstance(event, Note):
                    self._ledger.add(event, node.reach)
                elif isinstance(event, Doubt):
                    self._ledger.undecided[event.reason] += 1

    def covers(self, narrow: Atom, wide: Atom, face: Face) -> bool | None:
        """Whether one alternative allows all that another one does; None where that cannot be told."""
        waiting: deque[Event] = deque(weigh(narrow, wide, face, self.base, self.revision))
        seen: set[int] = set()
        verdict: bool | None = True
        while waiting:
            event = waiting.popleft()
            if isinstance(event, Doubt):
                verdict = None
            elif isinstance(event, Note):
                if event.make is Removal or (event.make is not Addition and event.fields.get("sure", True)):
                    return False
                if event.make is not Addition:
                    verdict = None
            elif (node := self._pair(event.base, event.revision, face.side)) is not None and id(node) not in seen:
                if len(seen) > _FURTHER:
                    return None
                seen.add(id(node))
                waiting.extend(self._events(node))
        return verdict

    def _alike(self, base: Place, revision: Place, hidden: str) -> list[Event] | None:
        """The pairs below two schemas that are written alike; None where what they refer to is hidden on one side."""
        found: list[Event] = []
        for event in _references(base, revision, hidden):
            if isinstance(event, Step):
                flags = self.base.flag(event.base[0], hidden), self.revision.flag(event.revision[0], hidden)
                if flags[0] != flags[1]:
                    return None
                if flags[0]:
                    continue
            found.append(event)
        return found

    def _pair(self, base: Term, revision: Term, side: Side) -> _Node | None:
        homes = [self.base.home(place) for place in base], [self.revision.home(place) for place in revision]
        old = tuple(place for place in homes[0] if place is not None)
        new = tuple(place for place in homes[1] if place is not None)
        if len(old) != len(base) or len(new) != len(revision):
            self._ledger.undecided["references that lead nowhere"] += 1
            return None
        key = (tuple(map(key_of, old)), tuple(map(key_of, new)), side)
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = _Node(old, new, side)
        return node

    def _events(self, node: _Node) -> list[Event]:
        if node.events is None:
            node.events = []  # who asks while it is being worked out takes it to hold
            node.events = list(self._weighed(node))
        return node.events

    def _weighed(self, node: _Node) -> Iterator[Event]:
        base, revision = node.base[0], node.revision[0]
        if len(node.base) == len(node.revision) == 1 and _equal(base.node, revision.node):
            found = self._alike(base, revision, "writeOnly" if node.side == "response" else "readOnly")
            if found is not None:
                yield from found
                return
        old, new = self.base.shape(node.base), self.revision.shape(node.revision)
        if old is None or new is None:
            yield Doubt("schemas that cannot be told")
            return
        face = Face(node.side, base, revision)
        narrow, wide = (new, old) if face.answers else (old, new)
        yield from _null(narrow, wide, face)
        if face.answers:
            yield from _discriminated(base, revision, face)
        yield from aligned(narrow, wide, face, self)


def _equal(left: Json, right: Json) -> bool:
    """Whether two schemas are written alike. To Python `1` and `true` are equal, as texts they are not."""
    return left == right and repr(left) == repr(right)


def _null(narrow: Shape, wide: Shape, face: Face) -> Iterator[Event]:
    if narrow.null is not None and wide.null is None and not narrow.weak and wide.atoms:
        types = spoken(frozenset().union(*(atom.types for atom in wide.atoms)))
        yield face.limit("null", narrow.null, None, (f"{types} or null", types))


def _discriminated(base: Place, revision: Place, face: Face) -> Iterator[Event]:
    before, after = (_property(place) for place in (base, revision))
    if before and before != after:
        places = (base.child("discriminator"), revision.child("discriminator"))
        words = (f"'{before}'", f"'{after}'" if after else "no property")
        yield face.tell(Shift, *places, face.name, of="discriminator", before=words[0], after=words[1])
    elif before:
        places = (base.child("discriminator"), revision.child("discriminator"))
        for old, new in remapped(base.node, revision.node):
            yield face.tell(Shift, *places, face.name, of="discriminator", before=old, after=new)


def _property(place: Place) -> str:
    """The property that tells alternatives apart, in the words of any version."""
    node: Json = place.node.get("discriminator") if type(place.node) is dict else None
    if isinstance(node, dict):
        node = node.get("propertyName")
    return node if isinstance(node, str) else ""


def _references(base: Place, revision: Place, hidden: str) -> Iterator[Event]:
    """The pairs below two schemas that are written alike: what their references lead to may differ."""
    stack = [(base, revision)]
    while stack:
        old, new = stack.pop()
        node = old.node
        if type(node) is not dict or node.get(hidden) is True:
            continue
        if "$ref" in node and type(node["$ref"]) is str and (old, new) != (base, revision):
            yield Step((old,), (new,))
            continue
        for word, value in node.items():
            if word in _OPEN_ENDS and "$ref" in str(value):
                yield Doubt(f"schemas with '{word}'")
            elif word in _BELOW or word == "properties" or word in _LISTED:
                below = old.child(word), new.child(word)
                if below[0] is None or below[1] is None:
                    continue
                pairs = [below] if word in _BELOW else zip(below[0].children(), below[1].children(), strict=False)
                stack.extend((left, right) for left, right in pairs if left is not None and right is not None)


def _spread(nodes: list[_Node]) -> None:
    """Hand the operations down to all pairs below, circles included."""
    waiting = deque(nodes)
    while waiting:
        node = waiting.popleft()
        for below in node.below:
            if node.reach & ~below.reach:
                below.reach |= node.reach
                waiting.append(below)
