"""Places in the protocol's coordinates: lines and columns from 0, columns in the units that the editor counts in.

Those are UTF-16 code units unless it asked for others; a finding counts code points from 1. A line ends at the same
signs for both.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from lsprotocol.types import Position, PositionEncodingKind, Range, TextEdit
from pygls import uris

from archcheck.finding import Edit
from archcheck.source import Location, Source, Unread

Texts: TypeAlias = Callable[[str], Source | None]
"""The files of a project by path, as the editor or the disk has them; None for one that cannot be read."""

Encoding: TypeAlias = PositionEncodingKind | str | None

_WORD: Final = re.compile(r"""\"[^\"]*\"|'[^']*'|[\w./@$-]+|\S""")


def path_of(uri: str) -> Path | None:
    """The resolved path of a document; None where it is no file."""
    if uris.uri_scheme(uri) != "file":
        return None
    path = uris.to_fs_path(uri)
    return Path(os.path.realpath(path)) if path else None


def uri_of(root: Path, path: str) -> str:
    """The address of a file of a project."""
    return uris.from_fs_path(str(root / path)) or ""


def source_of(path: str, text: str) -> Source:
    """An editor's text as the file that it would be saved as."""
    source = Source(path, text.encode("utf-8", "replace"))
    try:
        if source.encoding not in ("utf-8", "utf-8-sig"):
            return Source(path, text.encode(source.encoding, "replace"))
    except (Unread, LookupError):
        pass
    return source


def range_of(at: Location, source: Source | None, encoding: Encoding) -> Range:
    """What a location covers; the word that starts there where only its start is known."""
    line = _line(source, at.line)
    start = max(at.column - 1, 0)
    word = _WORD.match(line, start)
    end = max(at.end_column - 1, start) if at.end_column else word.end() if word is not None else start + 1
    row = max(at.line - 1, 0)
    return Range(
        Position(row, _units(line, start, encoding)),
        Position(row, _units(line, end, encoding)),
    )


def text_edit(edit: Edit, source: Source | None, encoding: Encoding) -> TextEdit:
    """An edit in the protocol's words; the line breaks it brings become those of the file."""
    first = _units(_line(source, edit.line), edit.column - 1, encoding)
    last = _units(_line(source, edit.end_line), edit.end_column - 1, encoding)
    text = edit.text if source is None else edit.text.replace("\n", source.line_break)
    return TextEdit(Range(Position(edit.line - 1, first), Position(edit.end_line - 1, last)), text)


def overlap(one: Range, other: Range) -> bool:
    """Whether two ranges share a place, their ends included."""
    return _key(one.start) <= _key(other.end) and _key(other.start) <= _key(one.end)


def _key(position: Position) -> tuple[int, int]:
    return position.line, position.character


def _line(source: Source | None, number: int) -> str:
    try:
        return source.line(number) if source is not None else ""
    except Unread:
        return ""


def _units(line: str, column: int, encoding: Encoding) -> int:
    """How many units the first code points of a line have; what lies behind its end counts one each."""
    before = line[:column]
    beyond = column - len(before)
    if encoding == PositionEncodingKind.Utf32 or before.isascii():
        return column
    if encoding == PositionEncodingKind.Utf8:
        return len(before.encode("utf-8", "replace")) + beyond
    return len(before) + sum(sign > "\uffff" for sign in before) + beyond
