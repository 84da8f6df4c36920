"""Lowering by pieces: the function, the header or the statement that an interpreter refuses, and nothing around it.

libcst takes about twenty times as long as `ast`, and most modules of newer syntax are of older words but for a few
lines. A piece is cut by its indentation, which a string of several lines may mislead: then it is no Python by itself,
or the whole still is none, and the module is lowered whole. Nobody has to trust the cut, for the interpreter reads what
comes of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from archcheck.surfaces.python.lowering import lower

_MOST_PIECES: Final = 24
_MOST_TRIES: Final = 4
_LONGEST_HEADER: Final = 60
_LINES: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BEGINS: Final = re.compile(r"([ \t]*)(?:async\s+def|def|class|type\s+\w+)\b")
_HEADED: Final = re.compile(r"[ \t]*(?:async\s+def|def|class)\b")
_ENDS_HEADER: Final = re.compile(r"[^#]*:\s*(?:#.*)?$", re.S)
_GOES_ON: Final = re.compile(r"[ \t]*(?:[)\]}#]|$)")
_STANDS: Final = re.compile(r"(?!(?:elif|else|except|finally)\b)[A-Za-z_@]")


def lowered(text: str, line: int) -> ast.Module | None:
    """The tree of a text that is refused at a line, lowered piece by piece; None where that leads nowhere."""
    lines = _LINES.findall(text)
    done: set[int] = set()
    for _ in range(_MOST_PIECES):
        if not 0 < line <= len(lines) or line in done:
            return None
        for first, last in islice(_pieces(lines, line - 1), _MOST_TRIES):
            written = _lowered(lines[first:last])
            if written is not None:
                break
        else:
            return None
        lines[first:last] = written
        done.update(range(first + 1, last + 1))
        try:
            return ast.parse("".join(lines))
        except SyntaxError as error:
            line = error.lineno or 0
        except (ValueError, RecursionError, MemoryError):
            return None
    return None


def _pieces(lines: list[str], at: int) -> Iterator[tuple[int, int]]:
    """Where the piece around a line begins and ends: the least first, for a line of a string may look like an end."""
    found = _BEGINS.match(lines[at])
    if found is not None and _HEADED.match(lines[at]):
        for end in range(at, min(at + _LONGEST_HEADER, len(lines))):
            if _ENDS_HEADER.match(lines[end]):
                yield at, end + 1
                return
    width, start = _indentation(lines[at]), at
    while found is None and start:
        start -= 1
        found = _BEGINS.match(lines[start])
        if found is not None and len(found[1]) >= width:
            found = None
    if found is None:
        start = next((index for index in range(at, -1, -1) if _STANDS.match(lines[index])), at)
    width = len(found[1]) if found is not None else 0
    for end in range(at + 1, len(lines)):
        if (
            _indentation(lines[end]) <= width
            and not _GOES_ON.match(lines[end])
            and (width or _STANDS.match(lines[end]))
        ):
            yield start, end
    yield start, len(lines)


def _lowered(piece: list[str]) -> list[str] | None:
    """The lines of a piece in older words, in the same number; what it needs to stand alone is put around it."""
    width = _indentation(piece[0])
    opening = ["if x:\n"] if width else []
    header = _HEADED.match(piece[0]) is not None and _ENDS_HEADER.match(piece[-1]) is not None
    last = piece[-1] if piece[-1].endswith(("\n", "\r")) else f"{piece[-1]}\n"
    closing = [f"{piece[0][:width]} pass\n"] if header else []
    text = "".join((*opening, *piece[:-1], last, *closing))
    written = lower(text)
    if written is None or written == text:
        return None
    lines = _LINES.findall(written)
    if len(lines) != len(opening) + len(piece) + len(closing):
        return None
    return lines[len(opening) : len(lines) - len(closing)]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
