"""The closing sentences read well in every combination."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from report_sample import COVERAGE, report

from archcheck.report import RunCoverage
from archcheck.reports.coverage import checked, found
from archcheck.reports.text import counted, listed
from archcheck.surface import Gap

BROKEN = Gap("api/broken.yaml", 3, "unparsable", "expected a value")


@pytest.mark.parametrize(
    ("coverage", "sentence"),
    [
        (RunCoverage(), "Checked nothing: no OpenAPI document, migration or Python module was read."),
        (
            RunCoverage({"openapi": {"specs": 0, "operations": 0}}, gaps=(BROKEN,)),
            "Checked nothing: no OpenAPI document, migration or Python module was read; "
            "1 file not checked in full: api/broken.yaml (line 3: expected a value).",
        ),
        (RunCoverage({"openapi": {"specs": 1}}, rules=1), "Checked 1 spec with 1 rule."),
        (
            RunCoverage({"openapi": {"specs": 1, "operations": 1}}),
            "Checked 1 spec (1 operation) with no rules.",
        ),
        (
            RunCoverage({"python": {"modules": 1}, "openapi": {"specs": 2, "operations": 0}}, rules=12),
            "Checked 2 specs and 1 Python module with 12 rules.",
        ),
        (
            RunCoverage({"python": {"modules": 2900}}, {"python": {"match statement": 1}}, rules=12),
            "Checked 2,900 Python modules (1 part not understood) with 12 rules.",
        ),
        (
            RunCoverage({"sql": {"histories": 1, "migrations": 18, "statements": 96}}, {"sql": {"DO": 2, "X": 1}}),
            "Checked 1 history (18 migrations, 96 statements, 3 not understood) with no rules.",
        ),
        (
            RunCoverage({"openapi": {"specs": 1}}, undecided={"a": 1}, rules=2),
            "Checked 1 spec with 2 rules; 1 verdict withheld for lack of proof.",
        ),
        (
            RunCoverage({"openapi": {"specs": 1}}, gaps=(BROKEN, BROKEN), rules=2),
            "Checked 1 spec with 2 rules; 1 file not checked in full: api/broken.yaml (line 3: expected a value).",
        ),
        (
            RunCoverage({"openapi": {"specs": 1}}, gaps=(Gap("", 0, "crash", "rule a-b failed"),), rules=2),
            "Checked 1 spec with 2 rules; 1 file not checked in full: the project (rule a-b failed).",
        ),
        (
            RunCoverage(
                {"openapi": {"specs": 1}},
                gaps=tuple(Gap(f"{name}.py", 0, "timeout", "it took too long") for name in "abcde"),
                rules=2,
            ),
            "Checked 1 spec with 2 rules; 5 files not checked in full: a.py (it took too long), "
            "b.py (it took too long), c.py (it took too long) and 2 more.",
        ),
        (
            COVERAGE,
            "Checked 2 specs (40 operations), 18 migrations (1,096 statements, 3 not understood) and 310 Python "
            "modules with 5 rules; 4 verdicts withheld for lack of proof; 2 files not checked in full: "
            "api/broken.yaml (line 3: expected a value, but found '}') and api/gone.yaml (there is no such file).",
        ),
    ],
)
def test_coverage_reads_well(coverage: RunCoverage, sentence: str) -> None:
    assert checked(coverage) == sentence


def test_hostile_gap_stays_one_harmless_line() -> None:
    gap = Gap("a\n\x1b[2J.yaml", 0, "unparsable", "found '\r\u202e' " + "x" * 5_000)
    sentence = checked(RunCoverage(gaps=(gap,)))
    assert sentence.isprintable()
    assert len(sentence) < 400


@pytest.mark.parametrize(
    ("verdicts", "allowed", "baselined", "sentence"),
    [
        (0, 0, 0, "No findings."),
        (0, 1, 0, "No findings; 1 finding allowed."),
        (0, 2, 30, "No findings; 2 findings allowed and 30 findings in the baseline."),
        (1, 0, 0, "Found 1 error in 1 file."),
        (3, 0, 1, "Found 2 errors and 1 note in 3 files; 1 finding in the baseline."),
        (8, 0, 0, "Found 4 errors, 3 warnings and 1 note in 7 files."),
    ],
)
def test_count_reads_well(verdicts: int, allowed: int, baselined: int, sentence: str) -> None:
    one = report()
    debt = (one.verdicts * 4)[:baselined]
    assert sentence == found(replace(one, verdicts=one.verdicts[:verdicts], allowed=allowed, debt=debt))


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("specs", "1 spec"),
        ("histories", "1 history"),
        ("classes", "1 class"),
        ("indexes", "1 index"),
        ("tables", "1 table"),
        ("branches", "1 branch"),
        ("databases", "1 database"),
    ],
)
def test_one_is_said_in_the_singular(plural: str, one: str) -> None:
    assert counted(1, plural) == one
    assert counted(2, plural) == f"2 {plural}"


def test_lists_end_in_and() -> None:
    assert [listed(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
