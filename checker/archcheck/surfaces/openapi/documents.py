"""Documents are opened when a `$ref` leads to them, once each, and never outside the root or over the network."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Final

from archcheck.source import Location, Source, Unread
from archcheck.surface import Files, Limits
from archcheck.surfaces.openapi.jsontext import Positions, parse, repeats
from archcheck.surfaces.openapi.place import Built, Json, Layout, Place, unpack

# Prose that bundlers paste in by reference: it is a string, whatever it looks like.
_PROSE: Final = (".md", ".markdown", ".txt", ".html", ".htm", ".graphql", ".xml", ".proto")
_QUOTED: Final = {'"': re.compile(r'"(?:[^"\\]|\\.)*"'), "'": re.compile(r"'(?:[^']|'')*'")}
_IDENTIFIED: Final = re.compile(r"\$(?:id|anchor|dynamicAnchor)\b|\"id\"|^\s*id:", re.MULTILINE)


class Document:
    """One parsed file: its value, and where everything in it stands."""

    __slots__ = ("_anchors", "_built", "_positions", "_spots", "path", "source", "top")

    def __init__(self, source: Source, built: Built | None, value: Json) -> None:
        self.source = source
        self.path = source.path
        self.top = Place(self, None, "", value)
        self._built = built
        self._positions: Positions | None = None
        self._anchors: dict[str, Place] | None = None
        self._spots: dict[int, dict[str | int, int]] = {}

    @property
    def notes(self) -> list[str]:
        """What the builder had to say about it."""
        return self._built.notes if self._built is not None else []

    def spot(self, place: Place) -> tuple[int, int]:
        """The line and the column of a place's key or item, both from 1."""
        if self._built is None:
            at = self.source.location(self._span(place)[0])
            return at.line, at.column
        return unpack(self._mark(place))

    def locate(self, place: Place) -> Location:
        """The location of a place's key, quotes included; of an item or a whole document, where its value starts."""
        if self._built is None:
            start, stop, _ = self._span(place)
            return self.source.location(start, stop if stop > start else None)
        line, column = unpack(self._mark(place))
        if place.parent is None or isinstance(place.key, int):
            return Location(self.path, line, column)
        return Location(self.path, line, column, _key_end(self.source.line(line), column - 1, place.key) + 1)

    def bare(self, place: Place) -> bool:
        """Whether the key of a place is written without quotes, as YAML allows."""
        if self._built is None:
            return False
        line, column = unpack(self._mark(place))
        return self.source.line(line).startswith(str(place.key), column - 1)

    def within(self, place: Place, start: int, length: int) -> Location:
        """The location of a part of a key, `start` characters into it; of the whole key where it is spelt otherwise."""
        whole = self.locate(place)
        written = self.source.line(whole.line)[whole.column - 1 : whole.end_column - 1]
        quoted = written[:1] in ("'", '"')
        if not whole.end_column or (written[1:-1] if quoted else written) != place.key:
            return whole
        column = whole.column + start + (1 if quoted else 0)
        return Location(whole.path, whole.line, column, column + length)

    def extent(self, place: Place) -> tuple[int, int]:
        """The first and the last line of an object, the line of its key included. Looks through the whole text."""
        first = self.locate(place).line
        if self._built is None:
            return first, self.source.location(self._position().end(place.parts)).line
        from archcheck.surfaces.openapi.builder import extents

        children = self._built.marks.get(id(place.node))
        start = children[0] if children else 0
        return first, next((last for mark, last in extents(self.source) if mark == start), first)

    def layout(self, place: Place) -> Layout | None:
        """How a mapping or a list stands in the text; None where that cannot be told."""
        if self._built is None:
            return Layout(True, True, self._span(place)[2], tuple(self._position().spans(place.parts)))
        from archcheck.surfaces.openapi.edits import yaml_layout

        line, column = self.spot(place)
        return yaml_layout(self.source, line, column, keyed=isinstance(place.key, str) and place.parent is not None)

    def repeated(self) -> Iterator[tuple[str, Location, Location]]:
        """Each key that stands twice in a mapping, with its earlier and its later location."""
        if self._built is None:
            if type(self.top.node) is str or not repeats(self.source.text):
                return
            for key, first, later in Positions(self.source.text).repeated():
                yield key, self.source.location(first), self.source.location(later)
            return
        for key, first, later in self._built.repeated:
            yield key, Location(self.path, *unpack(first)), Location(self.path, *unpack(later))

    def anchored(self, name: str) -> Place | None:
        """The schema that a plain-name fragment or an identifier names: `$anchor`, `$dynamicAnchor`, `$id`."""
        if self._anchors is None:
            self._anchors = dict(self._named()) if _IDENTIFIED.search(self.source.text) else {}
        return self._anchors.get(name)

    @property
    def identified(self) -> bool:
        """Whether a schema in it sets a base of its own, against which its references are read."""
        return self.anchored("") is not None or any(":" in name or "." in name for name in self._anchors or ())

    def _named(self) -> Iterator[tuple[str, Place]]:
        stack = [self.top]
        while stack:
            place = stack.pop()
            if type(place.node) is dict:
                for key in ("$anchor", "$dynamicAnchor", "$id", "id"):
                    name = place.node.get(key)
                    if isinstance(name, str) and (key != "id" or name.startswith("#")):
                        yield name.removeprefix("#"), place
            stack.extend(child for child in place.children() if type(child.node) in (dict, list))

    def _mark(self, place: Place) -> int:
        assert self._built is not None
        parent = place.parent
        if parent is None:
            return self._built.start
        known = self._spots.get(id(parent.node))
        if known is None:
            node = parent.node
            keys: Iterator[str | int] = iter(node) if type(node) is dict else iter(range(len(node)))  # type: ignore[arg-type]
            known = dict(zip(keys, self._built.marks[id(node)], strict=True))
            self._spots[id(node)] = known
        return known[place.key]

    def _span(self, place: Place) -> tuple[int, int, int]:
        return self._position().find(place.parts) or (0, 0, 0)

    def _position(self) -> Positions:
        if self._positions is None:
            self._positions = Positions(self.source.text)
        return self._positions


