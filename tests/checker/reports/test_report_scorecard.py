"""A line of the checklist passes only when its rules ran on something, and read all of it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from report_sample import RULES, VERDICTS, report

from archcheck.report import ChecklistLine, Report, RunCoverage
from archcheck.reports.scorecard import Score, scorecard, standings

BY_ID = {rule.id: rule for rule in RULES}
INDEXES = ChecklistLine("db.indexes", "indexed", "Databases", ("fk-without-index",))
READ = RunCoverage({"sql": {"migrations": 2}, "openapi": {"specs": 0}})


def only(line: ChecklistLine, *, rules: tuple[str, ...] = ("fk-without-index",), coverage: RunCoverage = READ) -> Score:
    chosen = {name: BY_ID[name] for name in rules}
    (score,) = scorecard(replace(_clean(), rules=chosen, coverage=coverage, checklist=(line,)))
    return score


def _clean() -> Report:
    return replace(report(), verdicts=())


def test_a_line_passes_but_for_what_the_baseline_accepts() -> None:
    rules = {"fk-without-index": BY_ID["fk-without-index"]}
    accepted = replace(_clean(), rules=rules, coverage=READ, checklist=(INDEXES,), debt=VERDICTS[6:7])
    assert scorecard(accepted) == (Score(INDEXES, "pass", 0, "but for 1 finding in the baseline"),)


def test_a_line_whose_rules_ran_and_said_nothing_passes() -> None:
    assert only(INDEXES) == Score(INDEXES, "pass")


def test_a_pass_names_rules_that_did_not_run() -> None:
    line = replace(INDEXES, rules=("fk-without-index", "other-rule"))
    assert only(line) == Score(line, "pass", reason="without 1 rule that did not run")


def test_nothing_to_judge_is_no_pass() -> None:
    score = only(INDEXES, coverage=RunCoverage({"python": {"modules": 3}}))
    assert score == Score(INDEXES, "not applicable", reason="no migration was read")


def test_files_that_were_not_read_are_no_pass() -> None:
    line = replace(INDEXES, unread=2)
    assert only(line) == Score(line, "not checked", reason="2 files could not be checked")


def test_rules_that_did_not_run_are_no_pass() -> None:
    assert only(INDEXES, rules=()) == Score(INDEXES, "not checked", reason="its rules were left out of this run")


def test_a_line_without_rules_is_not_checkable() -> None:
    line = ChecklistLine("db.roles", "roles")
    assert only(line, rules=()).standing == "not checkable"


def test_findings_come_before_all_that_is_missing() -> None:
    score, *_ = scorecard(replace(report(), checklist=(replace(INDEXES, unread=9),)))
    assert score == Score(replace(INDEXES, unread=9), "findings", 1)


@pytest.mark.parametrize(
    ("counts", "standing"),
    [
        ({"openapi": {"specs": 1}, "python": {"modules": 4}}, "pass"),
        ({"openapi": {"specs": 1}, "python": {"modules": 0}}, "not applicable"),
    ],
)
def test_a_contract_has_two_sides(counts: dict[str, dict[str, int]], standing: str) -> None:
    rule = replace(BY_ID["fk-without-index"], surface="contract")
    one = replace(_clean(), rules={rule.id: rule}, coverage=RunCoverage(counts), checklist=(INDEXES,))
    assert [score.standing for score in scorecard(one)] == [standing]


def test_lines_that_only_rules_name_come_last() -> None:
    scores = scorecard(replace(report(), checklist=(INDEXES,)))
    assert [score.line.anchor for score in scores] == [
        *("db.indexes", "api.docs", "api.status-codes", "db.injection", "tool.reading")
    ]
    assert sum(score.findings for score in scores) == len(VERDICTS)


def test_standings_read_as_a_sentence() -> None:
    assert standings(scorecard(report())) == "5 with findings, 1 not checked and 1 not checkable"
