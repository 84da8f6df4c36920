"""The concise report: one line for each finding, in the form that editors and scripts know."""

from __future__ import annotations

from typing import TextIO

from archcheck.finding import Verdict
from archcheck.report import Report
from archcheck.reports.text import visible


def write(report: Report, out: TextIO) -> None:
    """Write `path:line:column: severity[rule-id] message` for each verdict, and nothing else.

    What changed between two releases names its former place, too.
    """
    for verdict in report.verdicts:
        at = verdict.at
        message = visible(verdict.finding.message) + _before(verdict, report)
        out.write(f"{visible(at.path)}:{at.line}:{at.column}: {verdict.severity}[{visible(verdict.rule)}] {message}\n")


def _before(verdict: Verdict, report: Report) -> str:
    """The places in the earlier release, where two are compared."""
    rule = report.rules.get(verdict.rule)
    related = verdict.finding.related if rule is not None and rule.changes else ()
    return "".join(f" ({each.label}: {visible(each.at.path)}:{each.at.line}:{each.at.column})" for each in related)
