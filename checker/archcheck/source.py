"""A source is one file's bytes and text, and every place a finding names lies in one."""

from __future__ import annotations

import bisect
import codecs
import re
from typing import Final, Literal, TypeAlias

from msgspec import Struct

GapKind: TypeAlias = Literal["missing", "unreadable", "unparsable", "limit", "timeout", "crash"]

_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
_CODING: Final = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED: Final = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


class Unread(Exception):
    """A file, or a part of one, that was asked for and could not be checked.

    Carries what a person needs: the path, the 1-based line where that is known (else 0), the
    reason in one sentence without a full stop, the way out (may be empty), and the kind of gap it leaves.
    """

    def __init__(
        self, path: str, reason: str, *, way_out: str = "", line: int = 0, kind: GapKind = "unreadable"
    ) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.way_out = way_out
        self.line = line
        self.kind: GapKind = kind


class Location(Struct, frozen=True, order=True):
    """A place on one line of one file.

    `line` and `column` count from 1; columns count Unicode code points. `end_column` is exclusive;
    0 means that only the start is known. A location never spans lines: a report shows the smallest
    anchor (a key, a column, a decorator), and code scanning shows only regions that fit a diff.
    """

    path: str
    line: int
    column: int = 1
    end_column: int = 0


class Source:
    """One file: `path` relative to the root with `/`, its bytes, and lazily its text and lines.

    Reading `text` raises `Unread` when the bytes cannot be decoded; nothing else raises.
    """

    __slots__ = ("_encoding", "_starts", "_text", "data", "path")

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self._text: str | None = None
        self._encoding = ""
        self._starts: list[int] | None = None

    @property
    def text(self) -> str:
        """The decoded text without its byte order mark; line breaks stay as they are."""
        if self._text is None:
            self._encoding, self._text = self._decode()
        return self._text

    @property
    def encoding(self) -> str:
        """The codec that decoded the text (`utf-8`, `utf-8-sig`, `utf-16`, or a declared one)."""
        _ = self.text
        return self._encoding

    @property
    def starts(self) -> list[int]:
        """The offset into `text` at which each line starts; item 0 is line 1."""
        if self._starts is None:
            self._starts = [0, *(m.end() for m in _LINE_BREAK.finditer(self.text))]
        return self._starts

    @property
    def line_break(self) -> str:
        """How its lines end: as the first one does, and `\\n` where there is only one."""
        found = _LINE_BREAK.search(self.text)
        return found.group() if found is not None else "\n"

    def with_text(self, text: str) -> Source:
        """The same file with another text: its byte order mark and its encoding stay.

        Raises `UnicodeError` where its encoding has no such text, or decodes what it would never write.
        """
        bom, codec = next(
            ((bom, _UNMARKED[bom]) for bom, _ in _BOMS if self.data.startswith(bom)), (b"", self.encoding)
        )
        if bom + self.text.encode(codec) != self.data:
            raise UnicodeError(f"{self.path} cannot be written back as it is")
        return Source(self.path, bom + text.encode(codec))

    def line(self, number: int) -> str:
        """Line `number`, counted from 1, without its line break; empty when there is none."""
        starts = self.starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def location(self, offset: int, end: int | None = None) -> Location:
        """The place of `text[offset:end]`, cut at the end of its first line."""
        starts = self.starts
        index = bisect.bisect_right(starts, offset) - 1
        column = offset - starts[index] + 1
        if end is None:
            return Location(self.path, index + 1, column)
        stop = starts[index] + len(self.line(index + 1))
        return Location(self.path, index + 1, column, max(min(end, stop) - starts[index] + 1, column))

    def _decode(self) -> tuple[str, str]:
        data = self.data
        encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "")
        if not encoding and self.path.endswith((".py", ".pyi")):
            encoding = _declared_encoding(data)
        encoding = encoding or "utf-8"
        try:
            return encoding, data.decode(encoding)
        except LookupError:
            raise Unread(
                self.path, f"its declared encoding '{encoding}' is not known", way_out="save it as UTF-8", line=1
            ) from None
        except (UnicodeDecodeError, UnicodeError) as error:
            at = error.start if isinstance(error, UnicodeDecodeError) else 0
            raise Unread(
                self.path,
                f"byte {at} is not valid {encoding}" if b"\0" not in data[:1024] else "it is a binary file",
                way_out="save it as UTF-8, or exclude it",
                line=data.count(b"\n", 0, at) + 1,
            ) from None


def _declared_encoding(data: bytes) -> str:
    """The encoding a Python file declares on its first two lines (PEP 263), or nothing."""
    for line in data.split(b"\n", 2)[:2]:
        if match := _CODING.match(line):
            return match.group(1).decode("ascii", "replace")
        if line.strip() and not line.lstrip().startswith(b"#"):
            break
    return ""
