"""The SARIF report is valid, within the limits of code scanning, and says what viewers need."""

from __future__ import annotations

import io
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from published import valid_sarif
from report_sample import FILES, RULES, VERDICTS, report

from archcheck.finding import Finding, Related
from archcheck.report import Report, RuleInfo, RunCoverage, SourceLines
from archcheck.reports.sarif import write
from archcheck.reports.sarif_rule import pascal_case
from archcheck.source import Location, Source
from archcheck.surface import Gap


def sarif(report: Report, **limits: int) -> dict[str, Any]:
    """The only run of a report's log, which is valid."""
    out = io.StringIO()
    write(report, out, **limits)
    (run,) = valid_sarif(out.getvalue())["runs"]
    assert isinstance(run, dict)
    return run


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    return sarif(report())


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def test_empty_report_is_valid_and_has_results() -> None:
    run = sarif(replace(report(), verdicts=(), rules={}, coverage=RunCoverage()))
    assert run["results"] == []
    assert "artifacts" not in run
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 3}]


def test_results_name_their_rule_twice(run: dict[str, Any]) -> None:
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [verdict.rule for verdict in VERDICTS]
    assert [result["ruleId"] for result in run["results"]] == [verdict.rule for verdict in VERDICTS]


def test_rules_have_all_that_code_scanning_shows(run: dict[str, Any]) -> None:
    for rule in run["tool"]["driver"]["rules"]:
        assert re.fullmatch(r"([A-Z][a-z0-9]+)+", rule["name"])
        assert rule["name"].lower() != rule["id"].lower()
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["fullDescription"]["text"]
        assert "want" not in rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
        assert ("problem.severity" in rule["properties"]) != ("security-severity" in rule["properties"])


def test_security_rule_has_a_score_in_text_and_its_weakness(run: dict[str, Any]) -> None:
    (rule,) = [rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "interpolated-query"]
    assert rule["properties"]["security-severity"] == "9.8"
    assert rule["properties"]["tags"] == ["python", "db.injection", "security", "external/cwe/cwe-089"]
    assert rule["deprecatedIds"] == ["sql-injection"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("unpaginated-list", "UnpaginatedList"), ("missing-401", "Missing401"), ("acme/odd-title", "AcmeOddTitle")],
)
def test_name_is_pascal_case(name: str, expected: str) -> None:
    assert pascal_case(name) == expected


def test_regions_hold_the_text_they_point_at(run: dict[str, Any]) -> None:
    regions = [
        place["physicalLocation"]
        for result in run["results"]
        for place in [*result["locations"], *result.get("relatedLocations", [])]
    ]
    paths = [artifact["location"]["uri"] for artifact in run["artifacts"]]
    names = sorted([*FILES, "api/gone.yaml"])
    checked = 0
    for place in regions:
        path = names[place["artifactLocation"]["index"]]
        assert paths[place["artifactLocation"]["index"]] == place["artifactLocation"]["uri"]
        if path not in FILES:
            continue
        lines = re.split("\r\n|\r|\n", FILES[path])
        for region in (place["region"], place["contextRegion"]):
            assert region["snippet"]["text"] == _cut_out(lines, region)
        assert place["region"]["startLine"] == place["region"]["endLine"]
        assert _encloses(place["contextRegion"], place["region"])
        checked += 1
    assert checked >= 12


def _cut_out(lines: list[str], region: dict[str, Any]) -> str:
    taken = lines[region["startLine"] - 1 : region["endLine"]]
    taken[-1] = taken[-1][: region["endColumn"] - 1]
    taken[0] = taken[0][region["startColumn"] - 1 :]
    return "\n".join(taken)


def _encloses(outer: dict[str, Any], inner: dict[str, Any]) -> bool:
    first = (outer["startLine"], outer["startColumn"]), (inner["startLine"], inner["startColumn"])
    last = (outer["endLine"], outer["endColumn"]), (inner["endLine"], inner["endColumn"])
    return first[0] <= first[1] and last[0] >= last[1] and (first[0], last[0]) != (first[1], last[1])


