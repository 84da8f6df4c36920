"""The changelog of a comparison, in Markdown: what breaks clients first, then what does not, then what nobody compared.

It speaks to those who use the API, so it holds every change, whatever rules were chosen and whatever was accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from archcheck.report import Changed, ReleaseNotes, Report
from archcheck.reports.coverage import checked
from archcheck.reports.markdown_text import code, text
from archcheck.reports.text import counted
from archcheck.source import Location


def write(report: Report, out: TextIO) -> None:
    """Write the changelog of each document, and what could not be compared."""
    out.writelines(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield "# API changelog"
    for notes in report.releases:
        yield from _release(notes)
    if report.coverage.gaps or report.coverage.notes:
        yield ""
        yield "## Not compared"
        yield ""
        for gap in report.coverage.gaps:
            place = f"{gap.path}:{gap.line}" if gap.line else gap.path
            yield f"- {code(place)}: {text(gap.reason)}"
        for note in report.coverage.notes:
            yield f"- {text(note)}"
    yield ""
    yield text(checked(report.coverage))


def _release(notes: ReleaseNotes) -> Iterator[str]:
    yield ""
    step = f" {notes.before} to {notes.after}" if notes.before != notes.after else f" {notes.after}"
    yield f"## {text(f'{notes.title}{step}'.strip())}"
    yield ""
    yield f"{code(notes.base)} compared with {code(notes.revision)}."
    breaking = [change for change in notes.changes if change.breaking]
    others = [change for change in notes.changes if not change.breaking]
    yield from _part("Breaking", breaking)
    yield from _part("Not breaking", others)
    if not notes.changes:
        yield ""
        yield "Nothing changed for clients."


def _part(title: str, changes: Sequence[Changed]) -> Iterator[str]:
    if not changes:
        return
    yield ""
    yield f"### {title}: {counted(len(changes), 'changes')}"
    yield ""
    for change in changes:
        yield f"- {text(change.said)}<br>{_place(change.base)} to {_place(change.revision)}"


def _place(at: Location) -> str:
    return code(f"{at.path}:{at.line}")
