"""The report for GitHub Actions: workflow commands that become annotations at the lines of a pull request.

A step may annotate ten errors, ten warnings and ten notices; what is beyond that GitHub drops without a word. So the
most urgent are written, and the last line says how many are not. Text from the checked files is escaped as the runner
unescapes it, so that no text can become a command.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from archcheck.finding import Verdict
from archcheck.report import Report
from archcheck.reports.frame import span
from archcheck.reports.ranking import ranked, tally
from archcheck.reports.text import cut, visible

LIMIT = 10
"""How many annotations of each severity GitHub takes from one step."""

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
_MESSAGE = 4_000
_RELATED = 10


def write(report: Report, out: TextIO) -> None:
    """Write one command for each annotation, the most urgent first, and a last line when some are not shown."""
    counts: Counter[str] = Counter()
    left_out: list[Verdict] = []
    for verdict in ranked(report):
        counts[verdict.severity] += 1
        if counts[verdict.severity] > LIMIT:
            left_out.append(verdict)
        else:
            out.write(f"{_command(verdict, report)}\n")
    if left_out:
        out.write(
            f"GitHub shows {LIMIT} annotations of each severity; {tally(left_out)} more "
            f"{'is' if len(left_out) == 1 else 'are'} not shown here.\n"
        )


def _command(verdict: Verdict, report: Report) -> str:
    at = verdict.at
    properties = {"file": visible(at.path), "line": str(max(at.line, 1))}
    if report.lines.source(at.path) is not None:
        start, end = span(report.lines.line(at.path, at.line), at)
        # Here, unlike anywhere else, the end is the last column and not the one after it.
        properties |= {"col": str(start + 1), "endColumn": str(max(end, start + 1))}
    properties["title"] = visible(verdict.rule)
    told = ",".join(f"{name}={_escaped_property(value)}" for name, value in properties.items())
    message = "\n".join(_message(verdict))
    return f"::{_COMMANDS[verdict.severity]} {told}::{_escaped(message)}"


def _message(verdict: Verdict) -> Iterator[str]:
    finding = verdict.finding
    yield cut(visible(finding.message), _MESSAGE) or verdict.rule
    for related in finding.related[:_RELATED]:
        at = related.at
        yield f"{visible(at.path)}:{at.line}:{at.column}: {cut(visible(related.label), _MESSAGE // 10)}"
    if len(finding.related) > _RELATED:
        yield f"and {len(finding.related) - _RELATED} more places"


def _escaped(text: str) -> str:
    """The data of a command, as the runner unescapes it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    """The value of a property, which ends at a comma or a colon."""
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
