"""Which verdicts stay, or come first, when not all can be shown: the most severe, then those that reach furthest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from archcheck.finding import SEVERITIES, Verdict
from archcheck.report import Report
from archcheck.reports.text import counted, listed


def most_severe(verdicts: Sequence[Verdict], limit: int) -> tuple[Verdict, ...]:
    """At most `limit` verdicts, the least severe left out first and among equals the last; the order stays."""
    if len(verdicts) <= limit:
        return tuple(verdicts)
    ranked = sorted(range(len(verdicts)), key=lambda index: SEVERITIES.index(verdicts[index].severity))
    return tuple(verdicts[index] for index in sorted(ranked[:limit]))


def ranked(report: Report) -> list[Verdict]:
    """All verdicts, the most urgent first: by severity, then by the rule's security score, then by reach.

    A finding reaches as many files as it names: one that joins a route, its document and its table comes before one
    of a single line. Among equals the order of the report stays.
    """
    return sorted(report.verdicts, key=lambda verdict: _urgency(verdict, report))


def _urgency(verdict: Verdict, report: Report) -> tuple[int, float, int]:
    rule = report.rules.get(verdict.rule)
    security = (rule.security if rule else None) or 0.0
    files = {verdict.at.path, *(related.at.path for related in verdict.finding.related)}
    return SEVERITIES.index(verdict.severity), -security, -len(files)


def by_severity(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How many verdicts there are of each severity, the most severe first, zeros too."""
    counts = Counter(verdict.severity for verdict in verdicts)
    return {severity: counts[severity] for severity in SEVERITIES}


def tally(verdicts: Iterable[Verdict]) -> str:
    """`2 errors, 12 warnings and 1 note`; empty when there are none."""
    return listed(counted(number, f"{severity}s") for severity, number in by_severity(verdicts).items() if number)
