"""The graph joins the pieces of a document: a piece is one component, and an edge is a `$ref` from piece to piece.

A piece is known by what it is, its file and its pointer. Its facts look down, along its edges, and at the root file;
never up. That makes it sound to replay a piece whose own files, and the files of all pieces below it, have not
changed. Three things do come from above and are therefore compared with what is remembered: the directions and statuses
a component is used for (`contexts`), how many operations reach it (`reach`), and whether another piece contains
it (`covered`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct, field

from archcheck.source import Unread
from archcheck.surface import Gap
from archcheck.surfaces.openapi.counts import Part
from archcheck.surfaces.openapi.grammar import GRAMMAR, SECTIONS, Kind, Role, Site, walk
from archcheck.surfaces.openapi.place import Place
from archcheck.surfaces.openapi.references import References, locate

INWARD, OUTWARD = "in", "out"
INCLUDED = frozenset({"path", "operation"})
"""What is judged with the path it is used under, even where it stands behind a `$ref`."""
_COVERING = (
    *("path", "callback", "response", "parameter", "body", "header", "media", "schema"),
    *("statuses", "map:header", "map:media", "map:schema"),
)


class Edge(msgspec.Struct, frozen=True, array_like=True):
    """A reference from one piece to another, with the role of the place it stands at."""

    target: str
    turned: bool
    status: str | None
    operation: str


class Node(msgspec.Struct, array_like=True):
    """One piece: where it is, the files that decide its shape, where it leads, and what was seen from above.

    `files` are those it was read from, `absent` those it asks for in vain. `facts` is its part of the interface,
    `counts` its part of what is counted over the API.
    """

    kind: Kind
    path: str
    pointer: str
    files: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    edges: tuple[Edge, ...] = ()
    operations: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    contexts: tuple[str, ...] = ()
    reach: int = 0
    covered: str = ""
    facts: bytes = b""
    counts: dict[str, Part] = {}

    @property
    def key(self) -> str:
        """What it is known by."""
        return key_of(self.kind, self.path, self.pointer)


def key_of(kind: Kind, path: str, pointer: str) -> str:
    """The key of a piece; a map of components and its entries differ by kind."""
    return f"{kind} {path}#{pointer}"


class Graph(Struct):
    """All pieces reached from a root, in the order in which they were reached.

    `former` holds the pieces of an earlier reading and `changed` the files that differ since; `dirty` are the pieces
    that had to be walked again.
    """

    root: str
    references: References
    modern: bool
    former: Mapping[str, Node] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    nodes: dict[str, Node] = field(default_factory=dict)
    dirty: set[str] = field(default_factory=set)
    _sites: dict[str, list[Site]] = field(default_factory=dict)

    def build(self) -> None:
        """Reach every piece: from memory where its own files hold, else by walking it."""
        waiting = deque([Node("root", self.root, "")])
        while waiting:
            node = waiting.popleft()
            key = node.key
            if key in self.nodes:
                continue
            known = self.former.get(key)
            if known is not None and self._stands(known):
                node = msgspec.structs.replace(known)
            else:
                self.dirty.add(key)
                self._grow(node)
            self.nodes[key] = node
            waiting.extend(_stub(edge.target) for edge in node.edges if edge.target not in self.nodes)
        settle(self.nodes)
        self._cover()

    def _stands(self, known: Node) -> bool:
        """Whether a remembered piece is still as it was: its own files, and where it leads, which may be gone."""
        return (
            self.changed.isdisjoint(known.files)
            and self.changed.isdisjoint(known.absent)
            and not any(_stub(edge.target).path in self.changed for edge in known.edges)
        )

    def fresh(self) -> frozenset[str]:
        """The pieces to judge anew: walked ones and all that lean on them, and those seen differently from above."""
        above: dict[str, list[str]] = {}
        for key, node in self.nodes.items():
            for edge in node.edges:
                above.setdefault(edge.target, []).append(key)
        fresh: set[str] = set()
        waiting = list(self.dirty)
        while waiting:
            key = waiting.pop()
            if key not in fresh:
                fresh.add(key)
                waiting.extend(above.get(key, ()))
        for key, node in self.nodes.items():
            known = self.former.get(key)
            if known is None or _seen(known) != _seen(node):
                fresh.add(key)
        return frozenset(fresh)

    def sites(self, key: str) -> list[Site]:
        """What a piece holds, in document order; objects that it shares by inclusion are listed where they are used."""
        if key not in self._sites:
            node = self.nodes[key]
            try:
                self._sites[key] = self._walk(node, set())
            except Unread:
                self._sites[key] = []
        return self._sites[key]

    def _grow(self, node: Node) -> None:
        """Fill in a piece's files and edges by walking it."""
        files = {node.path}
        key = node.key
        try:
            self._sites[key] = self._walk(node, files)
        except Unread as unread:
            if node.kind == "root":
                raise
            self._sites[key] = []
            node.files = (node.path,)
            node.gaps = (_gap_of(unread),)
            return
        edges: dict[Edge, None] = {}
        node.gaps = tuple(gap for site in self._sites[key] if (gap := self._gap(site)) is not None)
        if node.kind == "root":
            edges.update(dict.fromkeys(self._entries(files)))
        for site in self._sites[key] if node.kind != "root" else ():
            if site.refers and site.kind not in INCLUDED and site.kind != "reference":
                edges.update(dict.fromkeys(self._edges(site, files)))
        node.edges = tuple(edges)
        node.operations = tuple(_identity(site.place) for site in self._sites[key] if site.kind == "operation")
        absent = {path for path in files if not self.references.documents.exists(path)}
        node.files, node.absent = tuple(sorted(files - absent)), tuple(sorted(absent))

    def _gap(self, site: Site) -> Gap | None:
        """What a reference leaves unread: a file that cannot be, or what lies on the network or outside the project."""
        text = site.place.reference if site.refers else None
        target = self.references.resolve(site.place.path, text) if text is not None else None
        if target is not None and target.unread is not None:
            return _gap_of(target.unread)
        if target is None or target.outcome not in ("remote", "outside"):
            return None
        line = (site.place.child("$ref") or site.place).spot[0]
        reason = f"the reference '{text}' is not followed: {target.reason}"
        return Gap(site.place.path, line, "unreadable", reason, "copy what it names into the project")

    def _edges(self, site: Site, files: set[str]) -> Iterator[Edge]:
        target = self.references.resolve(site.place.path, site.place.reference or "")
        if not target.plain:
            files.update(target.touched)
        operation = _identity(site.role.operation) if site.role.operation is not None else ""
        if target.place is not None:
            key = key_of(site.kind, target.place.path, target.place.pointer)
            yield Edge(key, site.role.turned, site.role.status, operation)
        elif target.unread is not None:
            yield Edge(key_of(site.kind, target.unread.path, ""), site.role.turned, site.role.status, operation)

    def _walk(self, node: Node, files: set[str]) -> list[Site]:
        document = self.references.documents.open(node.path)
        if node.kind == "root":
            return list(self._top(document.top))
        place = locate(document, node.pointer)
        if place is None:
            return []
        return list(self._included(walk(node.kind, place, Role(), self.modern), files, set()))

    def _included(self, sites: Iterator[Site], files: set[str], seen: set[int]) -> Iterator[Site]:
        """Sites, and behind a path item or operation that is a reference the sites of what it names.

        Such an object is judged with the path it is used under: it means nothing without it.
        """
        for site in sites:
            yield site
            if not site.refers or site.kind not in INCLUDED:
                continue
            followed = self.references.follow(site.place)
            if followed.target is not None:
                files.update(followed.target.touched)
            for place in followed.chain[1:]:
                files.add(place.path)
                yield Site("reference", place, site.role, True)
            if followed.place is None or id(followed.place.node) in seen:
                continue
            files.add(followed.place.path)
            seen.add(id(followed.place.node))
            inner = walk(site.kind, followed.place, site.role, self.modern, named=True)
            yield from self._included(inner, files, seen)

    def _top(self, top: Place) -> Iterator[Site]:
        yield Site("api", top, Role())
        if (servers := top.child("servers")) is not None:
            yield from walk("list:server", servers, Role(), self.modern)
        for place, kind, _ in self._sections(top):
            if place.reference is not None:
                yield Site(kind, place, Role(), True)

    def _entries(self, files: set[str]) -> Iterator[Edge]:
        """The edges of the root: to each path, each webhook and each shared object, used or not."""
        top = self.references.documents.open(self.root).top
        for place, kind, context in self._sections(top):
            followed = self.references.follow(place)
            if followed.target is not None:
                files.update(followed.target.touched)
            if followed.place is None:
                continue
            place = followed.place
            files.add(place.path)
            inner = "path" if kind in ("paths", "webhooks") else kind[4:]
            for child in place.children():
                if inner != "path" or not str(child.key).startswith("x-"):
                    yield Edge(key_of(inner, child.path, child.pointer), False, context, "")

    def _sections(self, top: Place) -> Iterator[tuple[Place, Kind, str]]:
        """The mappings of named objects at the top, with what they hold and the context their entries start from."""
        components = top.child("components")
        shared = self.references.follow(components).place if components is not None else None
        if components is not None and components.reference is not None:
            yield components, "components", ""
        for key, context in (("paths", INWARD), ("webhooks", OUTWARD)):
            if (place := top.child(key)) is not None:
                yield place, key, context
        for key, kind in SECTIONS.items():
            if (place := top.child(key)) is not None:
                yield place, kind, ""
        for key, kind in GRAMMAR["components"].items():
            if shared is not None and (place := shared.child(key)) is not None:
                yield place, kind, ""

    def _cover(self) -> None:
        """Note the pieces that lie inside another one, which holds their objects already."""
        for node in self.nodes.values():
            node.covered = ""
            for outer in self._around(node):
                if self._holds(outer, node):
                    node.covered = outer.key
                    break

    def _around(self, node: Node) -> Iterator[Node]:
        if node.kind == "root" or not node.pointer:
            return
        pointer = node.pointer
        while pointer:
            pointer = pointer.rpartition("/")[0]
            for kind in _COVERING:
                outer = self.nodes.get(key_of(kind, node.path, pointer))
                if outer is not None:
                    yield outer

    def _holds(self, outer: Node, inner: Node) -> bool:
        known = self.former.get(inner.key)
        unchanged = outer.key not in self.dirty and inner.key not in self.dirty
        if unchanged and known is not None and known.covered in ("", outer.key) and outer.key in self.former:
            return known.covered == outer.key
        return any(
            site.place.path == inner.path and site.kind == inner.kind and site.place.pointer == inner.pointer
            for site in self.sites(outer.key)
        )


