"""Lowering writes syntax that is newer than the running interpreter in older words, line for line, for `ast` to read.

Type parameters and `type` go, `except A, B` gets its parentheses, f-strings get quotes that may be nested, and
t-strings become a call of what they hold. What a rule reads stays: names, calls, and the literal text of an f-string
but for characters that cannot be written inside another one. Only text that an interpreter has refused comes here,
because libcst takes many times as long as `ast`.
"""

# The names of libcst's visitors hold those of its nodes.
# ruff: noqa: N802

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Final, TypeAlias

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

# Quotes by how deep they stand: the plain ones where that is enough, and those that lines may be broken in.
_PLAIN: Final = ('"', "'")
_LONG: Final = ('"""', "'''", '"', "'")
_UNWRITABLE: Final = re.compile(r"[\\\n\r\"'\x00-\x1f]")
_PIECE: Final = re.compile(r"_piece_\d+_of_\d+_")
_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")

_Edit: TypeAlias = tuple[int, int, str]
_Part: TypeAlias = cst.BaseFormattedStringContent


class _TooNew(Exception):
    """Something that older words have no way to say."""


def lower(text: str) -> str | None:
    """The same module in older words, with every line where it was; None where there are none, or it is no Python."""
    try:
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        found = _Finder(text, wrapper.resolve(PositionProvider))
        wrapper.module.visit(found)
    except (cst.ParserSyntaxError, cst.CSTValidationError, cst.CSTLogicError, _TooNew, RecursionError):
        return None
    parts: list[str] = []
    done = 0
    for start, end, new in sorted(found.edits):
        parts += [text[done:start], new]
        done = end
    return "".join((*parts, text[done:]))


class _Finder(cst.CSTVisitor):
    """Finds what is newer, and how it is written in older words: edits by offset."""

    def __init__(self, text: str, places: Mapping[cst.CSTNode, object]) -> None:
        super().__init__()
        self.text = text
        self.places = places
        self.starts = [0, *(match.end() for match in _LINE_BREAK.finditer(text))]
        self.edits: list[_Edit] = []

    def visit_TypeParameters(self, node: cst.TypeParameters) -> bool:
        start, end = self._span(node)
        self.edits.append((start, end, _blank(self.text[start:end])))
        return False

    def visit_TypeAlias(self, node: cst.TypeAlias) -> bool:
        start, _ = self._span(node)
        named = self._span(node.type_parameters if node.type_parameters is not None else node.name)[1]
        equal = self.text.index("=", named)
        lines = self.text[start:equal].split("\n")
        name = node.name.value
        head = name + " \\\n" * (len(lines) - 1)
        width = len(lines[-1]) - (len(name) if len(lines) == 1 else 0)
        self.edits.append((start, equal, head + " " * width))
        node.value.visit(self)
        return False

    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> None:
        self._parenthesize(node.type)

    def visit_ExceptStarHandler(self, node: cst.ExceptStarHandler) -> None:
        self._parenthesize(node.type)

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:
        self._rewrite(node, _written(node))
        return False

    def visit_TemplatedString(self, node: cst.TemplatedString) -> bool:
        self._rewrite(node, _Writer(0, _LONG).templated(node))
        return False

    def _parenthesize(self, kind: cst.BaseExpression | None) -> None:
        if isinstance(kind, cst.Tuple) and not kind.lpar:
            start, end = self._span(kind)
            self.edits += [(start - 1, start, "("), (end, end, ")")]

    def _rewrite(self, node: cst.CSTNode, new: str) -> None:
        start, end = self._span(node)
        old = self.text[start:end]
        if len(_LINE_BREAK.findall(old)) != len(_LINE_BREAK.findall(new)):
            raise _TooNew
        if old != new:
            self.edits.append((start, end, new))

    def _span(self, node: cst.CSTNode) -> tuple[int, int]:
        place = self.places[node]
        assert isinstance(place, CodeRange)
        start, end = place.start, place.end
        return self.starts[start.line - 1] + start.column, self.starts[end.line - 1] + end.column


