"""The sentences that close a report: what was found, what was checked, and what was not and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archcheck.report import Report, RunCoverage
from archcheck.reports.ranking import tally
from archcheck.reports.text import counted, cut, listed, visible
from archcheck.surface import Gap

_ORDER = ("openapi", "sql", "python", "contract")
_UNITS = {"python": "modules"}
_NAMED_GAPS = 3
_REASON_LENGTH = 200


def found(report: Report) -> str:
    """What was found, in one sentence: `Found 2 errors and 1 note in 2 files; 3 findings allowed.`"""
    accepted = []
    if report.allowed:
        accepted.append(f"{counted(report.allowed, 'findings')} allowed")
    if report.debt:
        accepted.append(f"{counted(len(report.debt), 'findings')} in the baseline")
    if report.verdicts:
        files = counted(len({verdict.at.path for verdict in report.verdicts}), "files")
        head = f"Found {tally(report.verdicts)} in {files}"
    else:
        head = "No findings"
    return "; ".join([head, *([listed(accepted)] if accepted else [])]) + "."


def checked(coverage: RunCoverage) -> str:
    """What was checked and what was not, in one sentence on one line."""
    parts = [_read(coverage)]
    if withheld := sum(coverage.undecided.values()):
        parts.append(f"{counted(withheld, 'verdicts')} withheld for lack of proof")
    if coverage.gaps:
        parts.append(_missed(coverage.gaps))
    return "; ".join(parts) + "."


def _read(coverage: RunCoverage) -> str:
    surfaces = [
        _surface(name, coverage.counts[name], sum(coverage.opaque.get(name, {}).values()))
        for name in sorted(coverage.counts, key=_rank)
        if any(coverage.counts[name].values())
    ]
    if not surfaces:
        return "Checked nothing: no OpenAPI document, migration or Python module was read"
    rules = counted(coverage.rules, "rules") if coverage.rules else "no rules"
    return f"Checked {listed(surfaces)} with {rules}"


def _surface(name: str, counts: Mapping[str, int], opaque: int) -> str:
    """`18 migrations (96 statements, 3 not understood)`: the unit's noun first, what it holds in brackets."""
    # A surface whose units are of several kinds names first what most of them are.
    (noun, number), *rest = sorted(counts.items(), key=lambda item: item[0] != _UNITS.get(name))
    head = counted(number, noun)
    if name == "python":
        count, _, word = head.partition(" ")
        head = f"{count} Python {word}"
    details = [counted(count, other) for other, count in rest if count]
    if opaque:
        details.append(f"{opaque:,} not understood" if details else f"{counted(opaque, 'parts')} not understood")
    return f"{head} ({', '.join(details)})" if details else head


def _missed(gaps: Sequence[Gap]) -> str:
    """`1 file not checked in full: api/broken.yaml (line 3: ...)`. Every file is counted, the first few are named."""
    first: dict[str, Gap] = {}
    for gap in gaps:
        first.setdefault(gap.path, gap)
    named = [_gap(gap) for gap in list(first.values())[:_NAMED_GAPS]]
    if len(first) > _NAMED_GAPS:
        named.append(f"{len(first) - _NAMED_GAPS:,} more")
    return f"{counted(len(first), 'files')} not checked in full: {listed(named)}"


def _gap(gap: Gap) -> str:
    reason = cut(visible(gap.reason), _REASON_LENGTH).rstrip(".")
    place = f"line {gap.line}: " if gap.line else ""
    return f"{visible(gap.path) or 'the project'} ({place}{reason})" if reason else visible(gap.path)


def _rank(surface: str) -> tuple[int, str]:
    return (_ORDER.index(surface) if surface in _ORDER else len(_ORDER), surface)
