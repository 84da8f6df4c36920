"""A text that is put together from parts of a file, and still knows where each of its words stands in that file."""

from __future__ import annotations

import bisect
from typing import NamedTuple

from archcheck.source import Location, Source


class Piece(NamedTuple):
    """Where a part of a text stands in the file: `exact` when its further lines are lines of the file, too."""

    offset: int
    line: int
    column: int
    exact: bool


class Extract(Source):
    """A text that Python makes of literals, with the places of the literals."""

    __slots__ = ("_pieces",)

    def __init__(self, path: str, text: str, pieces: list[Piece]) -> None:
        super().__init__(path, b"")
        self._text = text
        self._pieces = pieces

    def location(self, offset: int, end: int | None = None) -> Location:
        """The place in the Python file; behind an escaped line break, that of the row it is written in."""
        piece = self._pieces[max(bisect.bisect_right(self._pieces, offset, key=lambda piece: piece.offset) - 1, 0)]
        before = self.text[piece.offset : offset]
        breaks = before.count("\n")
        if breaks and not piece.exact:
            return Location(self.path, piece.line, piece.column)
        column = len(before) - before.rindex("\n") if breaks else piece.column + len(before)
        said = self.text[offset:end].split("\n", 1)[0] if end is not None else ""
        return Location(self.path, piece.line + breaks, column, column + len(said) if said else 0)
