"""One run of a real project, all formats: each of them names the same findings, and is as its readers demand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from published import valid_code_quality, valid_junit, valid_sarif

from archcheck.cli import main
from archcheck.reports import FORMATS

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
PROJECTS = [*sorted(readme.parent.name for readme in FIXTURES.glob("*/README.md")), "histories", "diff"]
SILENT = {"acme-rules", "clean"}

FINGERPRINTS: dict[str, Callable[[str], list[str]]] = {
    "json": lambda text: [each["fingerprint"] for each in json.loads(text)["findings"]],
    "sarif": lambda text: [
        each["partialFingerprints"]["archcheckFinding/v1"] for each in json.loads(text)["runs"][0]["results"]
    ],
    "gitlab": lambda text: [each["fingerprint"] for each in json.loads(text)],
    "junit": lambda text: re.findall(r"\[([0-9a-f]{16})\]$", re.sub(r"</failure>", "\n", text), re.M),
    "html": lambda text: re.findall(r'<article id="f-([0-9a-f]{16})"', text),
}
PLACES: dict[str, Callable[[str], list[tuple[str, str]]]] = {
    "terminal": lambda text: re.findall(r"^\w+\[([\w/-]+)\]:(?:.*\n)+? *--> (.*?:\d+:\d+)$", text, re.M),
    "concise": lambda text: [(rule, place) for place, rule in re.findall(r"^(.*?:\d+:\d+): \w+\[(.*?)\]", text, re.M)],
    "github": lambda text: [
        (rule, f"{file}:{line}:{column}")
        for file, line, column, rule in re.findall(
            r"^::\w+ file=([^,]*),line=(\d+),col=(\d+),.*?title=([^:]*)::", text, re.M
        )
    ],
    "markdown": lambda text: re.findall(r"^- .* \[?`(\S+)`(?:\]\(\S+\))?<br>`(.*?:\d+:\d+)`", text, re.M),
}
GITHUB_TAKES = 10


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("profile", ["regular", "audit"])
@pytest.mark.parametrize("project", PROJECTS)
def test_all_formats_of_one_run_name_the_same_findings(
    project: str, profile: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert {*FINGERPRINTS, *PLACES} == set(FORMATS)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    asked = [f"--output={name}:{tmp_path / name}" for name in FORMATS]
    main(["check", "--root", str(FIXTURES / project), "--cache-dir", str(cache), "--profile", profile, *asked])
    told = {name: (tmp_path / name).read_text(encoding="utf-8") for name in FORMATS}
    valid_sarif(told["sarif"])
    valid_code_quality(told["gitlab"])
    valid_junit(told["junit"])

    findings = json.loads(told["json"])["findings"]
    fingerprints = sorted(each["fingerprint"] for each in findings)
    assert len(set(fingerprints)) == len(fingerprints)
    assert bool(fingerprints) is (project not in SILENT)
    for name, named in FINGERPRINTS.items():
        assert sorted(named(told[name])) == fingerprints, name

    places = sorted((each["rule"], f"{each['path']}:{each['line']}:{each['column']}") for each in findings)
    for name in ("terminal", "concise", "markdown"):
        assert sorted(PLACES[name](told[name])) == places, name
    # GitHub takes so many of each severity: those are among the findings, and the rest is counted.
    shown = PLACES["github"](told["github"])
    counts = [sum(each["severity"] == level for each in findings) for level in ("error", "warning", "note")]
    assert len(shown) == sum(min(count, GITHUB_TAKES) for count in counts)
    assert set(shown) <= set(places)
