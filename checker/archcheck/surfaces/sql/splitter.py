"""The splitter cuts a script into statements at exact offsets, without understanding any of them.

It knows what can hide a semicolon: strings, dollar quotes, comments, bodies between BEGIN and END, rules in
parentheses, another DELIMITER, psql commands, and the data that follows COPY ... FROM stdin. Every character of the
script belongs to exactly one chunk. A construct without an end makes one broken chunk that runs to the end of the
script; all chunks before it stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from archcheck.surfaces.sql.tokens import Token, comment_end, pattern

ChunkKind: TypeAlias = Literal["statement", "command", "broken"]


class Chunk(Struct, frozen=True):
    """One statement with the blanks and comments before it and the delimiter (and COPY data) behind it.

    `tokens` are its words without comments and delimiter; a chunk of blanks alone has none. A `command` belongs to a
    client (`\\connect`, `DELIMITER`). A `broken` chunk says in `reason` what has no end, at `fault` where it starts.
    """

    kind: ChunkKind
    start: int
    end: int
    tokens: tuple[Token, ...]
    reason: str = ""
    fault: int = 0


def split(text: str, dialect: str = "postgres", start: int = 0, end: int | None = None) -> Iterator[Chunk]:
    """The chunks of `text[start:end]`, in order; joined, they are that text again."""
    return _Splitter(text, dialect, start, len(text) if end is None else end).chunks()


_OBJECTS: Final = frozenset(
    "TABLE INDEX VIEW TRIGGER FUNCTION PROCEDURE EVENT PACKAGE RULE TYPE SCHEMA DATABASE SEQUENCE EXTENSION".split()
)
_WITH_BODY: Final = frozenset("TRIGGER FUNCTION PROCEDURE EVENT PACKAGE".split())
_ENDED_BY_NAME: Final = frozenset("IF LOOP WHILE REPEAT FOR".split())
_LINE_END: Final = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)?")
_COPY_END: Final = re.compile(r"^\\\.[ \t]*\r?$", re.MULTILINE)


class _Splitter:
    """The state of one pass: the tokens of the statement under way, and how deep in a body it is."""

    __slots__ = ("begun", "delimiter", "depth", "dialect", "end", "match", "parentheses", "position", "text", "tokens")

    def __init__(self, text: str, dialect: str, start: int, end: int) -> None:
        self.text = text
        self.dialect = dialect
        self.end = end
        self.begun = self.position = start
        self.match = pattern(dialect).match
        self.tokens: list[Token] = []
        self.depth = self.parentheses = 0
        self.delimiter = ";"

    def chunks(self) -> Iterator[Chunk]:
        while found := self.match(self.text, self.position, self.end):
            kind = found.lastgroup or "sign"
            start, self.position = found.span(kind)
            if self.delimiter != ";" and (chunk := self._other_delimiter(kind, start)) is not None:
                yield chunk
            elif kind == "word":
                key = found.group(kind).upper()
                if not self.tokens and key == "DELIMITER":
                    yield self._set_delimiter()
                    continue
                self._note_body(key)
                self.tokens.append(Token("word", start, self.position, key))
            elif kind == "sign":
                key = found.group(kind)
                if key == ";" and self._ends_here():
                    yield self._cut()
                else:
                    self.parentheses += (key == "(") - (key == ")")
                    self.tokens.append(Token("sign", start, self.position, key))
            elif kind == "back":
                if (chunk := self._command(found.group(kind))) is not None:
                    yield chunk
            elif kind in ("block", "dollar", "open"):
                if (fault := self._long(kind, start)) is not None:
                    yield fault
                    return
            elif kind != "line":
                self.tokens.append(Token(kind, start, self.position, ""))  # type: ignore[arg-type]
        yield from self._last()

    def _last(self) -> Iterator[Chunk]:
        """What is left at the end: a statement without a delimiter, or a body without its END."""
        self.position = self.end
        if self.depth > 0:
            yield self._broken("the statement has a BEGIN without its END", self.tokens[0].start)
        elif self.begun < self.end:
            yield self._chunk("statement")

    def _chunk(self, kind: ChunkKind) -> Chunk:
        chunk = Chunk(kind, self.begun, self.position, tuple(self.tokens))
        self.begun, self.tokens, self.depth, self.parentheses = self.position, [], 0, 0
        return chunk

    def _broken(self, reason: str, fault: int) -> Chunk:
        return Chunk("broken", self.begun, self.end, tuple(self.tokens), reason, fault)

    def _cut(self) -> Chunk:
        """End the statement here; behind COPY ... FROM stdin its data belongs to it."""
        tokens = self.tokens
        if (
            tokens
            and tokens[0].key == "COPY"
            and any(a.key == "FROM" and b.key == "STDIN" for a, b in pairwise(tokens))
        ):
            close = _COPY_END.search(self.text, self.position, self.end)
            if close is None:
                return self._broken_copy(tokens[0].start)
            self.position = close.end()
        return self._chunk("statement")

    def _broken_copy(self, start: int) -> Chunk:
        chunk = self._broken("the data of COPY has no end (a line with \\. alone)", start)
        self.begun = self.position = self.end
        self.tokens = []
        return chunk

    def _ends_here(self) -> bool:
        """Whether a semicolon ends the statement: not inside a body, nor inside the parentheses of a rule."""
        if self.delimiter != ";" or self.depth > 0:
            return False
        if len(self.tokens) < 3 or self.tokens[0].key != "CREATE" or _made(self.tokens) != "RULE":
            return True
        return self.parentheses <= 0

    def _note_body(self, key: str) -> None:
        """Count BEGIN, CASE and END in a statement that creates something with a body."""
        if key not in ("BEGIN", "CASE", "END") and key not in _ENDED_BY_NAME:
            return
        tokens = self.tokens
        after_end = bool(tokens) and tokens[-1].key == "END"
        if key == "BEGIN" and not self.depth:
            if tokens and tokens[0].key == "CREATE" and _made(tokens) in _WITH_BODY:
                self.depth = 1
        elif not self.depth and not after_end:
            return
        elif key == "BEGIN" or (key == "CASE" and not after_end):
            self.depth += 1
        elif key == "END":
            self.depth -= 1
        elif after_end and key in _ENDED_BY_NAME and tokens[0].key == "CREATE":
            self.depth += 1

    def _long(self, kind: str, start: int) -> Chunk | None:
        """Step over a block comment or a dollar quote; a broken chunk when it has no end."""
        if kind == "block":
            close = comment_end(self.text, start, self.end, nested=self.dialect in ("postgres", "tsql"))
            what = "comment"
        elif kind == "dollar":
            tag = self.text[start : self.position]
            close = self.text.find(tag, self.position, self.end)
            close = close + len(tag) if close >= 0 else -1
            what = f"dollar quote {tag}"
        else:
            close = -1
            what = "string" if self.text[self.position - 1] == "'" else "quoted name"
        if close < 0:
            return self._broken(f"a {what} has no end", start)
        self.position = close
        if kind == "dollar":
            self.tokens.append(Token("dollar", start, close, ""))
        return None

    def _command(self, command: str) -> Chunk | None:
        """A psql command: on its own between statements; `\\g` and its like also end one."""
        if not self.tokens:
            return self._chunk("command")
        return self._chunk("statement") if command.startswith("\\g") else None

    def _set_delimiter(self) -> Chunk:
        line = _LINE_END.match(self.text, self.position, self.end)
        assert line is not None  # the pattern matches the empty string
        self.delimiter = line.group().strip() or ";"
        self.position = line.end()
        return self._chunk("command")

    def _other_delimiter(self, kind: str, start: int) -> Chunk | None:
        """Cut at a delimiter set by DELIMITER, which may also end a word (`END$$`)."""
        if kind in ("string", "name", "line", "block"):
            return None
        if self.text.startswith(self.delimiter, start):
            self.position = start + len(self.delimiter)
            return self._chunk("statement")
        cut = self.text.find(self.delimiter, start, self.position)
        if cut < 0:
            return None
        self.tokens.append(Token("word", start, cut, self.text[start:cut].upper()))
        self.position = cut + len(self.delimiter)
        return self._chunk("statement")


def _made(tokens: list[Token]) -> str:
    """What a CREATE statement creates, by the first object word among its first words."""
    return next((token.key for token in tokens[1:12] if token.key in _OBJECTS), "")
