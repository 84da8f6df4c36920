"""Where the comments of a file are, in the syntax of its own language: enough to tell a comment from a string.

Each function yields the offsets (start, end) of every comment with its signs, in order. All of them are linear in
the length of the text, whatever is in it.
"""

from __future__ import annotations

import bisect
import io
import re
import tokenize
from collections.abc import Iterator

_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|$)")


def python_comments(text: str) -> Iterator[tuple[int, int]]:
    """Comments as Python's own tokenizer sees them; line by line after the place where it gives up."""
    starts = [match.start() for match in _LINE.finditer(text)]
    done = 0
    try:
        # newline=None reads every kind of line break, as the source counts them.
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            done = min(token.end[0], len(starts))
            if token.type == tokenize.COMMENT:
                start = starts[token.start[0] - 1] + token.start[1]
                yield start, start + len(token.string)
    except (tokenize.TokenError, SyntaxError, ValueError):
        yield from _python_lines(text, starts[done:])


_PYTHON_WORD = re.compile(r"""[^#"'\\]+|\\.?|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?""", re.DOTALL)


def _python_lines(text: str, starts: list[int]) -> Iterator[tuple[int, int]]:
    for start in starts:
        match = _LINE.match(text, start)
        end = match.end(1) if match else start
        at = start
        while at < end and text[at] != "#":
            word = _PYTHON_WORD.match(text, at, end)
            at = word.end() if word else end
        if at < end:
            yield at, end


_SETTINGS_SIGN = re.compile(r"^[ \t]*[#;][^\r\n]*|(?<=[ \t])[#;][ \t]*archcheck:[^\r\n]*", re.MULTILINE)


def settings_comments(text: str) -> Iterator[tuple[int, int]]:
    """Comments of settings files (INI, TOML, `.env`): whole lines; behind a value only those that speak to us.

    The formats differ in what a sign behind a value means, and none of them means our words.
    """
    yield from (match.span() for match in _SETTINGS_SIGN.finditer(text))


_SQL_SIGN = re.compile(
    r"--[^\r\n]*|/\*|['\"`]|\$(?:[^\W\d]\w*)?\$|^copy [^;'\r\n]*? from +stdin\b[^;\r\n]*;",
    re.IGNORECASE | re.MULTILINE,
)
_SQL_BACKSLASHED = re.compile(r"(?:[^'\\]+|\\.|'')*+'", re.DOTALL)
_SQL_ESCAPES = re.compile(r"(?<![\w])[eE]")
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")


def sql_comments(text: str) -> Iterator[tuple[int, int]]:
    """Comments of SQL scripts: `--` and `/* */`, not in strings, quoted names or COPY data.

    A dollar-quoted body is SQL of its own and has comments; a body within a body is left alone. A backslash escapes
    where the text looks like MySQL (it has backquotes) and in strings of the form E'...'.
    """
    yield from _Sql(text).comments(0, len(text), inner=False)


class _Sql:
    """A script with what a scan of any part of it needs to know of the whole."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._mysql = "`" in text
        self._dollars: dict[str, list[int]] = {}
        at = 0
        while found := _DOLLAR.search(text, at):
            self._dollars.setdefault(found.group(), []).append(found.start())
            # The second dollar of one tag may be the first of the next.
            at = found.end() - 1

    def comments(self, at: int, end: int, *, inner: bool) -> Iterator[tuple[int, int]]:
        while found := _SQL_SIGN.search(self._text, at, end):
            start, at, sign = found.start(), found.end(), found.group()
            if sign.startswith("--"):
                yield start, at
            elif sign == "/*":
                at = self._after("*/", at, end)
                # MySQL runs what stands in `/*! ... */`.
                if self._text[start + 2 : start + 3] != "!":
                    yield start, at
            elif sign[0] == "$":
                close = self._closing(sign, start, end)
                if close and not inner:
                    yield from self.comments(at, close, inner=True)
                at = close + len(sign) if close else at
            elif sign[0] in "cC":
                at = self._after("\n\\.", at, end)
            elif sign == "'" and self._escapes(start):
                string = _SQL_BACKSLASHED.match(self._text, at, end)
                at = string.end() if string else end
            else:
                at = self._after(sign, at, end)

    def _after(self, closing: str, at: int, end: int) -> int:
        """Where the next `closing` ends; the end of the part when there is none."""
        found = self._text.find(closing, at, end)
        return end if found < 0 else found + len(closing)

    def _closing(self, tag: str, opening: int, end: int) -> int:
        """The offset of the tag that closes a dollar quote, 0 when nothing does."""
        places = self._dollars.get(tag, [])
        index = bisect.bisect_right(places, opening + len(tag) - 1)
        return places[index] if index < len(places) and places[index] + len(tag) <= end else 0

    def _escapes(self, quote: int) -> bool:
        return self._mysql or (quote > 0 and _SQL_ESCAPES.match(self._text, quote - 1) is not None)


_YAML_BLOCK = re.compile(r"[|>][+-]?([1-9])?[+-]?")
_YAML_INDENT = re.compile(r"[ ]*(?:-[ ]+)*")
_YAML_SIGN = re.compile(r"""["']|(?<![^ \t\r\n])#""")
_YAML_SINGLE = re.compile(r"(?:[^']+|'')*+'")
_YAML_DOUBLE = re.compile(r'(?:[^"\\]+|\\.)*+"', re.DOTALL)