def test_context_that_shows_nothing_more_is_left_out() -> None:
    verdict = replace(VERDICTS[6], finding=Finding(Location("one.sql", 1, 1, 9), "It is short."))
    lines = SourceLines(lambda path: Source(path, b"select 1"))
    (result,) = sarif(replace(report(), verdicts=(verdict,), lines=lines))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["region"]["snippet"] == {"text": "select 1"}
    assert "contextRegion" not in place


def test_context_of_a_long_line_is_a_part_of_it(run: dict[str, Any]) -> None:
    context = run["results"][-1]["locations"][0]["physicalLocation"]["contextRegion"]
    assert len(context["snippet"]["text"]) < 500


def test_message_links_each_related_place(run: dict[str, Any]) -> None:
    result = run["results"][3]
    assert result["message"]["text"].endswith(
        "See also: [the route is declared here](1); [この操作 \\[summary\\]](2); [the column it reads](3)."
    )
    assert [place["id"] for place in result["relatedLocations"]] == [1, 2, 3]


def test_steps_in_order_are_a_code_flow_that_ends_at_the_finding(run: dict[str, Any]) -> None:
    assert all("codeFlows" not in result for result in run["results"])
    steps = (
        Related(Location("app/main.py", 3), "a client sends `q`"),
        Related(Location("app/store.py", 9), "it goes on"),
    )
    finding = Finding(Location("app/store.py", 12), "It ends here.", related=steps, flow=True)
    (result,) = sarif(replace(report(), verdicts=(replace(VERDICTS[3], finding=finding),)))["results"]
    (flow,) = result["codeFlows"]
    told = [
        (
            place["location"]["physicalLocation"]["artifactLocation"]["uri"],
            place["location"]["physicalLocation"]["region"]["startLine"],
            place["location"]["message"]["text"],
        )
        for place in flow["threadFlows"][0]["locations"]
    ]
    assert told == [
        ("app/main.py", 3, "a client sends `q`."),
        ("app/store.py", 9, "it goes on."),
        ("app/store.py", 12, "It ends here."),
    ]


def test_message_is_its_template_filled_in(run: dict[str, Any]) -> None:
    for result in run["results"]:
        message = result["message"]
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        template = rule["messageStrings"][message["id"]]["text"]
        assert template.replace("{0}", message["arguments"][0]) == message["text"]


def test_text_of_others_makes_no_link_and_no_placeholder(run: dict[str, Any]) -> None:
    text = run["results"][1]["message"]["text"]
    assert "\\[click\\](https" in text
    assert "{{0}}" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_too_many_related_places_are_cut_and_said() -> None:
    related = tuple(Related(Location("app/orders.py", 1), f"use {number}") for number in range(130))
    verdict = replace(VERDICTS[3], finding=replace(VERDICTS[3].finding, related=related))
    (result,) = sarif(replace(report(), verdicts=(verdict,)))["results"]
    assert len(result["relatedLocations"]) == 100
    assert result["message"]["text"].endswith("[use 99](100); 30 more places.")


def test_findings_on_one_line_are_told_apart(run: dict[str, Any]) -> None:
    first, second = (result["partialFingerprints"] for result in run["results"][4:6])
    assert first["primaryLocationLineHash"] == second["primaryLocationLineHash"]
    assert first["archcheckFinding/v1"] != second["archcheckFinding/v1"]


