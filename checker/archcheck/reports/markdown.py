"""The Markdown report, for the comment on a pull request or the summary of a step: the most urgent first, in one size.

A comment on GitHub holds 65,536 characters. So the first findings stand with their lines, the others in one line each,
and when not even those fit the report says how many are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from archcheck.finding import Verdict
from archcheck.report import Report, RuleInfo
from archcheck.reports import changelog
from archcheck.reports.coverage import checked, found
from archcheck.reports.markdown_text import block, code, prose, text
from archcheck.reports.ranking import ranked, tally
from archcheck.reports.scorecard import Score, scorecard, standings
from archcheck.reports.terminal import Style, places
from archcheck.reports.text import counted, cut, visible

LIMIT = 65_536
"""How many characters a comment holds, counted as UTF-16 units as the strictest site does."""

_FRAMED = 20
_FRAME_LINES = 40
_MESSAGE = 1_000
_NAME = 200
_GAPS = 20
_COUNTS = 20
_ROOM_FOR_NOTICE = 200
_STYLE = Style(width=100)


def write(report: Report, out: TextIO, limit: int = LIMIT) -> None:
    """Write the whole report within `limit` characters; of a comparison, its changelog, as long as it is."""
    if report.compares:
        changelog.write(report, out)
        return
    head = _joined(_head(report))
    tail = _joined(_tail(report))
    room = limit - _size(head) - _size(tail) - _ROOM_FOR_NOTICE
    out.write(head)
    out.writelines(_findings(report, room))
    out.write(tail)


def _head(report: Report) -> Iterator[str]:
    yield f"## archcheck: {tally(report.verdicts) or 'no findings'}"
    yield ""
    yield text(found(report))
    yield ""
    yield text(checked(report.coverage))


def _findings(report: Report, room: int) -> Iterator[str]:
    """The findings, as many as there is room for, and what is left out."""
    verdicts = ranked(report)
    severity = ""
    for index, verdict in enumerate(verdicts):
        title = "" if verdict.severity == severity else _title(verdict.severity, verdicts)
        severity = verdict.severity
        line = title + _joined(_item(verdict, report.rules.get(verdict.rule)))
        framed = line + _joined(_frame(verdict, report)) if index < _FRAMED else line
        piece = framed if _size(framed) <= room else line
        room -= _size(piece)
        if room < 0:
            left = verdicts[index:]
            be = "is" if len(left) == 1 else "are"
            yield f"\n**{tally(left)} more {be} left out here to keep this short; the other formats have all.**\n"
            return
        yield piece


def _title(severity: str, verdicts: Sequence[Verdict]) -> str:
    number = sum(verdict.severity == severity for verdict in verdicts)
    return f"\n### {counted(number, f'{severity}s').capitalize()}\n\n"


def _item(verdict: Verdict, rule: RuleInfo | None) -> Iterator[str]:
    """One line: what is wrong, where, and by which rule."""
    at = verdict.at
    name = code(verdict.rule)
    if rule is not None and rule.url.startswith("https://"):
        name = f"[{name}](<{_address(rule.url)}>)"
    known = not verdict.finding.subject or verdict.finding.subject in verdict.finding.message
    subject = "" if known else f" ({code(cut(verdict.finding.subject, _NAME))})"
    place = code(f"{at.path}:{at.line}:{at.column}")
    yield f"- {prose(cut(verdict.finding.message, _MESSAGE))} {name}<br>{place}{subject}"


def _frame(verdict: Verdict, report: Report) -> Iterator[str]:
    lines = [line.rstrip() for line in places(verdict, report, _STYLE)]
    if len(lines) > _FRAME_LINES:
        lines = [*lines[:_FRAME_LINES], "..."]
    for line in block(lines):
        yield f"  {line}"


def _tail(report: Report) -> Iterator[str]:
    scores = scorecard(report)
    yield ""
    if scores:
        yield from _folded(f"The checklist: {standings(scores)}", _scores(scores))
    if not_checked := list(_not_checked(report)):
        yield from _folded("What was not checked", not_checked)


def _scores(scores: Iterable[Score]) -> Iterator[str]:
    yield "| line | what it asks | stands |"
    yield "|---|---|---|"
    for score in scores:
        if score.standing != "not checkable":
            stands = counted(score.findings, "findings") if score.findings else score.standing
            because = f": {prose(score.reason)}" if score.reason else ""
            anchor = code(cut(score.line.anchor, _NAME)).replace("|", "\\|")
            yield f"| {anchor} | {text(cut(score.line.title, _NAME))} | {stands}{because} |"


def _not_checked(report: Report) -> Iterator[str]:
    coverage = report.coverage
    for gap in coverage.gaps[:_GAPS]:
        place = f"{gap.path or 'the project'}{f':{gap.line}' if gap.line else ''}"
        way_out = f"; {text(cut(gap.way_out, _NAME))}" if gap.way_out else ""
        yield f"- {code(cut(place, _NAME))}: {text(cut(gap.reason, _NAME))}{way_out}"
    if len(coverage.gaps) > _GAPS:
        yield f"- {counted(len(coverage.gaps) - _GAPS, 'more gaps')}"
    for surface, kinds in sorted(coverage.opaque.items()):
        for kind, number in sorted(kinds.items())[:_COUNTS]:
            yield f"- {text(surface)}: {number:,} not understood: {text(cut(kind, _NAME))}"
    for reason, number in sorted(coverage.undecided.items())[:_COUNTS]:
        yield f"- {counted(number, 'verdicts')} withheld: {text(cut(reason, _NAME))}"
    for note in coverage.notes[:_COUNTS]:
        yield f"- {text(cut(note, _MESSAGE))}"


def _folded(summary: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"<details><summary>{summary}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"
    yield ""


def _address(url: str) -> str:
    return visible(url).replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C").replace(" ", "%20")


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _size(words: str) -> int:
    return len(words.encode("utf-16-le")) // 2