def settle(nodes: Mapping[str, Node]) -> None:
    """Hand contexts and operations down the edges until nothing changes, and write them into the pieces."""
    contexts: dict[str, set[str]] = {key: set() for key in nodes}
    bits: dict[str, int] = dict.fromkeys(nodes, 0)
    bit_of = {
        operation: 1 << number
        for number, operation in enumerate(name for node in nodes.values() for name in node.operations)
    }
    waiting: deque[str] = deque(nodes)
    queued = set(nodes)
    while waiting:
        key = waiting.popleft()
        queued.discard(key)
        node = nodes[key]
        own = bits[key]
        for operation in node.operations:
            own |= bit_of[operation]
        for edge in node.edges:
            target = edge.target
            if node.kind == "root":
                given = {edge.status} if edge.status else set()
                reached = 0
            else:
                given = {turn(context, edge.turned, edge.status) for context in contexts[key]}
                reached = bit_of.get(edge.operation, own) if edge.operation else own
            if given <= contexts[target] and reached | bits[target] == bits[target]:
                continue
            contexts[target] |= given
            bits[target] |= reached
            if target not in queued:
                queued.add(target)
                waiting.append(target)
    for key, node in nodes.items():
        node.contexts = tuple(sorted(contexts[key]))
        node.reach = bits[key].bit_count()


def turn(context: str, turned: bool, status: str | None) -> str:
    """A context one edge further: `in` and `out` swap when the payload goes the other way; a status follows a colon."""
    direction, _, former = context.partition(":")
    if turned:
        direction = OUTWARD if direction == INWARD else INWARD
    status = former if status is None else status
    return f"{direction}:{status}" if status else direction


def _gap_of(unread: Unread) -> Gap:
    return Gap(unread.path, unread.line, unread.kind, unread.reason, unread.way_out)


def _seen(node: Node) -> tuple[tuple[str, ...], int, str]:
    return node.contexts, node.reach, node.covered


def _stub(key: str) -> Node:
    kind, _, rest = key.partition(" ")
    path, _, pointer = rest.partition("#")
    return Node(kind, path, pointer)


def _identity(place: Place) -> str:
    return f"{place.path}#{place.pointer}"
