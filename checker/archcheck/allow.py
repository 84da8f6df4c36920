"""Acceptances are written beside what they accept, in a comment: `archcheck: allow[rule-id] reason`.

On a line with code the comment covers that line. A line of its own covers the next line that holds more than a comment,
so comments can be stacked above it. `archcheck: allow-file[rule-id] reason` covers the whole file; it stands within the
first 30 lines, or before the first code. Lower down it covers its own line only, and so is found unused.

What looks like an acceptance and is not well formed (no bracket, nothing in it) becomes one that names no rule; without
a bracket its reason is what was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from archcheck.comments import python_comments, settings_comments, sql_comments, yaml_comments
from archcheck.source import Source, Unread
from archcheck.surface import Allow

Scan: TypeAlias = Callable[[str], Iterator[tuple[int, int]]]
"""Yields the offsets of every comment, first to last, with its signs."""

_HEAD = 30
_MARK = b"archcheck:"
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")

_LANGUAGES: Mapping[str, tuple[Scan, re.Pattern[str]]] = {
    suffix: (comments, re.compile(sign))
    for suffixes, comments, sign in (
        (("py", "pyi"), python_comments, r"(?:^|\s)#+(?!\d)"),
        (("yaml", "yml"), yaml_comments, r"(?:^|\s)#+(?!\d)"),
        (("toml", "ini", "cfg", "env"), settings_comments, r"(?:^|\s)[#;]+"),
        (("sql", "psql", "pgsql", "ddl", "mysql"), sql_comments, r"(?:^|\s)--+|^/\*+"),
    )
    for suffix in suffixes
}
_FORM = re.compile(r"archcheck:[ \t]*(?P<verb>allow(?:-file)?)\[(?P<rules>[^\]]*)\](?P<reason>.*)", re.DOTALL)
_ATTEMPT = re.compile(r"archcheck:[ \t]*(?:allow|ignore|disable|noqa)(?![a-z])", re.IGNORECASE)
_BREAK = re.compile(r"\r\n|\r|\n")


def scan(source: Source) -> list[Allow]:
    """The acceptances in a file's comments, in order; none in JSON, which has no comments, or in unreadable text.

    A file whose bytes do not hold the marker costs one search.
    """
    if _MARK not in source.data and not source.data.startswith(_WIDE):
        return []
    language = _LANGUAGES.get(source.path.rpartition(".")[2].lower())
    try:
        if language is None or "archcheck:" not in source.text:
            return []
    except Unread:
        return []
    comments, sign = language
    spans = list(comments(source.text))
    return _Page(source, spans).allows(sign)


class _Page:
    """One file with its comments: knows which lines hold nothing else."""

    def __init__(self, source: Source, spans: Sequence[tuple[int, int]]) -> None:
        self._source = source
        self._spans = spans
        self._count = len(source.starts)
        self._bare = self._bare_lines()
        self._next: dict[int, int] = {}

    def allows(self, sign: re.Pattern[str]) -> list[Allow]:
        """Every acceptance, first to last."""
        text = self._source.text
        found = []
        for start, end in self._spans:
            if text.find("archcheck:", start, end) >= 0:
                for offset, words in _segments(text[start:end], sign):
                    if allow := self._allow(start + offset, words):
                        found.append(allow)
        return found

    def _allow(self, offset: int, words: str) -> Allow | None:
        form = _FORM.match(words)
        if form is None and not _ATTEMPT.match(words):
            return None
        stop = form.end("rules") + 1 if form else len(words)
        at = self._source.location(offset, offset + stop)
        names = tuple(name.strip() for name in form["rules"].split(",") if name.strip()) if form else ()
        reason = " ".join(form["reason"].split()).lstrip(":-–— ") if form else words
        if form and form["verb"] == "allow-file" and (at.line <= _HEAD or at.line < self._code_from(1)):
            return Allow(at, names, reason, 1, self._count, whole_file=True)
        line = self._code_from(at.line)
        line = at.line if line > self._count else line
        return Allow(at, names, reason, line, line)

    def _code_from(self, line: int) -> int:
        """The first line from `line` on that holds more than a comment; one past the last when none does."""
        walked = []
        while line <= self._count and line in self._bare and line not in self._next:
            walked.append(line)
            line += 1
        line = self._next.get(line, line)
        self._next.update(dict.fromkeys(walked, line))
        return line

    def _bare_lines(self) -> frozenset[int]:
        """The lines that are empty or hold comments only."""
        text = self._source.text
        code = []
        at = 0
        for start, end in self._spans:
            code.append(text[at:start])
            # A comment becomes its line breaks, so that lines keep their numbers.
            code.append("".join(_BREAK.findall(text[start:end])))
            at = end
        code.append(text[at:])
        lines = _BREAK.split("".join(code))
        return frozenset(number for number, line in enumerate(lines, 1) if not line or line.isspace())


def _segments(comment: str, sign: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """The parts of a comment that begin with the marker: `# noqa  # archcheck: allow[...] why` has one."""
    signs = list(sign.finditer(comment))
    for index, found in enumerate(signs):
        stop = signs[index + 1].start() if index + 1 < len(signs) else len(comment)
        part = comment[found.end() : stop].removesuffix("*/")
        words = part.lstrip()
        if words.startswith("archcheck:"):
            yield found.end() + len(part) - len(words), words.rstrip()
