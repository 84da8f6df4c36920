"""The SARIF 2.1.0 report: one run of one tool, within the limits of GitHub code scanning.

What was accepted by a comment or the baseline is not in it, because code scanning would show it as an open alert. A
file that was not checked is a result of its own rule and a notification; the run itself is always a successful one,
since GitHub may refuse a file that says otherwise. There is no time, address or name of a machine in it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from archcheck.finding import Verdict
from archcheck.report import Lines, Report
from archcheck.reports.document import dumped
from archcheck.reports.json import coverage
from archcheck.reports.linehash import line_hashes
from archcheck.reports.ranking import most_severe, tally
from archcheck.reports.sarif_place import ROOT, Object, artifact
from archcheck.reports.sarif_result import result
from archcheck.reports.sarif_rule import descriptor, pascal_case
from archcheck.reports.text import counted, cut, visible
from archcheck.surface import Gap

RESULTS = 5_000
"""GitHub keeps this many results of a run."""

COMPRESSED = 10_000_000
"""GitHub refuses a file that is larger when compressed, in bytes."""

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "pkg:pypi/archcheck-lint"
_SEMANTIC = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")
_NOTIFICATIONS = 1_000
_LAYOUT = {
    "runs": True,
    "tool": True,
    "driver": True,
    "rules": False,
    "artifacts": False,
    "results": False,
    "invocations": True,
    "toolExecutionNotifications": False,
}


def write(report: Report, out: TextIO, *, results: int = RESULTS, compressed: int = COMPRESSED) -> None:
    """Write the report as a SARIF log of at most so many results and compressed bytes."""
    kept = most_severe(report.verdicts, results)
    text = _text(report, kept)
    # Text that is small enough as it is need not be compressed to know it.
    while len(text.encode()) > compressed and kept and (size := len(zlib.compress(text.encode()))) > compressed:
        kept = most_severe(kept, min(len(kept) * compressed // size, len(kept) * 9 // 10))
        text = _text(report, kept)
    out.write(text)


def _text(report: Report, kept: Sequence[Verdict]) -> str:
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report, kept)]}
    return "".join(dumped(log, _LAYOUT))


def _run(report: Report, kept: Sequence[Verdict]) -> Object:
    names = sorted(report.rules)
    rules = {name: index for index, name in enumerate(names)}
    paths = {path: index for index, path in enumerate(sorted(set(_paths(kept))))}
    hashes = _hashes(kept, report.lines)
    run: Object = {
        "tool": {
            "driver": {
                "name": "archcheck",
                "version": report.version,
                **({"semanticVersion": report.version} if _SEMANTIC.fullmatch(report.version) else {}),
                # Validators want an address; the package's universal name is one, and no server need answer to it.
                "informationUri": _HOME,
                "rules": [descriptor(report.rules[name]) for name in names],
                "notifications": _kinds_of_notice(),
            }
        },
        "automationDetails": {"id": f"{report.category.strip('/') or 'archcheck'}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the project that was checked."}}},
        "invocations": [_invocation(report, kept)],
        "artifacts": [_artifact(path, report.lines) for path in paths],
        "results": [
            result(verdict, rules, paths, report.lines, hashes.get((verdict.at.path, verdict.at.line), ""))
            for verdict in kept
        ],
        "properties": {"coverage": coverage(report.coverage)},
    }
    return {key: value for key, value in run.items() if value or key == "results"}


def _paths(verdicts: Iterable[Verdict]) -> Iterable[str]:
    for verdict in verdicts:
        yield verdict.at.path
        yield from (related.at.path for related in verdict.finding.related)
        if verdict.finding.fix:
            yield from (edit.path for edit in verdict.finding.fix.edits)
            yield from (file.path for file in verdict.finding.fix.files)


def _artifact(path: str, lines: Lines) -> Object:
    described: Object = {"location": artifact(path, {})}
    if (source := lines.source(path)) is not None:
        described["length"] = len(source.data)
        described["encoding"] = source.encoding.removesuffix("-sig").upper()
    return described


def _hashes(verdicts: Iterable[Verdict], lines: Lines) -> Mapping[tuple[str, int], str]:
    """GitHub's hash of every line that a verdict stands on, each file read once."""
    wanted: dict[str, set[int]] = {}
    for verdict in verdicts:
        wanted.setdefault(verdict.at.path, set()).add(verdict.at.line)
    return {
        (path, number): value
        for path, numbers in wanted.items()
        if (source := lines.source(path)) is not None
        for number, value in line_hashes(source.data, numbers).items()
    }


_NOTICES = {
    "file-not-checked": ("error", "Something that was asked for was not checked."),
    "report-cut": ("warning", "The report was cut to stay within the limits of code scanning."),
}


def _kinds_of_notice() -> list[Object]:
    return [
        {
            "id": name,
            "name": pascal_case(name),
            "shortDescription": {"text": text},
            "fullDescription": {"text": text},
            "help": {"text": text},
            "defaultConfiguration": {"level": level},
        }
        for name, (level, text) in _NOTICES.items()
    ]


def _invocation(report: Report, kept: Sequence[Verdict]) -> Object:
    gaps = report.coverage.gaps
    notifications = [_unchecked(gap) for gap in gaps[:_NOTIFICATIONS]]
    if len(gaps) > _NOTIFICATIONS:
        notifications.append(_notice("report-cut", f"{len(gaps) - _NOTIFICATIONS:,} more gaps are not listed."))
    if len(kept) < len(report.verdicts):
        notifications.append(_notice("report-cut", _left_out(report.verdicts, kept)))
    invocation: Object = {"executionSuccessful": True, "exitCode": report.exit_code}
    if notifications:
        invocation["toolExecutionNotifications"] = notifications
    return invocation


def _left_out(verdicts: Sequence[Verdict], kept: Sequence[Verdict]) -> str:
    here = set(map(id, kept))
    missing = tally(verdict for verdict in verdicts if id(verdict) not in here)
    return (
        f"{counted(len(verdicts), 'findings')}, of which the {len(kept):,} most severe are here, to stay within the "
        f"limits of code scanning; left out: {missing}. The JSON report has all."
    )


def _unchecked(gap: Gap) -> Object:
    why = "; ".join(visible(part).rstrip(".") for part in (cut(gap.reason, 1000), gap.way_out) if part)
    notice = _notice("file-not-checked", f"{visible(gap.path) or 'The project'} was not checked in full: {why}.")
    if gap.path:
        place: Object = {"artifactLocation": artifact(gap.path, {})}
        if gap.line:
            place["region"] = {"startLine": gap.line}
        notice["locations"] = [{"physicalLocation": place}]
    return notice


def _notice(name: str, text: str) -> Object:
    level, _ = _NOTICES[name]
    return {"descriptor": {"id": name, "index": list(_NOTICES).index(name)}, "level": level, "message": {"text": text}}
