"""The concise report: one line for each finding, in the form that editors and scripts know."""

from __future__ import annotations

from typing import TextIO

from archcheck.report import Report
from archcheck.reports.text import visible


def write(report: Report, out: TextIO) -> None:
    """Write `path:line:column: severity[rule-id] message` for each verdict, and nothing else."""
    for verdict in report.verdicts:
        at = verdict.at
        message = visible(verdict.finding.message)
        out.write(f"{visible(at.path)}:{at.line}:{at.column}: {verdict.severity}[{visible(verdict.rule)}] {message}\n")