def yaml_comments(text: str) -> Iterator[tuple[int, int]]:
    """Comments of YAML: not in quotes and not in block scalars.

    It follows indentation and quotes and not the whole grammar; a quote that is never closed is an apostrophe.
    """
    unclosed: set[str] = set()
    floor, block = (
        -1,
        0,
    )  # the column of the key above a block scalar; its text's indentation, 0 outside, -1 unknown yet
    at = 0
    while at < len(text) and (match := _LINE.match(text, at)):
        start, end, at = match.start(), match.end(1), match.end()
        if block and start == end:
            continue
        if block:
            line = text[start:end]
            indent = len(line) - len(line.lstrip(" ")) if line.strip() else end
            if block < 0 and line.strip():
                block = indent if indent > floor else 0
            if block and indent >= block:
                continue
            block = 0
        comment, stop = _yaml_line(text, start, end, unclosed)
        if comment >= 0:
            yield comment, stop
        if stop > end:
            at = _line_after(text, stop)
        elif header := _block_header(text[start : comment if comment >= 0 else end]):
            floor, block = header


def _yaml_line(text: str, start: int, end: int, unclosed: set[str]) -> tuple[int, int]:
    """The offset of the comment on a line, -1 for none, and the end of the last line that its strings reach."""
    at = start
    while found := _YAML_SIGN.search(text, at, end):
        sign, at = found.group(), found.end()
        if sign == "#":
            return found.start(), end
        if sign in unclosed or not _opens(text[max(start, at - 100) : found.start()]):
            continue
        close = (_YAML_SINGLE if sign == "'" else _YAML_DOUBLE).match(text, at)
        if close is None:
            unclosed.add(sign)
            continue
        at = close.end()
        if at > end and (line := _LINE.match(text, at)):
            start, end = at - 1, line.end(1)
    return -1, end


def _line_after(text: str, end: int) -> int:
    match = _LINE.match(text, end)
    return match.end() if match else end


def _opens(before: str) -> bool:
    """Whether a quote after this end of a line's beginning opens a string and is no apostrophe in a plain one."""
    words = before.rstrip()
    if not words or words[-1] in "[{":
        return True
    if words[-1] == ",":
        return any(sign in words for sign in "[{\"'")
    last = words.rpartition(" ")[2]
    return len(words) < len(before) and (words[-1] == ":" or last in ("-", "?") or last[0] in "&!")


def _block_header(line: str) -> tuple[int, int] | None:
    """For a line that opens a block scalar: the column of its owner, and its indentation (-1: its first line says)."""
    words = line.rsplit(None, 2)[-2:]
    sign = _YAML_BLOCK.fullmatch(words[-1]) if words else None
    if sign is None:
        return None
    owner = words[0] if len(words) > 1 else ""
    if not (owner in ("", "-", "---", "?") or owner[-1] == ":" or owner[0] in "&!"):
        return None
    prefix = _YAML_INDENT.match(line)
    width = prefix.end() if prefix else 0
    if ":" not in line[width:]:
        width = line.rfind("-", 0, width) if owner != "---" else -1
    return width, width + int(sign.group(1)) if sign.group(1) else -1
