"""The JSON report, format `json-v1`: all that a run has to say, for programs.

Lines and columns count from 1, columns in Unicode code points; an `end_column` is exclusive, 0 when it is not known.
Paths are relative to the root, with `/`. A key is never removed and never changes its meaning within `json-v1`.

`version`    the name of this format
`tool`       name and version of the program
`exit_code`, `fail_on`
`summary`    findings by severity, and how many were accepted by a comment or the baseline and are not listed
`findings`   sorted by place: `fingerprint` (survives moved lines), `rule`, `severity`, `profile`, the primary place,
             `message`, `subject` (the stable name of what is judged), `related` places with labels,
             `fix` (null, or title, safe, edits, and the `files` that it makes, with their text)
`rules`      the rules that ran
`coverage`   what was read by surface; what was `opaque` (delimited, not understood), `undecided` (verdicts withheld)
             and `passed_over` (no concern of ours); `gaps`: what was asked for and not checked, and why; and the
             closing `sentence`
`releases`   of a comparison only: `title`, the `base` and the `revision` with their versions (`before`, `after`), and
             all `changes`: `breaking`, `message`, and the places in `base` and `revision`
"""

from __future__ import annotations

from typing import TextIO

from archcheck.finding import Edit, Fix, Verdict
from archcheck.report import ReleaseNotes, Report, RuleInfo, RunCoverage
from archcheck.reports.coverage import checked
from archcheck.reports.document import dumped
from archcheck.reports.ranking import by_severity
from archcheck.source import Location
from archcheck.surface import Gap

_LAYOUT = {"tool": True, "summary": True, "findings": False, "rules": False, "coverage": True, "gaps": False}
_LAYOUT |= {"releases": True, "changes": False}


def write(report: Report, out: TextIO) -> None:
    """Write the whole report as one JSON object."""
    document: dict[str, object] = {
        "version": "json-v1",
        "tool": {"name": "archcheck", "version": report.version},
        "exit_code": report.exit_code,
        "fail_on": report.fail_on,
        "summary": {
            **by_severity(report.verdicts),
            "allowed": report.allowed,
            "baselined": len(report.debt),
        },
        "findings": [_finding(verdict) for verdict in report.verdicts],
        "rules": [_rule(report.rules[name]) for name in sorted(report.rules)],
        "coverage": coverage(report.coverage),
    }
    if report.compares:
        document["releases"] = [_release(notes) for notes in report.releases]
    for piece in dumped(document, _LAYOUT):
        out.write(piece)


def coverage(coverage: RunCoverage) -> dict[str, object]:
    """The coverage as data, the same in every machine format."""
    return {
        "sentence": checked(coverage),
        "files": coverage.files,
        "rules": coverage.rules,
        "counts": {surface: dict(counts) for surface, counts in sorted(coverage.counts.items())},
        "opaque": {surface: dict(sorted(kinds.items())) for surface, kinds in sorted(coverage.opaque.items())},
        "undecided": dict(sorted(coverage.undecided.items())),
        "passed_over": dict(sorted(coverage.passed_over.items())),
        "notes": list(coverage.notes),
        "gaps": [_gap(gap) for gap in coverage.gaps],
    }


def _finding(verdict: Verdict) -> dict[str, object]:
    finding = verdict.finding
    return {
        "fingerprint": verdict.fingerprint,
        "rule": verdict.rule,
        "severity": verdict.severity,
        "profile": verdict.profile,
        **_place(finding.at),
        "message": finding.message,
        "subject": finding.subject,
        "related": [{**_place(related.at), "label": related.label} for related in finding.related],
        "fix": _fix(finding.fix) if finding.fix else None,
    }


def _release(notes: ReleaseNotes) -> dict[str, object]:
    changes = [
        {
            "breaking": change.breaking,
            "message": change.said,
            "base": _place(change.base),
            "revision": _place(change.revision),
        }
        for change in notes.changes
    ]
    return {
        "title": notes.title,
        "base": notes.base,
        "revision": notes.revision,
        "before": notes.before,
        "after": notes.after,
        "changes": changes,
    }


def _place(at: Location) -> dict[str, object]:
    return {"path": at.path, "line": at.line, "column": at.column, "end_column": at.end_column}


def _fix(fix: Fix) -> dict[str, object]:
    return {
        "title": fix.title,
        "safe": fix.safe,
        "edits": [_edit(edit) for edit in fix.edits],
        "files": [{"path": file.path, "text": file.text} for file in fix.files],
    }


def _edit(edit: Edit) -> dict[str, object]:
    return {
        "path": edit.path,
        "line": edit.line,
        "column": edit.column,
        "end_line": edit.end_line,
        "end_column": edit.end_column,
        "text": edit.text,
    }


def _rule(rule: RuleInfo) -> dict[str, object]:
    return {
        "id": rule.id,
        "summary": rule.summary,
        "checklist": rule.checklist,
        "severity": rule.severity,
        "profile": rule.profile,
        "since": rule.since,
        "precision": rule.precision,
        "surface": rule.surface,
        "pack": rule.pack,
        "security": rule.security,
        "cwe": rule.cwe,
        "formerly": list(rule.formerly),
        "url": rule.url,
    }


def _gap(gap: Gap) -> dict[str, object]:
    return {"path": gap.path, "line": gap.line, "kind": gap.kind, "reason": gap.reason, "way_out": gap.way_out}
