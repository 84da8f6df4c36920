"""The report as JUnit XML, which every build server shows: a suite for each surface, a case for each rule that ran.

A rule with findings has one failure that names them all, since servers show a case's first failure only. What was asked
for and not checked is an error in a suite of its own, so that no build server calls a file clean that nobody read.
There are no times and no host names in it: the same report gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TextIO

from archcheck.finding import Verdict
from archcheck.report import Report
from archcheck.reports.ranking import tally
from archcheck.reports.text import visible
from archcheck.surface import Gap

_ORDER = ("openapi", "sql", "python", "contract", "tool")
_UNREAD = "not-checked"
_UNKNOWN = "other"


def write(report: Report, out: TextIO) -> None:
    """Write the whole document."""
    suites = _suites(report)
    cases = sum(map(len, suites.values())) + len(report.coverage.gaps)
    failures = sum(bool(verdicts) for rules in suites.values() for verdicts in rules.values())
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(f'<testsuites{_numbers(cases, failures, len(report.coverage.gaps))} name="archcheck">\n')
    for surface, rules in suites.items():
        out.writelines(_suite(surface, rules))
    if report.coverage.gaps:
        out.writelines(_unread(report.coverage.gaps))
    out.write("</testsuites>\n")


def _suites(report: Report) -> dict[str, dict[str, list[Verdict]]]:
    """The verdicts of each rule of each surface, the rules without any too."""
    surfaces = {rule.id: rule.surface for rule in report.rules.values()}
    names = sorted({*surfaces, *(verdict.rule for verdict in report.verdicts)})
    names.sort(key=lambda name: _rank(surfaces.get(name, _UNKNOWN)))
    suites: dict[str, dict[str, list[Verdict]]] = {}
    for name in names:
        suites.setdefault(surfaces.get(name, _UNKNOWN), {})[name] = []
    for verdict in report.verdicts:
        suites[surfaces.get(verdict.rule, _UNKNOWN)][verdict.rule].append(verdict)
    return suites


def _suite(surface: str, rules: dict[str, list[Verdict]]) -> Iterator[str]:
    failures = sum(map(bool, rules.values()))
    yield f'  <testsuite name="{_attribute(f"archcheck.{surface}")}"{_numbers(len(rules), failures, 0)}>\n'
    for rule, verdicts in rules.items():
        case = f'    <testcase classname="{_attribute(f"archcheck.{surface}")}" name="{_attribute(rule)}"'
        if verdicts:
            yield f"{case}>\n"
            yield f'      <failure type="{_worst(verdicts)}" message="{_attribute(tally(verdicts))}">'
            yield "\n".join(_line(verdict) for verdict in verdicts)
            yield "</failure>\n    </testcase>\n"
        else:
            yield f"{case}/>\n"
    yield "  </testsuite>\n"


def _unread(gaps: Sequence[Gap]) -> Iterator[str]:
    yield f'  <testsuite name="archcheck.{_UNREAD}"{_numbers(len(gaps), 0, len(gaps))}>\n'
    for gap in gaps:
        name = _attribute(f"{gap.path or 'the project'}{f':{gap.line}' if gap.line else ''}")
        yield f'    <testcase classname="archcheck.{_UNREAD}" name="{name}">\n'
        yield f'      <error type="{_attribute(gap.kind)}" message="{_attribute(gap.reason)}">'
        yield f"{escape(visible(gap.way_out or gap.reason))}</error>\n    </testcase>\n"
    yield "  </testsuite>\n"


def _line(verdict: Verdict) -> str:
    """`path:line:column: severity: message [fingerprint]`, and the related places indented below it."""
    at, finding = verdict.at, verdict.finding
    lines = [f"{at.path}:{at.line}:{at.column}: {verdict.severity}: {finding.message} [{verdict.fingerprint}]"]
    lines += [f"    {place.at.path}:{place.at.line}:{place.at.column}: {place.label}" for place in finding.related]
    return "\n".join(escape(visible(line)) for line in lines)


def _numbers(tests: int, failures: int, errors: int) -> str:
    return f' tests="{tests}" failures="{failures}" errors="{errors}"'


def _attribute(text: str) -> str:
    return escape(visible(text))


def _worst(verdicts: Sequence[Verdict]) -> str:
    return min((verdict.severity for verdict in verdicts), key=("error", "warning", "note").index)


def _rank(surface: str) -> int:
    return _ORDER.index(surface) if surface in _ORDER else len(_ORDER)
