"""Every format says of the sample exactly what its golden file says."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence

import pytest
from report_sample import VERDICTS, report

from archcheck.reports import FORMATS, load
from archcheck.reports.terminal import Style
from archcheck.reports.terminal import write as write_terminal
from archcheck.reports.text import visible

_GOLDEN = {
    "terminal": "terminal.txt",
    "concise": "concise.txt",
    "gitlab": "gitlab.json",
    "github": "github.txt",
    "junit": "junit.xml",
    "markdown": "report.md",
}


def written(name: str) -> str:
    out = io.StringIO()
    load(name)(report(), out)
    return out.getvalue()


@pytest.mark.parametrize("name", FORMATS)
def test_format_is_as_agreed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(_GOLDEN.get(name, f"report.{name}"), written(name))


def test_coloured_terminal_is_as_agreed(golden: Callable[[str, str], None]) -> None:
    out = io.StringIO()
    write_terminal(report(), out, Style(color=True, links=True, width=72))
    golden("terminal.color.txt", out.getvalue())


@pytest.mark.parametrize("name", FORMATS)
def test_same_report_gives_the_same_bytes(name: str) -> None:
    assert written(name) == written(name)


def test_all_formats_name_the_same_findings() -> None:
    """By fingerprint, or by rule and line where a format has no field for it."""
    fingerprints = [verdict.fingerprint for verdict in VERDICTS]
    places = sorted((verdict.rule, visible(verdict.at.path), verdict.at.line) for verdict in VERDICTS)
    assert {name for name in FORMATS if name not in NAMED} == {"terminal"}
    for name, named in NAMED.items():
        told = named(written(name))
        assert sorted(told) in (fingerprints, places), name
    heads = re.findall(r"^\w+\[([\w/-]+)\]:(?:.*\n)+? *--> (.*?)(?::(\d+):\d+)?$", written("terminal"), re.M)
    assert sorted((rule, path, int(line or 1)) for rule, path, line in heads) == places


def _sarif(text: str) -> list[str]:
    return [result["partialFingerprints"]["archcheckFinding/v1"] for result in json.loads(text)["runs"][0]["results"]]


def _github(text: str) -> list[tuple[str, str, int]]:
    found = re.findall(r"^::\w+ file=([^,]*),line=(\d+),.*?title=([^:]*)::", text, re.M)
    return [(rule, path, int(line)) for path, line, rule in found]


def _concise(text: str) -> list[tuple[str, str, int]]:
    found = re.findall(r"^(.*?):(\d+):\d+: \w+\[(.*?)\]", text, re.M)
    return [(rule, path, int(line)) for path, line, rule in found]


def _markdown(text: str) -> list[tuple[str, str, int]]:
    found = re.findall(r"^- .* \[`(\S+)`\]\(\S+\)<br>`(.*?):(\d+):\d+`", text, re.M)
    return [(rule, path, int(line)) for rule, path, line in found]


NAMED: dict[str, Callable[[str], Sequence[object]]] = {
    "json": lambda text: [finding["fingerprint"] for finding in json.loads(text)["findings"]],
    "sarif": _sarif,
    "gitlab": lambda text: [issue["fingerprint"] for issue in json.loads(text)],
    "junit": lambda text: re.findall(r"\[([0-9a-f]{16})\]", text),
    "github": _github,
    "concise": _concise,
    "markdown": _markdown,
    "html": lambda text: re.findall(r'<article id="f-([0-9a-f]{16})"', text),
}


def test_concise_has_one_line_for_each_finding() -> None:
    assert len(written("concise").splitlines()) == len(VERDICTS)


def test_unknown_format_is_an_error() -> None:
    with pytest.raises(KeyError):
        load("xml")
