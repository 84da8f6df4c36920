"""Places in SARIF: relative addresses, one-line regions with their text, and the lines around them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import quote

from archcheck.report import Lines
from archcheck.reports.frame import span
from archcheck.source import Location

Object: TypeAlias = dict[str, object]

ROOT = "%SRCROOT%"
"""The name that GitHub knows for the root of a repository."""

_REGION = 500
_CONTEXT = 1000
_AROUND = 200


def artifact(path: str, artifacts: Mapping[str, int]) -> Object:
    """The address of a file, escaped, relative to the root, with its index among the artifacts."""
    place: Object = {"uri": quote(path, safe="/", errors="surrogatepass"), "uriBaseId": ROOT}
    if path in artifacts:
        place["index"] = artifacts[path]
    return place


def physical(at: Location, artifacts: Mapping[str, int], lines: Lines) -> Object:
    """A place with its text and its surroundings, as far as the file can be read."""
    place: Object = {"artifactLocation": artifact(at.path, artifacts)}
    if lines.source(at.path) is None:
        place["region"] = {"startLine": max(at.line, 1), "startColumn": max(at.column, 1)}
        return place
    text = lines.line(at.path, at.line)
    start, end = span(text, at)
    end = min(end, start + _REGION)
    place["region"] = _region(at.line, start, at.line, end, text[start:end])
    if context := _context(at, start, end, lines):
        place["contextRegion"] = context
    return place


def _context(at: Location, start: int, end: int, lines: Lines) -> Object | None:
    """The line with its neighbours; of very long lines a part of the line. None when that shows nothing more."""
    source = lines.source(at.path)
    last = len(source.starts) if source else 0
    if not 1 <= at.line <= last:
        return None
    first, final = max(at.line - 1, 1), min(at.line + 1, last)
    around = [lines.line(at.path, number) for number in range(first, final + 1)]
    if final > at.line and not around[-1]:
        # An empty last line would end the region at column 1, which shows nothing.
        final, around = final - 1, around[:-1]
    if sum(map(len, around)) <= _CONTEXT:
        if len(around) == 1 and (start, end) == (0, len(around[0])):
            return None
        return _region(first, 0, final, len(around[-1]), "\n".join(around))
    text = lines.line(at.path, at.line)
    left, right = max(start - _AROUND, 0), min(end + _AROUND, len(text))
    return _region(at.line, left, at.line, right, text[left:right]) if (left, right) != (start, end) else None


def _region(line: int, start: int, end_line: int, end: int, text: str) -> Object:
    region: Object = {"startLine": line, "startColumn": start + 1, "endLine": end_line, "endColumn": end + 1}
    if text:
        region["snippet"] = {"text": text}
    return region
