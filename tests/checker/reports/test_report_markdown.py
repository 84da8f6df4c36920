"""The Markdown report fits a comment, says first what matters most, and says what it leaves out."""

from __future__ import annotations

import io
import re

import pytest
from msgspec.structs import replace
from report_sample import VERDICTS, report

from archcheck.finding import Verdict
from archcheck.report import Report, RunCoverage
from archcheck.reports.markdown import LIMIT, write
from archcheck.reports.markdown_text import prose
from archcheck.surface import Gap


def written(report: Report, limit: int = LIMIT) -> str:
    out = io.StringIO()
    write(report, out, limit)
    return out.getvalue()


def repeated(times: int) -> tuple[Verdict, ...]:
    return tuple(
        replace(verdict, fingerprint=f"{number:08x}{verdict.fingerprint[8:]}")
        for number in range(times)
        for verdict in VERDICTS
    )


@pytest.mark.parametrize("times", [1, 20, 500])
def test_it_fits_a_comment(times: int) -> None:
    text = written(replace(report(), verdicts=repeated(times)))
    assert len(text.encode("utf-16-le")) // 2 <= LIMIT
    shown = len(re.findall(r"^- .*<br>", text, re.M))
    left_out = re.search(r"^\*\*(.*) more are left out here", text, re.M)
    assert shown + sum(map(int, re.findall(r"\d+", left_out[1].replace(",", ""))) if left_out else []) == 8 * times
    assert (left_out is None) == (times < 500)


def test_what_matters_most_comes_first_and_keeps_its_lines() -> None:
    text = written(replace(report(), verdicts=repeated(20)), 25_000)
    assert text.index("`interpolated-query`") < text.index("`unread-file`") < text.index("### 60 warnings")
    assert text.index("name = request.query['name']") < text.index("`unread-file`")
    assert re.search(r"^\*\*\d+ warnings and 20 notes more are left out here to keep this short", text, re.M)
    assert "### 20 notes" not in text


def test_scorecard_and_what_was_not_checked_are_there() -> None:
    text = written(report())
    assert "<summary>The checklist: 5 with findings, 1 not checked and 1 not checkable</summary>" in text
    assert "| `api.docs` | a stranger \\| could &lt;b&gt;use&lt;/b&gt; it | 1 finding |" in text
    assert "| `api.errors` | errors have a body | not checked: its rules were left out of this run |" in text
    assert "- `api/broken.yaml:3`: expected a value, but found '}'; mend the YAML, or exclude the file" in text


def test_gaps_are_capped_and_counted() -> None:
    gaps = tuple(Gap(f"api/{number}.yaml", 1, "unparsable", "it is broken") for number in range(30))
    text = written(replace(report(), coverage=RunCoverage(gaps=gaps)))
    assert text.count("it is broken\n") == 20
    assert "- 10 more gaps" in text


def test_nothing_found_is_short() -> None:
    coverage = RunCoverage({"python": {"modules": 3}}, rules=2)
    text = written(replace(report(), verdicts=(), rules={}, coverage=coverage, allowed=0, checklist=()))
    assert text == ("## archcheck: no findings\n\nNo findings.\n\nChecked 3 Python modules with 2 rules.\n\n")


def test_what_stands_between_backticks_is_code() -> None:
    assert prose("`a_b` reads *all* of `c<d>`, and ` too") == "`a_b` reads \\*all\\* of `c<d>`, and \\` too"
    assert prose("one") == "one"
    assert prose(" `a` `b` ") == "`a` `b`"
