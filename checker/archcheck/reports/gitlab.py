"""The report for GitLab's Code Quality: a JSON array with one issue for each finding.

GitLab shows what a merge request adds and mends by comparing fingerprints, and shows issues with equal ones as one. Its
documentation demands relative paths and no byte order mark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from archcheck.finding import Verdict
from archcheck.report import Report, RuleInfo
from archcheck.reports.document import dumped
from archcheck.reports.text import visible

_SEVERITIES = {"error": "critical", "warning": "major", "note": "minor"}
_BLOCKER = 9.0


def write(report: Report, out: TextIO) -> None:
    """Write the whole array, one issue on each line."""
    for piece in dumped(list(_issues(report)), {}, deep=False):
        out.write(piece)


def _issues(report: Report) -> Iterator[dict[str, object]]:
    seen: Counter[str] = Counter()
    for verdict in report.verdicts:
        seen[verdict.fingerprint] += 1
        count = seen[verdict.fingerprint]
        yield {
            "description": visible(verdict.finding.message) or verdict.rule,
            "check_name": verdict.rule,
            "fingerprint": verdict.fingerprint if count == 1 else f"{verdict.fingerprint}-{count}",
            "severity": _severity(verdict, report.rules.get(verdict.rule)),
            "location": {"path": verdict.at.path, "lines": {"begin": max(verdict.at.line, 1)}},
        }


def _severity(verdict: Verdict, rule: RuleInfo | None) -> str:
    """GitLab's word: `blocker` for an error of a rule whose security score is critical, 9.0 and above."""
    if verdict.severity == "error" and rule is not None and (rule.security or 0.0) >= _BLOCKER:
        return "blocker"
    return _SEVERITIES[verdict.severity]