class _Writer(cst.CSTTransformer):
    """Writes strings that stand `depth` f-strings deep."""

    def __init__(self, depth: int, quotes: tuple[str, ...]) -> None:
        super().__init__()
        self.depth = depth
        self.quotes = quotes
        self.pieces: dict[str, str] = {}

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:
        return False

    def leave_FormattedString(self, original_node: cst.FormattedString, updated_node: cst.FormattedString) -> cst.Name:
        return self._hold(self._string(original_node))

    def visit_TemplatedString(self, node: cst.TemplatedString) -> bool:
        return False

    def leave_TemplatedString(self, original_node: cst.TemplatedString, updated_node: cst.TemplatedString) -> cst.Name:
        return self._hold(self._string(original_node))

    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.BaseExpression:
        return self._hold(self._string(original_node))

    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> bool:
        return False

    def leave_ConcatenatedString(
        self, original_node: cst.ConcatenatedString, updated_node: cst.ConcatenatedString
    ) -> cst.Name:
        return self._hold(self._string(original_node))

    def leave_TrailingWhitespace(
        self, original_node: cst.TrailingWhitespace, updated_node: cst.TrailingWhitespace
    ) -> cst.TrailingWhitespace:
        return updated_node.with_changes(comment=None)

    def leave_EmptyLine(self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine) -> cst.EmptyLine:
        return updated_node.with_changes(comment=None)

    def formatted(self, node: cst.FormattedString) -> str:
        """An f-string with the quotes of its depth."""
        inner = _Writer(self.depth + 1, self.quotes)
        raw = "r" in node.prefix.lower()
        written = [
            part.value if isinstance(part, cst.FormattedStringText) else inner._hole(part) for part in node.parts
        ]
        holes = "".join(w for w, part in zip(written, node.parts, strict=True) if not _literal(part))
        whole = "".join(written)
        quote = self._quote(_LINE_BREAK.search(whole) is not None)
        if quote in holes:
            raise _TooNew
        texts = [
            _text(w, quote, raw or self.depth > 0) if _literal(part) else w
            for w, part in zip(written, node.parts, strict=True)
        ]
        return f"{node.prefix}{quote}{''.join(texts)}{quote}"

    def templated(self, node: cst.TemplatedString) -> str:
        """A t-string as a call of what it holds: it is no text, and pastes nothing."""
        parts: list[str] = []
        for part in node.parts:
            if isinstance(part, cst.TemplatedStringText):
                parts.append("".join(_LINE_BREAK.findall(part.value)))
            elif isinstance(part, cst.TemplatedStringExpression):
                parts.append(f"{self._code(part.whitespace_before_expression)}{self._code(part.expression)}, ")
        return f"Template({''.join(parts)})"

    def _string(self, node: cst.BaseExpression) -> str:
        """A string of any kind as it is written at this depth."""
        match node:
            case cst.FormattedString():
                return self.formatted(node) if self.depth else _written(node)
            case cst.TemplatedString():
                return self.templated(node)
            case cst.ConcatenatedString():
                between = self._code(node.whitespace_between)
                return f"{self._string(node.left)}{between}{self._string(node.right)}"
            case cst.SimpleString() if self.depth:
                value = node.evaluated_value
                kind, shown = ("b", value.decode("latin-1")) if isinstance(value, bytes) else ("", value)
                lost = len(_LINE_BREAK.findall(node.value))
                quote = self._quote(lost > 0)
                return f"{kind}{quote}{_UNWRITABLE.sub(' ', shown)}" + "\n" * lost + quote
            case _:
                return cst.Module([]).code_for_node(node)

    def _hold(self, text: str) -> cst.Name:
        """A name that stands for a text until all around it is written."""
        name = f"_piece_{len(self.pieces)}_of_{self.depth}_"
        self.pieces[name] = text
        return cst.Name(name)

    def _hole(self, part: _Part) -> str:
        """An expression of an f-string with its conversion and its format."""
        assert isinstance(part, cst.FormattedStringExpression)
        before = self._code(part.whitespace_before_expression)
        after = self._code(part.whitespace_after_expression)
        equal = "=" if part.equal is not None else ""
        conversion = f"!{part.conversion}" if part.conversion else ""
        spec = "".join(
            _UNWRITABLE.sub(" ", each.value) if isinstance(each, cst.FormattedStringText) else self._hole(each)
            for each in part.format_spec or ()
        )
        colon = ":" if part.format_spec is not None else ""
        code = self._code(part.expression)
        space = " " if code.startswith("{") and not before else ""
        return f"{{{before}{space}{code}{after}{equal}{conversion}{colon}{spec}}}"

    def _code(self, node: cst.CSTNode) -> str:
        written = node.visit(self)
        if not isinstance(written, cst.CSTNode):
            return ""
        code = _PIECE.sub(
            lambda name: self.pieces.get(name.group(), name.group()), cst.Module([]).code_for_node(written)
        )
        if self.depth and "\\" in code:
            raise _TooNew
        return code

    def _quote(self, lines: bool) -> str:
        if self.depth >= len(self.quotes) or (lines and len(self.quotes[self.depth]) == 1):
            raise _TooNew
        return self.quotes[self.depth]


def _written(node: cst.FormattedString) -> str:
    """An f-string that stands in no other one; as it is where nothing in it is newer."""
    old = cst.Module([]).code_for_node(node.with_changes(lpar=(), rpar=()))
    if _old_enough(old):
        return old
    for quotes in (_PLAIN, _LONG):
        try:
            new = _Writer(0, quotes).formatted(node)
        except _TooNew:
            continue
        if _old_enough(new):
            return new
    raise _TooNew


def _literal(part: _Part) -> bool:
    return isinstance(part, cst.FormattedStringText)


def _text(text: str, quote: str, bare: bool) -> str:
    """Literal text of an f-string between other quotes; where no backslash may stand, a space is put for the rest."""
    if bare:
        return re.sub(r"[\\\"']", " ", text)
    return re.sub(
        r"(\\.)|(['\"])", lambda m: m.group(1) or (f"\\{m.group(2)}" if m.group(2) in quote else m.group(2)), text
    )


def _old_enough(code: str) -> bool:
    """Whether the running interpreter reads an f-string as it is."""
    try:
        ast.parse(f"({code}\n)", mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def _blank(text: str) -> str:
    """Nothing, over as many lines and columns."""
    lines = text.split("\n")
    return "\n".join([*(" " * max(len(line) - 1, 0) + "\\" for line in lines[:-1]), " " * len(lines[-1])])
