"""The terminal report: each finding with the lines it is about, then what was found and what was checked.

It is drawn with a handful of escape sequences of its own. Rich would do the same, but importing it costs more than
everything else here (46 ms, a fifth of a second run's time), and its markup would be one more language to escape from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from msgspec import Struct

from archcheck.finding import Finding, Verdict
from archcheck.report import Report
from archcheck.reports.coverage import checked, found
from archcheck.reports.frame import Frame, Mark, Row, frames
from archcheck.reports.ranking import most_severe
from archcheck.reports.text import cells, shown, visible, wrap

_TAB = 4
_LEAST_LABEL = 24
_COLORS = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "gutter": "2",
    "related": "34",
    "label": "34",
    "bold": "1",
}


class Style(Struct, frozen=True):
    """How to draw, which the command line decides: colours, clickable links, the width, how many findings (0: all)."""

    color: bool = False
    links: bool = False
    width: int = 100
    limit: int = 0

    def paint(self, role: str, text: str) -> str:
        """The text in the colour of its role. Text is made visible before it comes here."""
        return f"\x1b[{_COLORS[role]}m{text}\x1b[0m" if self.color and text.strip() else text

    def link(self, url: str, text: str) -> str:
        """The text as a clickable link (the escape sequence OSC 8), where that is wanted and there is an address."""
        return f"\x1b]8;;{visible(url)}\x1b\\{text}\x1b]8;;\x1b\\" if self.links and url else text


PLAIN = Style()


def write(report: Report, out: TextIO, style: Style = PLAIN) -> None:
    """Write the findings, the summary and, as the last line, the coverage."""
    write_findings(report, out, style)
    write_summary(report, out, style)


def write_findings(report: Report, out: TextIO, style: Style = PLAIN) -> None:
    """Write each finding with the lines it is about, an empty line after each."""
    verdicts = most_severe(report.verdicts, style.limit or len(report.verdicts))
    for verdict in verdicts:
        rule = report.rules.get(verdict.rule)
        for line in _drawn(verdict, rule.url if rule else "", report, style):
            out.write(f"{line.rstrip()}\n")
        out.write("\n")


def write_summary(report: Report, out: TextIO, style: Style = PLAIN) -> None:
    """Write what was found and what was checked: the end of the report, or all of it beside other formats."""
    hidden = len(report.verdicts) - style.limit if style.limit else 0
    out.write(f"{style.paint('bold', found(report))}\n")
    if hidden > 0:
        out.write(f"Shown are the {style.limit:,} most severe; {hidden:,} more are not shown.\n")
    if report.verdicts:
        example = most_severe(report.verdicts, 1)[0].rule
        out.write(f"`archcheck explain {visible(example)}` tells why, and what good looks like.\n")
    out.write(f"{checked(report.coverage)}\n")


def places(verdict: Verdict, report: Report, style: Style = PLAIN) -> Iterator[str]:
    """The lines that show where a finding is: every file it names with its marked lines, then its fix."""
    finding = verdict.finding
    parts = frames(finding, report.lines)
    gutter = max((len(str(row.number)) for frame in parts for row in frame.rows), default=1)
    edge = style.paint("gutter", f"{'':{gutter}} |")
    for index, frame in enumerate(parts):
        yield from _framed(frame, "-->" if index == 0 else ":::", gutter, verdict, style)
        if frame.rows and (index + 1 < len(parts) or finding.fix):
            yield edge
    yield from _fix(finding, gutter, style)


def _drawn(verdict: Verdict, url: str, report: Report, style: Style) -> Iterator[str]:
    yield from _headline(verdict, url, style)
    yield from places(verdict, report, style)


def _headline(verdict: Verdict, url: str, style: Style) -> Iterator[str]:
    """`error[rule-id]: message`, wrapped; the lines that follow are indented."""
    tag = f"{verdict.severity}[{visible(verdict.rule)}]"
    first, *rest = wrap(visible(verdict.finding.message), style.width - 2, style.width - cells(tag) - 2)
    head = style.paint(verdict.severity, style.link(url, tag))
    yield f"{head}: {style.paint('bold', first)}" if first else f"{head}:"
    for line in rest:
        yield f"  {style.paint('bold', line)}"


def _framed(frame: Frame, arrow: str, gutter: int, verdict: Verdict, style: Style) -> Iterator[str]:
    at = frame.at
    place = f"{visible(at.path)}:{at.line}:{at.column}" if frame.rows else visible(at.path)
    pad = " " * gutter
    yield f"{style.paint('gutter', f'{pad}{arrow}')} {place}"
    for label in frame.labels:
        yield from _note(visible(label), gutter, style)
    if frame.rows:
        yield style.paint("gutter", f"{pad} |")
    before = 0
    for row in frame.rows:
        if before and row.number > before + 1:
            yield style.paint("gutter", "...")
        before = row.number
        yield from _row(row, gutter, verdict, style)


def _row(row: Row, gutter: int, verdict: Verdict, style: Style) -> Iterator[str]:
    """A line and its marks below it; a line that is too long is shown once around each group of marks that fits."""
    number = style.paint("gutter", f"{row.number:>{gutter}} |")
    edge = style.paint("gutter", f"{'':{gutter}} |")
    room = max(style.width - gutter - 3, 20)
    if not row.marks:
        yield f"{number} {_Strip(row.text, 0, room).text}"
    left = list(row.marks)
    while left:
        strip = _Strip(row.text, left[0].start, room)
        yield f"{number} {strip.text}"
        near = [mark for mark in left if mark is left[0] or strip.first <= mark.start < strip.last]
        left = [mark for mark in left if mark not in near]
        for mark in near:
            for line in _marked(mark, strip, room, verdict, style):
                yield f"{edge} {line}"


def _marked(mark: Mark, strip: _Strip, room: int, verdict: Verdict, style: Style) -> Iterator[str]:
    start = strip.cell(mark.start)
    length = max(strip.cell(mark.end) - start, 1)
    underline = style.paint(*((verdict.severity, "^" * length) if mark.primary else ("related", "-" * length)))
    label = visible(mark.label)
    beside = room - start - length - 1
    if not label:
        yield f"{'':{start}}{underline}"
    elif cells(label) <= beside or beside >= _LEAST_LABEL:
        first, *rest = wrap(label, beside)
        yield f"{'':{start}}{underline} {style.paint('label', first)}"
        for line in rest:
            yield f"{'':{start + length + 1}}{style.paint('label', line)}"
    else:
        yield f"{'':{start}}{underline}"
        indent = max(min(start, room - 2 * _LEAST_LABEL), 0)
        for line in wrap(label, room - indent):
            yield f"{'':{indent}}{style.paint('label', line)}"


def _fix(finding: Finding, gutter: int, style: Style) -> Iterator[str]:
    if finding.fix:
        kind = "safe fix" if finding.fix.safe else "fix to review"
        yield from _note(f"{kind}: {visible(finding.fix.title)}", gutter, style)


def _note(text: str, gutter: int, style: Style) -> Iterator[str]:
    first, *rest = wrap(text, max(style.width - gutter - 3, 20))
    yield f"{'':{gutter}} {style.paint('gutter', '=')} {first}"
    for line in rest:
        yield f"{'':{gutter}}   {line}"


class _Strip:
    """The part of a line that fits the room, around one place, and where each of its characters is drawn.

    Tabs become spaces and hidden characters their escapes, so a character may fill none, one or many cells.
    `first` and `last` are the code points shown, from 0, the end exclusive.
    """

    __slots__ = ("_starts", "first", "last", "text")

    def __init__(self, line: str, focus: int, room: int) -> None:
        self.first, self.last = _window(line, min(focus, len(line)), room)
        head = "…" if self.first else ""
        pieces, self._starts, used = [head], [], cells(head)
        for char in line[self.first : self.last]:
            self._starts.append(used)
            piece = " " * (_TAB - used % _TAB) if char == "\t" else shown(char)
            pieces.append(piece)
            used += cells(piece)
        self._starts.append(used)
        self.text = "".join([*pieces, "…" if self.last < len(line) else ""])

    def cell(self, offset: int) -> int:
        """The cell at which a code point of the line is drawn; those outside the strip lie at its ends."""
        return self._starts[min(max(offset - self.first, 0), len(self._starts) - 1)]


def _window(line: str, focus: int, room: int) -> tuple[int, int]:
    """The range of code points that fits the room: the whole line, else a third of the room before the focus."""
    if len(line) <= 4 * room and sum(map(_most_cells, line)) <= room:
        return 0, len(line)
    room -= 2
    before, budget = focus, room // 3
    while before and (budget := budget - _most_cells(line[before - 1])) >= 0:
        before -= 1
    after, budget = before, room
    while after < len(line) and (budget := budget - _most_cells(line[after])) >= 0:
        after += 1
    if after == len(line):
        while before and (budget := budget - _most_cells(line[before - 1])) >= 0:
            before -= 1
    return before, max(after, min(focus + 1, len(line)))


def _most_cells(char: str) -> int:
    return _TAB if char == "\t" else 1 if " " <= char <= "~" else cells(shown(char))
