"""The survey answers for a whole API what its pieces say one by one.

Each piece is counted once and its counts are remembered with it, so that of thousands of files only the edited one is
counted again. The root piece, which asks, is judged whenever anything below it has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from archcheck.surface import Assistant
from archcheck.surfaces.openapi.counts import Part, Repeat, Spot, Tally, total
from archcheck.surfaces.openapi.documents import Documents
from archcheck.surfaces.openapi.grammar import SECTIONS
from archcheck.surfaces.openapi.graph import Node
from archcheck.surfaces.openapi.references import locate

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.view import View

_NOTHING: Final = msgspec.msgpack.encode({})
_SHARED = ("/components/", *(f"/{section}/" for section in SECTIONS))


class Survey:
    """Counts over the pieces of one API. `repeats` holds what was remembered of files that were not opened again."""

    __slots__ = ("_assistants", "_counted", "_documents", "_fresh", "_met", "_nodes", "_own", "_views", "repeats")

    def __init__(
        self,
        nodes: Mapping[str, Node],
        fresh: frozenset[str],
        documents: Documents,
        repeats: Mapping[str, list[Repeat]],
        views: Callable[[Node, frozenset[type]], Iterator[View]],
    ) -> None:
        self._nodes = nodes
        self._fresh = fresh
        self._documents = documents
        self._views = views
        self._counted: set[tuple[str, str]] = set()
        self._met: dict[str, dict[type, list[View]]] = {}
        self._assistants: Sequence[Assistant] = ()
        self._own: Sequence[str] = ()
        self.repeats = dict(repeats)

    def helped(self, assistants: Sequence[Assistant], own: Sequence[str]) -> None:
        """Have others count the pieces they have met, while those of the keys `own` are counted here."""
        self._assistants = assistants
        self._own = own

    def tally(self, name: str) -> Tally:
        """The count of one topic over all pieces."""
        for assistant in self._assistants:
            assistant.ask(name.encode())
        if self._assistants:
            self.parts(name, self._own)
        for assistant in self._assistants:
            for key, part in msgspec.msgpack.decode(assistant.answer() or _NOTHING, type=dict[str, Part]).items():
                self._note(self._nodes[key], name, part)
        return total(self._part(node, name) for node in self._nodes.values() if not node.covered)

    def parts(self, name: str, keys: Iterable[str]) -> dict[str, Part]:
        """The counts of one topic in the pieces of some keys."""
        return {key: self._part(self._nodes[key], name) for key in keys if not self._nodes[key].covered}

    def _part(self, node: Node, name: str) -> Part:
        from archcheck.surfaces.openapi.topics import TOPICS

        known = node.counts.get(name)
        if known is not None and ((node.key, name) in self._counted or node.key not in self._fresh):
            return known
        topic = TOPICS[name]
        met = self._subjects(node)
        found = [one for kind in topic.kinds for view in met.get(kind, ()) for one in topic.count(view)]
        spots = tuple(Spot(one[0], one[1].at, one[2] if len(one) > 2 else "") for one in found if one is not None)
        return self._note(node, name, Part(len(found), spots))

    def _note(self, node: Node, name: str, part: Part) -> Part:
        node.counts = {**node.counts, name: part}
        self._counted.add((node.key, name))
        return part

    def _subjects(self, node: Node) -> dict[type, list[View]]:
        """The subjects of a piece by type, met once, so that facts are worked out once for all topics."""
        from archcheck.surfaces.openapi.topics import KINDS

        if node.key not in self._met:
            met: dict[type, list[View]] = {}
            for view in self._views(node, KINDS):
                met.setdefault(type(view), []).append(view)
            self._met[node.key] = met
        return self._met[node.key]

    def unused(self) -> Iterator[Spot]:
        """The shared objects of the root document that nothing leads to, by kind and name."""
        root = next(iter(self._nodes.values()))
        if any(gap.kind != "unreadable" for node in self._nodes.values() for gap in node.gaps):
            # What could not be read may refer to anything.
            return
        names = {spot.label for spot in self.tally("names in use").spots}
        bases = bool(self.tally("discriminators").owed)
        for node in self._nodes.values():
            if node.contexts or node.path != root.path or not node.pointer.startswith(_SHARED):
                continue
            place = locate(self._documents.open(node.path), node.pointer)
            if place is None or place.parent is None or place.parent.parent is None or node.covered:
                continue
            name = str(place.key)
            derived = bases and isinstance(place.node, dict) and "allOf" in place.node
            if name not in names and not derived and place.pointer not in names:
                yield Spot(f"{_CALLED.get(node.kind, node.kind)} '{name}'", place.at)

    def repeated(self) -> tuple[Repeat, ...]:
        """Every key that stands twice in a mapping, over all documents."""
        for document in self._documents.opened:
            self.repeats[document.path] = [Repeat(*one) for one in document.repeated()]
        files = {path for node in self._nodes.values() for path in node.files}
        return tuple(one for path in sorted(files) for one in self.repeats.get(path, ()))


_CALLED = {
    "security": "security scheme",
    "body": "request body",
    "path": "path item",
    "media": "media type",
}
