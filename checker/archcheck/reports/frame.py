"""A frame is a file's lines around the places of a finding, as data: the terminal draws it, and so can any page."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from archcheck.finding import Finding
from archcheck.report import Lines
from archcheck.source import Location

_TOKEN = re.compile(r"[^\s:,;(){}\[\]\"']+")


class Mark(Struct, frozen=True):
    """A labelled place on a line, from `start` up to `end` in code points from 0; the finding's own is primary."""

    start: int
    end: int
    label: str
    primary: bool


class Row(Struct, frozen=True):
    """One line of a file with its marks, the primary one first, then from left to right."""

    number: int
    text: str
    marks: tuple[Mark, ...]


class Frame(Struct, frozen=True):
    """One file's part of a finding. `at` is the place its heading names; rows ascend and have gaps between them.

    `rows` is empty where the file cannot be shown; then `labels` holds what its marks would have said.
    """

    at: Location
    rows: tuple[Row, ...]
    labels: tuple[str, ...] = ()


def frames(finding: Finding, lines: Lines) -> list[Frame]:
    """The frames of a finding: the file of its primary place first, the others as they are first related."""
    files: dict[str, list[tuple[Location, str, bool]]] = {finding.at.path: [(finding.at, "", True)]}
    for related in finding.related:
        files.setdefault(related.at.path, []).append((related.at, related.label, False))
    return [_frame(places, lines) for places in files.values()]


def span(text: str, at: Location) -> tuple[int, int]:
    """Where a place starts and ends on its line, in code points from 0, kept within the line.

    A place without an end reaches to the end of the word it starts at.
    """
    start = min(max(at.column - 1, 0), len(text))
    if at.end_column:
        return start, min(max(at.end_column - 1, start), len(text))
    token = _TOKEN.match(text, start)
    return start, token.end() if token else min(start + 1, len(text))


def _frame(places: list[tuple[Location, str, bool]], lines: Lines) -> Frame:
    first = places[0][0]
    if lines.source(first.path) is None:
        return Frame(first, (), tuple(label for _, label, _ in places if label))
    numbers = sorted({at.line for at, _, _ in places})
    return Frame(first, tuple(_row(number, places, lines) for number in _without_holes(numbers)))


def _without_holes(numbers: list[int]) -> Iterable[int]:
    """The line numbers, with a single line between two of them shown too: a mark for "left out" takes as much room."""
    for before, number in zip([0, *numbers], numbers, strict=False):
        if before and number - before == 2:
            yield number - 1
        yield number


def _row(number: int, places: list[tuple[Location, str, bool]], lines: Lines) -> Row:
    text = lines.line(places[0][0].path, number)
    marks = [Mark(*span(text, at), label, primary) for at, label, primary in places if at.line == number]
    return Row(number, text, tuple(sorted(marks, key=lambda mark: (not mark.primary, mark.start, mark.end))))