def _key_end(line: str, start: int, key: str) -> int:
    """The offset in a line after the key that starts at one."""
    quote = line[start : start + 1]
    if quote in _QUOTED:
        quoted = _QUOTED[quote].match(line, start)
        return quoted.end() if quoted is not None else len(line)
    return start + len(key) if line.startswith(key, start) else start


class Documents:
    """The documents of one unit, opened on demand through the engine's door and kept for the length of a reading."""

    __slots__ = ("_files", "_limits", "_read")

    def __init__(self, files: Files, limits: Limits) -> None:
        self._files = files
        self._limits = limits
        self._read: dict[str, Document | Unread] = {}

    def open(self, path: str) -> Document:
        """The document at a root-relative path. Raises `Unread`, the same one each time."""
        known = self._read.get(path)
        if known is None:
            try:
                known = self._parse(self._files.open(path))
            except Unread as unread:
                known = unread
            self._read[path] = known
        if isinstance(known, Unread):
            raise known
        return known

    def exists(self, path: str) -> bool:
        """Whether there is such a file in the project."""
        return path in self._read or self._files.exists(path)

    def is_folder(self, path: str) -> bool:
        """Whether what is there is a folder with something in it."""
        return bool(self._files.listing(path))

    @property
    def opened(self) -> Iterator[Document]:
        """Those that were opened and understood."""
        return (known for known in self._read.values() if isinstance(known, Document))

    @property
    def unread(self) -> frozenset[str]:
        """The paths of those that were asked for and could not be read."""
        return frozenset(path for path, known in self._read.items() if isinstance(known, Unread))

    def _parse(self, source: Source) -> Document:
        if source.path.endswith(_PROSE):
            return Document(source, None, source.text)
        text = source.text
        if source.path.endswith(".json") or text.lstrip()[:1] in ("{", "["):
            try:
                return Document(source, None, parse(source, self._limits))
            except Unread as unread:
                if source.path.endswith(".json") or unread.kind == "limit":
                    raise
        from archcheck.surfaces.openapi.builder import build

        built = build(source, self._limits)
        return Document(source, built, built.value)


def relative(base: str, path: str) -> str:
    """A reference's path against the file that holds it; it starts with `..` when it leaves the root."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path))
