"""Python files read as data: a tree with exact places, and the values that stand in it as literals.

Nothing is run. What is not written out is `UNKNOWN`, and so is everything that is made of it.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from archcheck.source import Source, Unread
from archcheck.surfaces.sql.extract import Extract, Piece
from archcheck.surfaces.sql.parts import Span
from archcheck.surfaces.sql.reading import read_chunk
from archcheck.surfaces.sql.splitter import split
from archcheck.surfaces.sql.statements import Ignored, Opaque, Statement


class Unknown:
    """The value of what is computed when the migration runs."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

# How far a name is followed to the name it was given, and how long a text may grow while it is put together.
_DEPTH: Final = 20
_LONGEST: Final = 1_000_000

_QUOTED: Final = re.compile(r"[ \t(]*[rRbBuUfF]{0,2}(\"\"\"|\'\'\'|\"|\')")
_DATA: Final = frozenset("INSERT UPDATE DELETE SELECT TRUNCATE MERGE REPLACE ANALYZE VACUUM COMMENT GRANT".split())


class Bound(NamedTuple):
    """An expression with the names that were in force where it stands."""

    node: ast.expr
    scope: Mapping[str, Bound]


class PyFile:
    """One Python file: its tree and the places in it. Raises `Unread` when it cannot be parsed."""

    def __init__(self, source: Source) -> None:
        self.source = source
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.tree = ast.parse(source.text)
        except SyntaxError as error:
            reason = f"it is no valid Python: {error.msg}"
            raise Unread(source.path, reason, line=error.lineno or 0, kind="unparsable") from None
        except (ValueError, RecursionError, MemoryError):
            raise Unread(source.path, "it is no valid Python that can be read", kind="unparsable") from None

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


def value(bound: Bound, depth: int = _DEPTH) -> object:
    """The value of an expression that is written out, else `UNKNOWN`: texts, numbers, tuples, lists, sets and dicts."""
    node, scope = bound
    if isinstance(node, ast.Constant):
        return node.value
    if depth <= 0:
        return UNKNOWN
    if isinstance(node, ast.Name):
        return value(scope[node.id], depth - 1) if node.id in scope else UNKNOWN
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        items = [value(Bound(item, scope), depth - 1) for item in node.elts]
        return tuple(items) if isinstance(node, ast.Tuple) else items
    if isinstance(node, ast.Dict):
        keys = [value(Bound(key, scope), depth - 1) if key is not None else UNKNOWN for key in node.keys]
        values = [value(Bound(item, scope), depth - 1) for item in node.values]
        return {key: item for key, item in zip(keys, values, strict=True) if isinstance(key, str | int)}
    if isinstance(node, ast.JoinedStr):
        return _joined([_formatted(part, scope, depth) for part in node.values])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _sum(value(Bound(node.left, scope), depth - 1), value(Bound(node.right, scope), depth - 1))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = value(Bound(node.operand, scope), depth - 1)
        return -number if isinstance(number, int | float) else UNKNOWN
    if isinstance(node, ast.Call):
        return _called(node, scope, depth)
    return UNKNOWN


def followed(bound: Bound) -> Bound:
    """What a name was given, down to something that is no name."""
    for _ in range(_DEPTH):
        node, scope = bound
        if not isinstance(node, ast.Name) or node.id not in scope:
            break
        bound = scope[node.id]
    return bound


def dotted(node: ast.expr) -> str:
    """`a.b.c` as text; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def literals(node: ast.AST) -> Iterator[str]:
    """All texts written in a part of the tree."""
    for child in ast.walk(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value


def _formatted(part: ast.expr, scope: Mapping[str, Bound], depth: int) -> object:
    if isinstance(part, ast.FormattedValue):
        plain = part.format_spec is None and part.conversion == -1
        return value(Bound(part.value, scope), depth - 1) if plain else UNKNOWN
    return value(Bound(part, scope), depth - 1)


def _joined(parts: list[object]) -> object:
    if all(isinstance(part, str | int) for part in parts):
        text = "".join(map(str, parts))
        return text if len(text) <= _LONGEST else UNKNOWN
    return UNKNOWN


def _sum(left: object, right: object) -> object:
    if isinstance(left, str) and isinstance(right, str):
        return _joined([left, right])
    if isinstance(left, list) and isinstance(right, list):
        return [*left, *right]
    if isinstance(left, tuple) and isinstance(right, tuple):
        return (*left, *right)
    return UNKNOWN


def _called(node: ast.Call, scope: Mapping[str, Bound], depth: int) -> object:
    """`"...".format(...)`, and the marks that leave a text as it is: `op.f`, `text`, `dedent`."""
    name = dotted(node.func).rpartition(".")[2]
    if name in ("f", "text", "quoted_name", "dedent", "str", "gettext_lazy", "_", "tuple", "list") and node.args:
        return value(Bound(node.args[0], scope), depth - 1)
    if isinstance(node.func, ast.Attribute) and not node.keywords:
        text = value(Bound(node.func.value, scope), depth - 1)
        if isinstance(text, str) and node.func.attr in ("strip", "rstrip", "lstrip", "lower", "upper"):
            return getattr(text, node.func.attr)() if not node.args else UNKNOWN
    return UNKNOWN


def _extract(file: PyFile, node: ast.expr, text: str) -> Source:
    pieces: list[Piece] = []
    for part in _texts(node):
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
    return Ignored(at, first) if first in _DATA else Opaque(at, "SQL made at run time", ("*",))
