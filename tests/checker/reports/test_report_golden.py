"""Every format says of the sample exactly what its golden file says."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from report_sample import VERDICTS, report

from archcheck.reports import FORMATS, load
from archcheck.reports.terminal import Style
from archcheck.reports.terminal import write as write_terminal


def written(name: str) -> str:
    out = io.StringIO()
    load(name)(report(), out)
    return out.getvalue()


@pytest.mark.parametrize("name", FORMATS)
def test_format_is_as_agreed(name: str, golden: Callable[[str, str], None]) -> None:
    suffix = {"terminal": "txt", "concise": "txt"}.get(name, name)
    golden(f"{name}.{suffix}" if suffix != name else f"report.{name}", written(name))


def test_coloured_terminal_is_as_agreed(golden: Callable[[str, str], None]) -> None:
    out = io.StringIO()
    write_terminal(report(), out, Style(color=True, links=True, width=72))
    golden("terminal.color.txt", out.getvalue())


@pytest.mark.parametrize("name", FORMATS)
def test_same_report_gives_the_same_bytes(name: str) -> None:
    assert written(name) == written(name)


def test_machine_formats_name_the_same_fingerprints() -> None:
    expected = [verdict.fingerprint for verdict in VERDICTS]
    results = json.loads(written("sarif"))["runs"][0]["results"]
    assert [finding["fingerprint"] for finding in json.loads(written("json"))["findings"]] == expected
    assert [result["partialFingerprints"]["archcheckFinding/v1"] for result in results] == expected


def test_concise_has_one_line_for_each_finding() -> None:
    assert len(written("concise").splitlines()) == len(VERDICTS)


def test_unknown_format_is_an_error() -> None:
    with pytest.raises(KeyError):
        load("xml")
