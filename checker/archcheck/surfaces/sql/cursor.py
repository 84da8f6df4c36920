"""A cursor reads the tokens of one statement from left to right, the way every reader of this surface does.

It never recurses over parentheses, so their depth costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from archcheck.source import Source
from archcheck.surfaces.sql.statements import Name, Span, Word
from archcheck.surfaces.sql.tokens import Token

_OPEN: Final = ("(", "[")
_CLOSE: Final = (")", "]")
_POSTGRES_NAME_BYTES: Final = 63


class NotRead(Exception):
    """The statement has a form that its reader does not know."""


class Cursor:
    """A position in `tokens[index:stop]` of a statement of `source`."""

    __slots__ = ("dialect", "index", "source", "stop", "tokens")

    def __init__(self, source: Source, dialect: str, tokens: tuple[Token, ...], index: int, stop: int) -> None:
        self.source = source
        self.dialect = dialect
        self.tokens = tokens
        self.index = index
        self.stop = stop

    def within(self, index: int, stop: int) -> Cursor:
        """Another cursor over a part of the same tokens."""
        return Cursor(self.source, self.dialect, self.tokens, index, stop)

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.index >= self.stop

    def peek(self, ahead: int = 0) -> str:
        """The key of the token that many further on: empty for quoted things and behind the end."""
        index = self.index + ahead
        return self.tokens[index].key if index < self.stop else ""

    def kind(self, ahead: int = 0) -> str:
        """The kind of the token that many further on; empty behind the end."""
        index = self.index + ahead
        return self.tokens[index].kind if index < self.stop else ""

    def accept(self, *keys: str) -> bool:
        """Step over these keys when all of them come next, in this order."""
        for ahead, key in enumerate(keys):
            if self.peek(ahead) != key:
                return False
        self.index += len(keys)
        return True

    def accept_any(self, *keys: str) -> str:
        """Step over the next token when its key is one of these, and return it; else empty."""
        key = self.peek()
        if key and key in keys:
            self.index += 1
            return key
        return ""

    def expect(self, *keys: str) -> None:
        """Step over these keys. Raises `NotRead` when something else comes."""
        if not self.accept(*keys):
            raise NotRead(" ".join(keys))

    def word(self) -> Word:
        """A name without a schema. Raises `NotRead` when none comes."""
        if self.kind() not in ("word", "name") and not (self.kind() == "string" and self.dialect != "postgres"):
            raise NotRead("a name")
        token = self.tokens[self.index]
        self.index += 1
        text = self.source.text[token.start : token.end]
        if text.startswith("{{"):
            # One schema however it is spaced, and nothing that a message is the better for.
            return Word(" ".join(text.strip("{}-").split()), "", self.span(token.start, token.end))
        if token.kind != "word":
            quote = text[-1]
            text = text[text.index("[" if quote == "]" else quote) + 1 : -1].replace(quote * 2, quote)
        return Word(fold(text, token.kind != "word", self.dialect), text, self.span(token.start, token.end))

    def name(self) -> Name:
        """A name with or without schema (and database). Raises `NotRead` when none comes."""
        start = self.index
        words = [self.word()]
        while self.accept("."):
            words.append(self.word())
        text = ".".join(word.text for word in words if word.text)
        return Name(words[-2].key if len(words) > 1 else "", words[-1].key, text, self.span_from(start))

    def group(self) -> Cursor:
        """The inside of the parentheses that open here. Raises `NotRead` when none do or they never close."""
        if self.peek() not in _OPEN:
            raise NotRead("(")
        start = self.index + 1
        self.skip()
        return self.within(start, self.index - 1)

    def skip(self) -> None:
        """Step over one token, or over a whole pair of parentheses. Raises `NotRead` when they never close."""
        depth = 0
        tokens = self.tokens
        while self.index < self.stop:
            key = tokens[self.index].key
            self.index += 1
            if key in _OPEN:
                depth += 1
            elif key in _CLOSE:
                depth -= 1
            if depth <= 0:
                return
        if depth:
            raise NotRead(")")

    def skip_until(self, *keys: str) -> None:
        """Step on to the first of these keys outside parentheses, or to the end."""
        while not self.done and self.peek() not in keys:
            self.skip()

    def items(self) -> Iterator[Cursor]:
        """The parts between the commas outside parentheses; empty parts are left out."""
        while not self.done:
            start = self.index
            self.skip_until(",")
            if self.index > start:
                yield self.within(start, self.index)
            self.accept(",")

    def words(self) -> tuple[Word, ...]:
        """The names in the parentheses that open here, each without what may follow it (length, order)."""
        return tuple(item.word() for item in self.group().items())

    def text_since(self, start: int) -> str:
        """The source from token `start` up to here, with single blanks and without comments."""
        if start >= self.index:
            return ""
        text = self.source.text[self.tokens[start].start : self.tokens[self.index - 1].end]
        if "--" in text or "/*" in text or "#" in text:
            text = self._uncommented(start)
        return " ".join(text.split())

    def _uncommented(self, start: int) -> str:
        """The tokens from `start` up to here; what stands between two of them is a blank, if anything."""
        parts: list[str] = []
        end = self.tokens[start].start
        for token in self.tokens[start : self.index]:
            parts += [" " if token.start > end else "", self.source.text[token.start : token.end]]
            end = token.end
        return "".join(parts)

    def string(self) -> str:
        """The content of the string that comes. Raises `NotRead` when none comes."""
        if self.kind() not in ("string", "dollar"):
            raise NotRead("a string")
        token = self.tokens[self.index]
        self.index += 1
        return literal(self.source.text[token.start : token.end])

    def span(self, start: int, end: int) -> Span:
        """The place of `text[start:end]`."""
        place = self.source.location(start, end)
        return Span(place.line, place.column, place.end_column)

    def span_from(self, start: int) -> Span:
        """The place from token `start` up to here, cut at the end of its first line."""
        last = max(self.index - 1, start)
        return self.span(self.tokens[start].start, self.tokens[min(last, self.stop - 1)].end)

    @property
    def here(self) -> Span:
        """The place of the next token, or of the last one at the end."""
        token = self.tokens[min(self.index, self.stop - 1)]
        return self.span(token.start, token.end)


def fold(text: str, quoted: bool, dialect: str) -> str:
    """A name as the server compares it."""
    if dialect != "postgres":
        return text.lower()
    key = text if quoted else text.lower()
    if len(key) * 4 > _POSTGRES_NAME_BYTES:
        key = key.encode("utf-8", "replace")[:_POSTGRES_NAME_BYTES].decode("utf-8", "ignore")
    return key


def literal(text: str) -> str:
    """The content of a string token; backslashes stay as they are."""
    if text.endswith("$"):
        tag = text[: text.index("$", 1) + 1]
        return text[len(tag) : -len(tag)]
    return text[text.index("'") + 1 : -1].replace("''", "'")
