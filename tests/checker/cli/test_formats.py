"""One run, all formats: each of them names the same findings."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archcheck.cli import main
from archcheck.reports import FORMATS

ROOT = Path(__file__).resolve().parents[3]

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


@pytest.mark.parametrize("fixture", ["shop-fastapi", "clean"])
@pytest.mark.parametrize("profile", ["regular", "audit"])
def test_all_formats_of_one_run_name_the_same_findings(
    fixture: str, profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert {*FINGERPRINTS, *PLACES} == set(FORMATS)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    project = tmp_path / "project"
    shutil.copytree(ROOT / "fixtures" / fixture, project)
    asked = [f"--output={name}:{tmp_path / name}" for name in FORMATS]
    main(["check", "--root", str(project), "--cache-dir", str(tmp_path / "cache"), "--profile", profile, *asked])
    told = {name: (tmp_path / name).read_text(encoding="utf-8") for name in FORMATS}

    findings = json.loads(told["json"])["findings"]
    fingerprints = sorted(each["fingerprint"] for each in findings)
    assert len(set(fingerprints)) == len(fingerprints)
    assert bool(fingerprints) is (fixture != "clean")
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
