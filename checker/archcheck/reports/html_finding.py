"""A finding as HTML: what is wrong, and every place it names with its lines, the places marked and numbered."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from archcheck.finding import Verdict
from archcheck.report import Lines
from archcheck.reports.frame import Frame, Mark, Row, frames
from archcheck.reports.html_text import anchor, code_text, prose, text

_WHOLE = 240
_BEFORE, _AFTER = 60, 160


def article(verdict: Verdict, surface: str, lines: Lines) -> Iterator[str]:
    """The pieces of one finding. Its rule, surface and severity are data that the script filters by."""
    finding = verdict.finding
    own = anchor("f", verdict.fingerprint)
    yield (
        f'<article id="{own}" data-rule="{text(verdict.rule)}" data-surface="{text(surface)}" '
        f'data-severity="{verdict.severity}">\n<h4><b class="{verdict.severity}">{verdict.severity}</b> '
        f'<span>{prose(finding.message)}</span></h4>\n<p class="of"><a href="#{anchor("r", verdict.rule)}">'
        f"{text(verdict.rule)}</a>"
    )
    if finding.subject and finding.subject not in finding.message:
        yield f" <code>{text(finding.subject)}</code>"
    yield f' <a class="self" href="#{own}">#{text(verdict.fingerprint)}</a></p>\n'
    numbers = itertools.count(1)
    for frame in frames(finding, lines):
        yield from _framed(frame, numbers)
    if finding.fix:
        yield f'<p class="fix">{"Safe fix" if finding.fix.safe else "Fix to review"}: {prose(finding.fix.title)}</p>\n'
    yield "</article>\n"


def _framed(frame: Frame, numbers: Iterator[int]) -> Iterator[str]:
    at = frame.at
    place = f"{at.path}:{at.line}:{at.column}" if frame.rows else at.path
    yield f'<div class="frame"><p>{text(place)}</p>'
    before = 0
    for row in frame.rows:
        if before and row.number > before + 1:
            yield "<div><i>⋮</i></div>"
        before = row.number
        for first, last, marks in strips(row):
            yield from _line(row, first, last, marks, numbers)
    for label in frame.labels:
        yield f'<div class="label"><i></i><span>{prose(label)}</span></div>'
    yield "</div>\n"


def strips(row: Row) -> Iterator[tuple[int, int, list[Mark]]]:
    """The parts of a line that are shown, with their marks: all of it, or of a long line what lies around each mark."""
    if len(row.text) <= _WHOLE:
        yield 0, len(row.text), list(row.marks)
        return
    left = list(row.marks)
    if not left:
        yield 0, _WHOLE, []
    while left:
        first = max(left[0].start - _BEFORE, 0)
        last = min(left[0].start + _AFTER, len(row.text))
        near = [mark for mark in left if mark is left[0] or first <= mark.start < last]
        left = [mark for mark in left if mark not in near]
        yield first, last, near


def _line(row: Row, first: int, last: int, marks: list[Mark], numbers: Iterator[int]) -> Iterator[str]:
    numbered = [(mark, next(numbers) if mark.label else 0) for mark in marks]
    head = "…" if first else ""
    tail = "…" if last < len(row.text) else ""
    yield f"<div><i>{row.number}</i><code>{head}"
    yield from _pieces(row.text, first, last, numbered)
    yield f"{tail}</code></div>"
    for mark, number in numbered:
        if mark.label:
            yield f'<div class="label"><i><b>{number}</b></i><span>{prose(mark.label)}</span></div>'


def _pieces(line: str, first: int, last: int, marks: Iterable[tuple[Mark, int]]) -> Iterator[str]:
    """The line cut wherever a mark begins or ends, so that marks may overlap; a number follows where its mark ends."""
    spans = [(max(mark.start, first), max(min(mark.end, last), first), mark, number) for mark, number in marks]
    cuts = sorted({first, last, *(start for start, *_ in spans), *(end for _, end, *_ in spans)})
    for start, end in zip(cuts, [*cuts[1:], last], strict=True):
        for begin, stop, mark, number in spans:
            if stop == start:
                yield _mark("\u00a0", mark.primary) if begin == stop else ""
                yield f"<sup>{number}</sup>" if number else ""
        if start < end:
            over = [mark.primary for begin, stop, mark, _ in spans if begin <= start and end <= stop]
            piece = code_text(line[start:end])
            yield _mark(piece, any(over)) if over else piece


def _mark(piece: str, primary: bool) -> str:
    return f'<mark class="own">{piece}</mark>' if primary else f"<mark>{piece}</mark>"
