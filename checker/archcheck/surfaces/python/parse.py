"""Parsing turns one source into a tree, or says in one sentence why it cannot."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from typing import Final

from archcheck.late import regex
from archcheck.source import Location, Source, Unread

DEEPEST: Final = 2_000
"""The deepest tree that is read. Every interpreter we run on parses this much; what lies deeper differs among them."""

_MEND: Final = "correct the syntax, or exclude it"
_TOO_DEEP: Final = "its expressions are nested too deeply to be read"
_PRINT: Final = regex(r"\s*(?:print|exec)\s+(?![=(.,\[)])\S")
_OLD: Final = regex(r"\s*raise\s+[\w.]+\s*,|.*<>|.*\bur?['\"].*|.*`[^`]+`|.*\b0[0-7]+\b")
_OLD_MESSAGES: Final = ("Missing parentheses in call", "leading zeros in decimal integer")
_NEWER: Final = (
    (re.compile(r"\s*type\s+\w+\s*[\[=]"), "3.12"),
    (re.compile(r"\s*(?:async\s+def|def|class)\s+\w+\s*\["), "3.12"),
    (re.compile(r".*(?<!\w)(?:[tT]|[tT][rR]|[rR][tT])(?:\"|')"), "3.14"),
    (re.compile(r"\s*except\*?\s+[^():]+,[^():]+:"), "3.14"),
)
_ACCEPTS: Final = regex(r"#[ \t]*archcheck:[^\r\n]*")
_NESTED: Final = regex(r"f-string:? (?:unmatched|expecting|unterminated|.*backslash|.*'#')")


class Places:
    """Where nodes stand, and the words around them: columns of `ast` count UTF-8 bytes, ours count code points.

    In `text` and `line` the comments that accept findings are blank: what they say changes no fact.
    """

    __slots__ = ("_ascii", "_known", "_said", "_source")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._said = _unaccepted(source)
        self._ascii = source.text.isascii()
        self._known: dict[tuple[int, int, int | None], Location] = {}

    @property
    def source(self) -> Source:
        """The file."""
        return self._source

    @property
    def path(self) -> str:
        """The path of the file."""
        return self._source.path

    def of(self, node: ast.expr | ast.stmt | ast.arg | ast.alias | ast.keyword | ast.ExceptHandler) -> Location:
        """The place of a node, cut at the end of its first line."""
        span = (node.lineno, node.col_offset, node.end_col_offset if node.end_lineno == node.lineno else None)
        known = self._known.get(span)
        if known is None:
            line, start, last = node.lineno, self.column(node.lineno, node.col_offset), span[2]
            end = self.column(line, last) if last is not None else len(self._source.line(line).rstrip()) + 1
            known = self._known[span] = Location(self.path, line, start, max(end, start))
        return known

    def column(self, line: int, offset: int) -> int:
        """The 1-based column in code points of a byte offset into a line."""
        if self._ascii or (text := self._source.line(line)).isascii():
            return offset + 1
        return len(text.encode()[:offset].decode("utf-8", "replace")) + 1

    @property
    def text(self) -> str:
        """The text of the whole module, as it is searched for words."""
        return self._said.text

    def line(self, number: int) -> str:
        """The text of a line, as it is searched for words."""
        return self._said.line(number)

    def written(self, number: int) -> str:
        """The text of a line as it stands in the file."""
        return self._source.line(number)

    def accepts(self, number: int) -> bool:
        """Whether a line does nothing but accept a finding."""
        return not self.line(number).strip() and bool(self.written(number).strip())


def _unaccepted(source: Source) -> Source:
    """The source with blanks for the comments that accept findings."""
    if "archcheck:" not in source.text:
        return source
    try:
        return source.with_text(_ACCEPTS.sub(lambda comment: " " * len(comment.group()), source.text))
    except UnicodeError:
        return source


_SURROGATE: Final = regex(r"\\(?:u|U0000)[dD][89a-fA-F]")


def parse(source: Source) -> ast.Module:
    """The tree of a source. Raises `Unread` for whatever the interpreter cannot take."""
    text = source.text
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unread(
            source.path, "it holds null bytes", line=line, kind="unparsable", way_out="save it as text, or exclude it"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _encodable(ast.parse(text), text)
    except SyntaxError as error:
        line = error.lineno or 0
        tree = _lowered(text, line) if _newer(source.line(line), error.msg or "") or _hopeful(error) else None
        if tree is None:
            raise _unread(source, error) from None
        return _encodable(tree, text)
    except (RecursionError, MemoryError):
        raise too_deep(source.path) from None
    except ValueError as error:
        raise Unread(source.path, f"it cannot be parsed: {error}", kind="unparsable") from None


def _lowered(text: str, line: int) -> ast.Module | None:
    """The tree of a text in newer syntax, by way of older words; None where it has none, or is no Python at all."""
    from archcheck.surfaces.python.lowering import lower
    from archcheck.surfaces.python.lowering_pieces import lowered

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = lowered(text, line)
            if tree is None:
                written = lower(text)
                tree = ast.parse(written) if written is not None else None
            return tree
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _hopeful(error: SyntaxError) -> bool:
    """Whether it may be an f-string that holds its own quotes, or lines: to an older interpreter it ends too early."""
    if sys.version_info >= (3, 12):
        return False
    return re.match(r".*\b(?:[fF][rR]?|[rR][fF])['\"]", error.text or "") is not None


def _encodable(tree: ast.Module, text: str) -> ast.Module:
    """The tree with lone surrogates in its strings replaced: they are legal there, and cannot be written down."""
    if _SURROGATE.search(text):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                node.value = node.value.encode("utf-8", "replace").decode("utf-8")
    return tree


def too_deep(path: str, line: int = 0) -> Unread:
    """The refusal of a tree that is deeper than every interpreter takes."""
    return Unread(path, _TOO_DEEP, line=line, kind="limit", way_out="split the expression, or exclude the file")


def _unread(source: Source, error: SyntaxError) -> Unread:
    line, message = error.lineno or 0, (error.msg or "invalid syntax").rstrip(".")
    if message.startswith(
        ("too many nested parentheses", "too many levels of indentation", "too many statically nested")
    ):
        return too_deep(source.path, line)
    if message.startswith("Exceeds the limit"):
        return Unread(source.path, "it holds a number with too many digits", line=line, kind="limit")
    text = source.line(line)
    if _python2(source, text, message):
        return Unread(
            source.path,
            "it is written in Python 2",
            line=line,
            kind="unparsable",
            way_out="port it to Python 3, or exclude it",
        )
    version = _newer(text, message)
    if version:
        running = f"{sys.version_info.major}.{sys.version_info.minor}"
        return Unread(
            source.path,
            f"it uses syntax of Python {version}, and archcheck runs on {running}",
            line=line,
            kind="unparsable",
            way_out=f"run archcheck on Python {version} or later",
        )
    reason = f"it is no valid Python: {_uncoloured(message)}"
    return Unread(source.path, reason, line=line, kind="unparsable", way_out=_MEND)


def _python2(source: Source, text: str, message: str) -> bool:
    if message.startswith(_OLD_MESSAGES) or _PRINT.match(text) or (_OLD.match(text) and "invalid" in message):
        return True
    # `except A, b:` is Python 2, or 3.14 and later: the rest of the file tells.
    return "exception types" in message and any(_PRINT.match(line) for line in source.text.splitlines())


def _newer(text: str, message: str) -> str:
    for pattern, version in _NEWER:
        if sys.version_info < tuple(int(part) for part in version.split(".")) and pattern.match(text):
            return version
    if _NESTED.match(message) and sys.version_info < (3, 12):
        return "3.12"
    return ""


def _uncoloured(message: str) -> str:
    """The message as one plain line, without the parts that differ from file name to file name."""
    return " ".join(message.split())[:120]