def test_subject_is_the_logical_location(run: dict[str, Any]) -> None:
    assert run["results"][3]["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "GET /orders/{id}"}]
    assert "logicalLocations" not in run["results"][1]["locations"][0]


def test_fix_groups_its_edits_by_file(run: dict[str, Any]) -> None:
    (fix,) = run["results"][4]["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "app/orders.py"
    assert len(change["replacements"]) == 2


def test_addresses_are_relative_and_escaped(run: dict[str, Any]) -> None:
    assert run["artifacts"][-1]["location"]["uri"] == "web%20%26%20co/%5Bv1%5D%20gr%C3%B6%C3%9Fe.json"
    assert not [text for text in strings(run) if text.startswith("file:") or str(Path.cwd()) in text]
    assert all("uri" not in base for base in run["originalUriBaseIds"].values())


def test_run_was_successful_and_tells_its_gaps(run: dict[str, Any]) -> None:
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    assert invocation["exitCode"] == 3
    assert [notice["message"]["text"] for notice in invocation["toolExecutionNotifications"]] == [
        "api/broken.yaml was not checked in full: expected a value, but found '}'; mend the YAML, or exclude the file.",
        "api/gone.yaml was not checked in full: there is no such file.",
    ]


def test_nothing_is_said_to_be_suppressed(run: dict[str, Any]) -> None:
    assert not [result for result in run["results"] if "suppressions" in result]


def test_no_array_is_empty(run: dict[str, Any]) -> None:
    def empty(value: object) -> bool:
        if isinstance(value, dict):
            return any(empty(item) for item in value.values())
        return isinstance(value, list) and (not value or any(map(empty, value)))

    assert not empty({key: value for key, value in run.items() if key != "properties"})


@pytest.mark.parametrize(("category", "expected"), [("", "archcheck/"), ("billing", "billing/"), ("a/b/", "a/b/")])
def test_category_ends_in_a_slash(category: str, expected: str) -> None:
    run = sarif(replace(report(), category=category))
    assert run["automationDetails"] == {"id": expected}


def test_least_severe_results_are_cut_first_and_said() -> None:
    run = sarif(report(), results=5)
    assert [result["level"] for result in run["results"]] == ["error", "error", "warning", "error", "error"]
    notice = run["invocations"][0]["toolExecutionNotifications"][-1]
    assert notice["descriptor"]["id"] == "report-cut"
    assert notice["message"]["text"] == (
        "8 findings, of which the 5 most severe are here, to stay within the limits of code scanning; "
        "left out: 2 warnings and 1 note. The JSON report has all."
    )


def test_compressed_size_is_kept() -> None:
    many = tuple(
        replace(verdict, fingerprint=f"{number * 7919**4 % 2**64:016x}") for number in range(60) for verdict in VERDICTS
    )
    out = io.StringIO()
    write(replace(report(), verdicts=many), out, compressed=6_000)
    run = json.loads(out.getvalue())["runs"][0]
    assert len(zlib.compress(out.getvalue().encode())) <= 6_000
    assert 0 < len(run["results"]) < len(many)
    assert "left out" in run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]


def test_long_descriptions_are_cut() -> None:
    docs = "A law. " + "Because it is so, " * 200
    rule = RuleInfo("long-law", "a.b", "note", "regular", "0.1", "low", "openapi", "acme", docs)
    described = sarif(replace(report(), rules={"long-law": rule}))["tool"]["driver"]["rules"][0]
    assert len(described["fullDescription"]["text"]) <= 1024
    assert len(described["shortDescription"]["text"]) <= 1024
    assert described["help"]["text"].strip() == docs.strip()


def test_rule_without_a_page_and_verdict_without_a_rule() -> None:
    bare = {rule.id: replace(rule, url="", docs="") for rule in RULES[:1]}
    run = sarif(replace(report(), rules=bare))
    assert "helpUri" not in run["tool"]["driver"]["rules"][0]
    assert [result.get("ruleIndex") for result in run["results"]].count(0) == 2


def test_gap_without_a_place_is_one_of_the_project() -> None:
    coverage = RunCoverage(gaps=(Gap("", 0, "crash", "rule one-two failed"),))
    run = sarif(replace(report(), coverage=coverage))
    (notice,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"] == "The project was not checked in full: rule one-two failed."
    assert "locations" not in notice


def test_development_version_is_not_called_semantic() -> None:
    driver = sarif(replace(report(), version="0.2.0.dev1"))["tool"]["driver"]
    assert driver["version"] == "0.2.0.dev1"
    assert "semanticVersion" not in driver
