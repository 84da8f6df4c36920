"""The model of one root document: its pieces, judged one by one, and what is remembered of them.

Facts of a piece look down through its references and at the root document, never up. A piece is therefore replayed
unless a file of its own or of a piece below it has changed, or it is seen differently from above (see `graph`). When
the root document itself has changed, everything is judged anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Final

import msgspec
from msgspec.structs import force_setattr

from archcheck.surface import Allow, Assistant, Coverage, Memory, Piece
from archcheck.surfaces.openapi.allows import accepted
from archcheck.surfaces.openapi.api import Api, Reference, SecurityScheme, Server
from archcheck.surfaces.openapi.census import Census
from archcheck.surfaces.openapi.counts import Repeat
from archcheck.surfaces.openapi.credentials import Credential, credentials
from archcheck.surfaces.openapi.documents import Documents
from archcheck.surfaces.openapi.facts import PieceFacts
from archcheck.surfaces.openapi.grammar import Role, Site
from archcheck.surfaces.openapi.graph import Graph, Node
from archcheck.surfaces.openapi.interface import encode
from archcheck.surfaces.openapi.message import Header, MediaType, Parameter, RequestBody, Response
from archcheck.surfaces.openapi.observe import Observer
from archcheck.surfaces.openapi.operation import Operation, PathItem
from archcheck.surfaces.openapi.place import Place
from archcheck.surfaces.openapi.references import References
from archcheck.surfaces.openapi.schema import Schema
from archcheck.surfaces.openapi.segment import Segment
from archcheck.surfaces.openapi.survey import Survey
from archcheck.surfaces.openapi.validity import Breach, breaches
from archcheck.surfaces.openapi.view import View

_FACTS: Final = b"facts"
_NOTHING: Final = msgspec.msgpack.encode({})


class OpenApiModel:
    """One API as pieces. Reading is lazy: files are opened when a piece that must be judged asks for them."""

    def __init__(self, root: str, documents: Documents, memory: Memory | None) -> None:
        self.coverage = Coverage()
        self._documents = documents
        self._references = References(documents)
        self.api = Api.of(documents.open(root).top, self._references)
        changed = memory.changed if memory is not None else frozenset()
        recalled = _recalled(memory, root)
        self._notes = dict(recalled.notes)
        former = {node.key: node for node in recalled.nodes}
        self._graph = Graph(root, self._references, self.api.modern, former, changed)
        self._graph.build()
        self._fresh = self._graph.fresh()
        self._observer = Observer(self.api)
        self._known: dict[str, PieceFacts] = {}
        self._views: dict[str, list[View]] = {}
        self._assistants: Sequence[Assistant] = ()
        self._own: Sequence[str] = ()
        survey = Survey(self._graph.nodes, self._fresh, documents, recalled.repeats, self._subjects)
        force_setattr(self.api, "survey", survey)

    def pieces(self) -> Iterator[Piece]:
        """The root first, then every component in the order in which it is reached."""
        nodes = self._graph.nodes
        for key in nodes:
            yield Piece(key, key in self._fresh, partial(self._subjects, nodes[key]), nodes[key].files)
        self._cover(nodes.values())

    def allows(self) -> Iterator[Allow]:
        """Every `x-archcheck-allow` of the documents that were opened, good for the lines of its object."""
        for document in self._documents.opened:
            yield from accepted(document)

    def interface(self) -> bytes:
        """See `interface.Interface`."""
        return encode(self.api, (self._facts(node) for node in self._graph.nodes.values()), self._whole)

    def memory(self) -> bytes:
        """The pieces with their files and edges, and the notes; nothing for a single file, which is judged whole."""
        nodes = list(self._graph.nodes.values())
        if all(node.path == self.api.file for node in nodes):
            return b""
        for node in nodes:
            self._facts(node)
        return msgspec.msgpack.encode(_Recalled(nodes, self._notes, self.api.survey.repeats))

    def helped(self, assistants: Sequence[Assistant], own: Sequence[str]) -> None:
        """These may be asked about the pieces that they judged; those of the keys `own` were judged here."""
        self._assistants = assistants
        self._own = own
        self.api.survey.helped(assistants, own)

    def answer(self, question: bytes, keys: Sequence[str]) -> bytes:
        """The facts of pieces that were judged here, or their counts in the topic that is asked about."""
        if question != _FACTS:
            return msgspec.msgpack.encode(self.api.survey.parts(question.decode(), keys))
        return msgspec.msgpack.encode({key: self._facts(self._graph.nodes[key]) for key in keys})

    def _gather(self) -> None:
        """Have the facts of all pieces worked out where the pieces were judged."""
        for assistant in self._assistants:
            assistant.ask(_FACTS)
        for key in self._own:
            self._facts(self._graph.nodes[key])
        for assistant in self._assistants:
            told = msgspec.msgpack.decode(assistant.answer() or _NOTHING, type=dict[str, msgspec.Raw])
            for key, facts in told.items():
                self._graph.nodes[key].facts = bytes(facts)
                self._known[key] = msgspec.msgpack.decode(facts, type=PieceFacts)

    def _facts(self, node: Node) -> PieceFacts:
        """A piece's part of the interface: worked out once where it is fresh, else as it is remembered."""
        key = node.key
        if key not in self._known:
            if key in self._fresh or not node.facts:
                self._known[key] = self._observer.facts(node, self._graph.sites(key))
                node.facts = msgspec.msgpack.encode(self._known[key])
            else:
                self._known[key] = msgspec.msgpack.decode(node.facts, type=PieceFacts)
        return self._known[key]

    def _census(self, place: Place, root: Node) -> Census:
        """The whole. It is judged with the root, which is fresh whenever anything below it is."""
        self._gather()
        facts = tuple(self._facts(node) for node in self._graph.nodes.values())
        return Census(self.api, place, piece=root, facts=facts, whole=self._whole)

    @property
    def _whole(self) -> bool:
        return not any(node.gaps for node in self._graph.nodes.values() if node.kind != "schema")

    def _subjects(self, node: Node, wanted: frozenset[type]) -> Iterator[View]:
        if node.covered:
            return
        if Breach in wanted:
            yield from breaches(self.api, node, self._graph.sites(node.key))
        for view in self._seen(node):
            if type(view) in wanted:
                yield view
            if view is self.api and Census in wanted:
                yield self._census(view.place, node)
            if Segment in wanted and isinstance(view, PathItem) and view.served:
                yield from self._segments(view, view.role, node)
            if Credential in wanted:
                yield from credentials(view)

    def _seen(self, node: Node) -> list[View]:
        """What a piece holds, each looked at through one view, so that its facts are worked out once for all rules."""
        if node.key not in self._views:
            self._views[node.key] = [view for site in self._graph.sites(node.key) for view in self._view(node, site)]
        return self._views[node.key]

    def _view(self, node: Node, site: Site) -> Iterator[View]:
        api, place, role = self.api, site.place, site.role
        if site.refers:
            yield Reference(api, place, (), role, node, kind=site.kind)
        if site.kind == "api":
            yield api
            yield from api.servers if api.version == "2.0" else ()
        elif site.kind == "path":
            yield PathItem.at_key(api, place, role, node)
        elif site.kind == "operation":
            yield Operation.at_key(api, place, role, node)
        elif site.kind == "schema":
            if not site.refers or (api.modern and len(place.node) > 1):  # type: ignore[arg-type]
                yield Schema(api, place, (), role, node)
        elif not site.refers:
            yield from self._message(node, site)

    def _message(self, node: Node, site: Site) -> Iterator[View]:
        api, place, role = self.api, site.place, site.role
        name = str(place.key)
        if site.kind == "response":
            yield Response(api, place, (), role, node, status=role.status or "")
        elif site.kind == "parameter":
            body = api.version == "2.0" and isinstance(place.node, dict) and place.node.get("in") == "body"
            yield RequestBody(api, place, (), role, node) if body else Parameter(api, place, (), role, node)
            if api.version == "2.0" and not body:
                yield Schema(api, place, (), role, node)
        elif site.kind == "body":
            yield RequestBody(api, place, (), role, node)
        elif site.kind == "header":
            yield Header(api, place, (), role, node, name=name)
            if api.version == "2.0":
                yield Schema(api, place, (), role, node)
        elif site.kind == "media":
            yield MediaType(api, place, (), role, node, name=name)
        elif site.kind == "security":
            yield SecurityScheme(api, place, (), role, node, name=name)
        elif site.kind == "server":
            url = place.node.get("url") if isinstance(place.node, dict) else ""
            yield Server(api, place, (), role, node, url=url if isinstance(url, str) else "")

    def _segments(self, item: PathItem, role: Role, node: Node) -> Iterator[Segment]:
        named = item.named or item.place
        for segment in item.segments:
            if self.api.templates.home(segment.prefix) == item.path:
                yield Segment(self.api, named, (), role, node, segment=segment, item=item)

    def _cover(self, nodes: Iterable[Node]) -> None:
        known = list(nodes)
        coverage = self.coverage
        coverage.gaps += list(dict.fromkeys(gap for node in known for gap in node.gaps))
        coverage.counts["specs"] = 1
        coverage.counts["operations"] = sum(len(node.operations) for node in known)
        coverage.counts["files"] = len({path for node in known for path in node.files} - self._documents.unread)
        self._notes |= {document.path: document.notes for document in self._documents.opened}
        self._notes = {path: self._notes.get(path, []) for node in known for path in node.files}
        coverage.notes += [note for notes in self._notes.values() for note in notes]


class _Recalled(msgspec.Struct, array_like=True):
    """What is left of a former reading: its pieces, and by file its notes and its repeated keys."""

    nodes: list[Node]
    notes: dict[str, list[str]]
    repeats: dict[str, list[Repeat]] = {}


def _recalled(memory: Memory | None, root: str) -> _Recalled:
    """What a former reading left; nothing once the root document has changed, for every piece may look at it."""
    if memory is None or not memory.data or root in memory.changed:
        return _Recalled([], {})
    try:
        return msgspec.msgpack.decode(memory.data, type=_Recalled)
    except msgspec.MsgspecError:
        return _Recalled([], {})
