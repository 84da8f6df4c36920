"""JSON is read by the standard library; positions are found afterwards, only for what is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from archcheck.source import Source, Unread
from archcheck.surface import Limits
from archcheck.surfaces.openapi.place import Json

# Control characters inside strings are let through: other tools read such files, and no line is misplaced by them.
_DECODER: Final = json.JSONDecoder(strict=False)
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)

Span: TypeAlias = tuple[int, int, int]
"""Where a key starts, where it ends, and where its value starts; for an item, the first two are where it starts."""


def parse(source: Source, limits: Limits) -> Json:
    """The value of a JSON text. Raises `Unread` for broken text and for one nested too deeply."""
    text = source.text
    try:
        value, end = _DECODER.raw_decode(text, _skip(text, 0))
        if _skip(text, end) != len(text):
            raise json.JSONDecodeError("Extra data", text, _skip(text, end))
    except json.JSONDecodeError as error:
        reason = f"it is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        # The library counts only line feeds as line breaks.
        line = source.location(min(error.pos, len(text.rstrip()))).line
        raise Unread(source.path, reason, way_out="correct the syntax", line=line, kind="unparsable") from None
    except RecursionError:
        raise too_deep(source, limits) from None
    except ValueError:
        # The one other refusal of the library: an integer of thousands of digits.
        raise Unread(source.path, "it holds a number too long to read", kind="limit") from None
    if _deeper(value, limits.nesting):
        raise too_deep(source, limits)
    built: Json = value
    return built


def repeats(text: str) -> bool:
    """Whether some object of a JSON text has a key twice. Much quicker than looking for the places."""
    found = False

    def members(pairs: list[tuple[str, Json]]) -> None:
        nonlocal found
        found = found or len({key for key, _ in pairs}) < len(pairs)

    json.JSONDecoder(strict=False, object_pairs_hook=members).raw_decode(text, _skip(text, 0))
    return found


def too_deep(source: Source, limits: Limits) -> Unread:
    """What to say of a text nested past the limit, with the line where it passes it."""
    depth = 0
    line = 0
    for token in _TOKEN.finditer(source.text):
        if token.group() in "{[":
            depth += 1
            if depth > limits.nesting:
                line = source.location(token.start()).line
                break
        elif token.group() in "}]":
            depth -= 1
    reason = f"it is nested more than {limits.nesting} levels deep"
    return Unread(source.path, reason, way_out="flatten it, or exclude it", line=line, kind="limit")


def _deeper(value: Json, limit: int) -> bool:
    level: list[Json] = [value]
    for _ in range(limit + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer if type(outer) is list else ())
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


class Positions:
    """Finds keys and items in a JSON text. Each container on the way is indexed once, its inside skipped at C speed."""

    __slots__ = ("_indexes", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._indexes: dict[int, dict[str | int, Span]] = {}

    def find(self, parts: Sequence[str | int]) -> Span | None:
        """The span of what a path of keys and indexes names; None when the text has no such thing."""
        at = _skip(self._text, 0)
        span: Span | None = (at, at, at)
        for part in parts:
            if span is None:
                return None
            span = self._index(span[2]).get(part)
        return span

    def end(self, parts: Sequence[str | int]) -> int:
        """The offset of the last character of what a path names; 0 when the text has no such thing."""
        span = self.find(parts)
        return _DECODER.raw_decode(self._text, span[2])[1] - 1 if span is not None else 0

    def spans(self, parts: Sequence[str | int]) -> Iterator[tuple[int, int]]:
        """Where each entry of a container starts, and where its value ends."""
        span = self.find(parts)
        for _, (start, _, value) in _members(self._text, span[2]) if span is not None else ():
            yield start, _DECODER.raw_decode(self._text, value)[1]

    def repeated(self) -> Iterator[tuple[str, int, int]]:
        """Each key that stands twice in an object, with the offsets of the earlier and the later one."""
        stack = [_skip(self._text, 0)]
        while stack:
            seen: dict[str | int, int] = {}
            for key, (start, _, value) in _members(self._text, stack.pop()):
                if isinstance(key, str) and key in seen:
                    yield key, seen[key], start
                seen[key] = start
                if self._text[value : value + 1] in ("{", "["):
                    stack.append(value)

    def _index(self, at: int) -> dict[str | int, Span]:
        if at not in self._indexes:
            self._indexes[at] = dict(_members(self._text, at))
        return self._indexes[at]


def _members(text: str, at: int) -> Iterator[tuple[str | int, Span]]:
    """The keys or indexes of the container that opens at an offset. The text is known to be valid JSON."""
    opening = text[at : at + 1]
    if opening not in ("{", "["):
        return
    decode = _DECODER.raw_decode
    number = 0
    at = _skip(text, at + 1)
    while text[at] not in "}]":
        start = stop = at
        key: str | int = number
        if opening == "{":
            key, stop = decode(text, at)
            at = _skip(text, _skip(text, stop) + 1)
        yield key, (start, stop, at)
        number += 1
        at = _skip(text, decode(text, at)[1])
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
