"""Python files read as data: a tree with exact places, and the SQL that stands in it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Final

from archcheck.source import Source, Unread
from archcheck.surfaces.sql.blocks import changes_tables
from archcheck.surfaces.sql.extract import Extract, Piece
from archcheck.surfaces.sql.parts import Span
from archcheck.surfaces.sql.pynodes import Bound, literals
from archcheck.surfaces.sql.pyvalues import followed, value
from archcheck.surfaces.sql.reading import read_chunk
from archcheck.surfaces.sql.splitter import split
from archcheck.surfaces.sql.statements import Ignored, Opaque, Statement

_MEND: Final = "correct the syntax, or exclude it"
_QUOTED: Final = re.compile(r"[ \t(]*[rRbBuUfF]{0,2}(\"\"\"|\'\'\'|\"|\')")
_DATA: Final = frozenset("INSERT UPDATE DELETE SELECT TRUNCATE MERGE REPLACE ANALYZE VACUUM COMMENT GRANT".split())


# What no table hangs on, whatever is filled in later.
_APART: Final = re.compile(
    r"\s*(?:CREATE\s+(?:OR\s+REPLACE\s+)?|DROP\s+)(?:CONSTRAINT\s+)?(?:TRIGGER|FUNCTION|PROCEDURE)\b", re.IGNORECASE
)


class PyFile:
    """One Python file: its tree and the places in it. Raises `Unread` when it cannot be parsed."""

    def __init__(self, source: Source) -> None:
        self.source = source
        # Where what is written in no place of this file counts as standing: the call that led to it.
        self.standing = Span(1)
        # How constraints without a name are called, by the kind of constraint.
        self.convention: Mapping[str, str] = {}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.tree = ast.parse(source.text)
        except SyntaxError as error:
            reason = f"it is no valid Python: {error.msg}"
            raise Unread(source.path, reason, line=error.lineno or 0, kind="unparsable", way_out=_MEND) from None
        except (ValueError, RecursionError, MemoryError):
            reason = "it is no valid Python that can be read"
            raise Unread(source.path, reason, kind="unparsable", way_out=_MEND) from None

    def offset(self, line: int, column: int) -> int:
        """The place of a node's line and (UTF-8) column in the text."""
        starts = self.source.starts
        start = starts[line - 1]
        text = self.source.text[start : start + column]
        if not text.isascii():
            stop = starts[line] if line < len(starts) else len(self.source.text)
            text = self.source.text[start:stop].encode("utf-8", "replace")[:column].decode("utf-8", "replace")
        return start + len(text)

    def span(self, node: ast.expr | ast.stmt) -> Span:
        """The place of a node, cut at the end of its first line."""
        if not node.lineno:
            return self.standing
        start = self.offset(node.lineno, node.col_offset)
        end = self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        place = self.source.location(start, end)
        return Span(place.line, place.column, place.end_column)

    def statements(self, bound: Bound, dialect: str) -> list[Statement]:
        """The SQL in an expression as statements, each where it stands in the file."""
        node, scope = followed(bound)
        text = value(Bound(node, scope))
        if isinstance(text, str):
            source = _extract(self, node, text)
            return [read for chunk in split(text, dialect) if (read := read_chunk(source, dialect, chunk)) is not None]
        return [_half_known(node, self.span(node))]


def _extract(file: PyFile, node: ast.expr, text: str) -> Source:
    if not node.lineno:
        return Extract(file.source.path, text, [Piece(0, file.standing.line, file.standing.column, False)])
    pieces: list[Piece] = []
    for part in _texts(node):
        if not part.lineno:
            continue
        content = part.value if isinstance(part, ast.Constant) else None
        begin = text.find(content, pieces[-1].offset if pieces else 0) if isinstance(content, str) and content else -1
        if begin < 0 or not isinstance(content, str):
            continue
        start = file.offset(part.lineno, part.col_offset)
        written = file.source.text[start : file.offset(part.end_lineno or part.lineno, part.end_col_offset or 0)]
        at = written.find(content)
        if at >= 0:
            place = file.source.location(start + at)
            pieces.append(Piece(begin, place.line, place.column, True))
        else:
            pieces += _rows(content, begin, written, file, start)
    if not pieces or pieces[0].offset > 0:
        place = file.source.location(file.offset(node.lineno, node.col_offset))
        pieces.insert(0, Piece(0, place.line, place.column, False))
    return Extract(file.source.path, text, sorted(pieces))


def _texts(node: ast.expr) -> Iterator[ast.expr]:
    """The literals that a text is made of, in order."""
    if isinstance(node, ast.Call):
        inner = node.args[:1] or ([node.func.value] if isinstance(node.func, ast.Attribute) else [])
        for child in inner:
            yield from _texts(child)
    elif isinstance(node, ast.BinOp):
        yield from _texts(node.left)
        yield from _texts(node.right)
    elif isinstance(node, ast.JoinedStr):
        yield from (part for part in node.values if isinstance(part, ast.Constant))
    else:
        yield node


def _rows(content: str, begin: int, written: str, file: PyFile, start: int) -> Iterator[Piece]:
    """Row by row of a literal with escapes or in several pieces: where each row's first words stand in the text."""
    position = 0
    for row in written.splitlines(keepends=True):
        quoted = _QUOTED.match(row)
        first = quoted.end() if quoted else 0
        said = row[first:].split("\\", 1)[0].rstrip("\r\n")
        said = said.rsplit(quoted.group(1), 1)[0] if quoted and quoted.group(1) in said else said
        at = content.find(said, position) if said.strip() else -1
        if at >= 0:
            place = file.source.location(start + first)
            yield Piece(begin + at, place.line, place.column, False)
            position = at + len(said)
        start += len(row)


def _half_known(node: ast.expr, at: Span) -> Statement:
    """A statement of which only parts are written out: data when its first word says so, else anything."""
    first = next((text.split(None, 1)[0].upper() for text in literals(node) if text.strip()), "")
    text = " ".join(literals(node))
    if first in _DATA or (_APART.match(text) and not changes_tables(text)):
        return Ignored(at, first)
    return Opaque(at, "SQL made at run time", ("*",))
