"""A place is one value in one document, and the way to it from the top."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeAlias

from msgspec import Struct, field

from archcheck.source import Location, Source

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

_COLUMN = (1 << 25) - 1


def pack(line: int, column: int) -> int:
    """A line and a column, both from 0, in one number: a large document holds a hundred thousand of them."""
    return line << 25 | column


def unpack(mark: int) -> tuple[int, int]:
    """The line and the column of a mark, both from 1."""
    return (mark >> 25) + 1, (mark & _COLUMN) + 1


class Built(Struct):
    """A YAML document as built: its value, the marks of its containers, repeated keys and notes.

    `marks[id(container)]` holds one mark per key or item, in the container's own order; `start` is that of the value.
    `repeated` holds each key that stands twice in a mapping, with the marks of its earlier and its later place.
    """

    value: Json = None
    start: int = 0
    marks: dict[int, list[int]] = field(default_factory=dict)
    repeated: list[tuple[str, int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Layout(Struct, frozen=True):
    """How a mapping or a list stands in the text: in `flow` (braces) or as a block, `json` where all is quoted.

    `spans` are the offsets of its entries from key or item to the end of the value; `start` is where it starts itself.
    """

    flow: bool
    json: bool
    start: int
    spans: tuple[tuple[int, int], ...]


class Document(Protocol):
    """What a place needs to know of the document it lies in."""

    path: str
    source: Source

    def locate(self, place: Place) -> Location:
        """The location of the key or item a place stands under; of the first value for the whole document."""

    def bare(self, place: Place) -> bool:
        """Whether the key of a place is written without quotes."""

    def within(self, place: Place, start: int, length: int) -> Location:
        """The location of a part of a key, `start` characters into it; of the whole key where it is spelt otherwise."""

    def layout(self, place: Place) -> Layout | None:
        """How a mapping or a list stands in the text; None where that cannot be told."""

    def spot(self, place: Place) -> tuple[int, int]:
        """The line and the column of the same, without the cost of looking at the text."""


class Place:
    """One value in one document: `parent` and `key` say how it is reached, `node` is the value itself.

    Places are never copies. A `$ref` is a place of its own; what it names is another place, maybe in another file.
    """

    __slots__ = ("document", "key", "node", "parent")

    def __init__(self, document: Document, parent: Place | None, key: str | int, node: Json) -> None:
        self.document = document
        self.parent = parent
        self.key = key
        self.node = node

    @property
    def path(self) -> str:
        """The file it lies in."""
        return self.document.path

    @property
    def parts(self) -> tuple[str | int, ...]:
        """The keys and indexes that lead to it from the top of its document."""
        parts: list[str | int] = []
        place: Place = self
        while place.parent is not None:
            parts.append(place.key)
            place = place.parent
        return tuple(reversed(parts))

    @property
    def pointer(self) -> str:
        """The JSON pointer of it within its file, such as `/paths/~1orders/get`; empty for the whole document."""
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in self.parts)

    @property
    def at(self) -> Location:
        """Where its key stands: the smallest anchor for a finding about it."""
        return self.document.locate(self)

    @property
    def spot(self) -> tuple[int, int]:
        """The line and the column of its key, from 1."""
        return self.document.spot(self)

    def child(self, key: str) -> Place | None:
        """The value under a key; None where there is none, or where this is no mapping."""
        node = self.node
        if type(node) is dict and key in node:
            return Place(self.document, self, key, node[key])
        return None

    def children(self) -> Iterator[Place]:
        """All direct values, in document order."""
        node = self.node
        if type(node) is dict:
            for key, value in node.items():
                yield Place(self.document, self, key, value)
        elif type(node) is list:
            for index, value in enumerate(node):
                yield Place(self.document, self, index, value)

    @property
    def reference(self) -> str | None:
        """The text of its `$ref`, when it is an object that has one."""
        node = self.node
        if type(node) is dict and "$ref" in node:
            text = node["$ref"]
            return text if isinstance(text, str) else None
        return None
