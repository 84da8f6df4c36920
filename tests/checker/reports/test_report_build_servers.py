"""What build servers ask of a report: GitLab's documented fields, the runner's commands, JUnit's structure."""

from __future__ import annotations

import io
from typing import Any
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace
from published import valid_code_quality, valid_junit
from report_sample import RULES, VERDICTS, report

from archcheck.finding import SEVERITIES, Finding, Related, Severity, Verdict
from archcheck.report import Report, RunCoverage, SourceLines
from archcheck.reports import load
from archcheck.reports.ranking import ranked
from archcheck.source import Location, Source


def written(name: str, report: Report) -> str:
    out = io.StringIO()
    load(name)(report, out)
    return out.getvalue()


def issues(report: Report) -> list[dict[str, Any]]:
    return valid_code_quality(written("gitlab", report))


def many(*severities: Severity) -> Report:
    lines = SourceLines(lambda path: Source(path, b"x = 1\n" * 1000))
    verdicts = tuple(
        Verdict("some-rule", severity, "regular", Finding(Location("a.py", number, 1, 2), "Wrong."), f"{number:016x}")
        for number, severity in enumerate(severities, start=1)
    )
    return Report("0.1.0", verdicts, {}, RunCoverage(), lines)


def test_gitlab_has_the_documented_fields() -> None:
    assert [issue["severity"] for issue in issues(report())] == [
        *("critical", "minor", "critical", "major", "blocker", "blocker", "major", "major")
    ]


def test_gitlab_with_nothing_found_is_an_empty_array() -> None:
    assert issues(replace(report(), verdicts=())) == []


def test_gitlab_never_sees_equal_fingerprints() -> None:
    found = issues(replace(report(), verdicts=(VERDICTS[0],) * 3))
    assert [issue["fingerprint"] for issue in found] == [f"{1:016x}", f"{1:016x}-2", f"{1:016x}-3"]


def test_github_keeps_its_limits_and_says_what_is_missing() -> None:
    lines = written("github", many(*["note"] * 11, *["error"] * 12, *["warning"] * 3)).splitlines()
    commands = [line.partition(" ")[0] for line in lines]
    assert commands[:-1] == ["::error"] * 10 + ["::warning"] * 3 + ["::notice"] * 10
    assert lines[-1] == "GitHub shows 10 annotations of each severity; 2 errors and 1 note more are not shown here."


def test_github_says_nothing_more_when_all_is_shown() -> None:
    assert written("github", replace(report(), verdicts=())) == ""
    assert written("github", many("note")).splitlines() == [
        "::notice file=a.py,line=1,col=1,endColumn=1,title=some-rule::Wrong."
    ]


def test_github_escapes_what_would_end_a_property_or_a_command() -> None:
    related = Related(Location("b.py", 2), "100% of it")
    finding = Finding(Location("a,b:c%.py", 1), "One\r\n::error::two", related=(related,))
    verdict = Verdict("some-rule", "error", "regular", finding, "0" * 16)
    text = written("github", Report("0.1.0", (verdict,), {}, RunCoverage(), SourceLines(lambda _: None)))
    assert text == (
        "::error file=a%2Cb%3Ac%25.py,line=1,title=some-rule::One\\x0d\\x0a::error::two%0Ab.py:2:1: 100%25 of it\n"
    )


def test_urgent_is_severe_then_a_matter_of_security_then_far_reaching() -> None:
    assert [verdict.fingerprint[-1] for verdict in ranked(report())] == [*"56134782"]
    far = replace(VERDICTS[6], finding=replace(VERDICTS[6].finding, related=VERDICTS[3].finding.related))
    near, *_ = ranked(replace(report(), verdicts=(VERDICTS[7], VERDICTS[6], far)))
    assert near is far


def junit(report: Report) -> ElementTree.Element:
    root = valid_junit(written("junit", report))
    for suite in root:
        for case in suite:
            assert set(case.attrib) == {"classname", "name"}
            assert len(case) <= 1
            assert all(outcome.get("message") for outcome in case)
    return root


def test_junit_has_a_suite_for_each_surface_and_a_case_for_each_rule() -> None:
    suites = {suite.get("name"): [case.get("name") for case in suite] for suite in junit(report())}
    assert suites == {
        "archcheck.openapi": ["acme/odd-title", "missing-retry-after"],
        "archcheck.sql": ["fk-without-index"],
        "archcheck.python": ["interpolated-query"],
        "archcheck.tool": ["unread-file"],
        "archcheck.not-checked": ["api/broken.yaml:3", "api/gone.yaml"],
    }


def test_junit_passes_the_rules_that_found_nothing() -> None:
    root = junit(replace(report(), verdicts=VERDICTS[6:7], coverage=RunCoverage()))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == (str(len(RULES)), "1", "0")
    failed = [case.get("name") for case in root.iter("testcase") if len(case)]
    assert failed == ["fk-without-index"]


def test_junit_keeps_a_verdict_whose_rule_is_unknown() -> None:
    assert [suite.get("name") for suite in junit(many("note"))] == ["archcheck.other"]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_junit_names_the_worst_severity(severity: Severity) -> None:
    (failure,) = junit(many("note", severity)).iter("failure")
    assert failure.get("type") == severity
