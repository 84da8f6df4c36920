"""Whatever text the checked files hold, no format breaks and no terminal is steered."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from test_report_sarif import sarif

from archcheck.finding import Edit, Finding, Fix, Related, Verdict
from archcheck.report import Report, RuleInfo, RunCoverage, SourceLines
from archcheck.reports import load, markdown_text
from archcheck.reports.terminal import Style
from archcheck.reports.terminal import write as write_terminal
from archcheck.reports.text import cells, one_line, visible, wrap
from archcheck.source import Location, Source
from archcheck.surface import Gap

_NASTY = [
    "\x1b]0;t\x07",
    "\u202e",
    "\ud800",
    "\r\n",
    "\t",
    "](1)",
    "{0}",
    "</script>",
    "::error::",
    "\u2028",
    "👩‍👩‍👧",
    "e\u0301",
]
TEXT = st.lists(st.one_of(st.text(st.characters(), max_size=12), st.sampled_from(_NASTY)), max_size=6).map("".join)
FILES = {"a": "x: 1\n", "b\x1b[2J": "\t\x1b[31m\u202e\t顧客" * 30 + "\nlast"}
PATH = st.one_of(st.sampled_from(sorted(FILES)), TEXT)
NUMBER = st.integers(1, 300)


@st.composite
def places(draw: st.DrawFn) -> Location:
    column = draw(NUMBER)
    return Location(draw(PATH), draw(st.integers(1, 4)), column, draw(st.sampled_from([0, column, column + 7])))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    edit = Edit(draw(PATH), 1, draw(NUMBER), 2, draw(NUMBER), draw(TEXT))
    finding = Finding(
        draw(places()),
        draw(TEXT),
        draw(TEXT),
        tuple(Related(draw(places()), draw(TEXT)) for _ in range(draw(st.integers(0, 3)))),
        draw(st.sampled_from([None, Fix(draw(TEXT), (edit,))])),
    )
    rule = RuleInfo(
        "some-rule", draw(TEXT), "error", "regular", "0.1", "low", "sql", draw(TEXT), draw(TEXT), 9.0, "CWE-1"
    )
    coverage = RunCoverage(
        {"openapi": {"specs": draw(NUMBER)}},
        {"sql": {draw(TEXT): 1}},
        {draw(TEXT): 2},
        {draw(TEXT): 3},
        (draw(TEXT),),
        (Gap(draw(PATH), draw(st.integers(0, 9)), "crash", draw(TEXT), draw(TEXT)),),
    )
    lines = SourceLines(lambda path: Source(path, FILES[path].encode()) if path in FILES else None)
    return Report(
        "0.1.0", (Verdict("some-rule", "error", "regular", finding, "0" * 16),), {rule.id: rule}, coverage, lines
    )


def written(name: str, report: Report) -> str:
    out = io.StringIO()
    load(name)(report, out)
    out.getvalue().encode()
    return out.getvalue()


@settings(max_examples=150, deadline=None)
@given(reports(), st.integers(0, 120))
def test_no_control_character_reaches_the_terminal(report: Report, width: int) -> None:
    coloured, plain, concise = io.StringIO(), io.StringIO(), io.StringIO()
    write_terminal(report, coloured, Style(color=True, links=True, width=width))
    write_terminal(report, plain, Style(width=width))
    load("concise")(report, concise)
    ours = re.sub(r"\x1b\]8;;[^\x1b]*\x1b\\|\x1b\[[\d;]*m", "", coloured.getvalue())
    for text in (ours, plain.getvalue(), concise.getvalue()):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", text)
        text.encode()
    assert len(concise.getvalue().splitlines()) == 1


@settings(max_examples=100, deadline=None)
@given(reports())
def test_json_holds_what_was_said(report: Report) -> None:
    out = io.StringIO()
    load("json")(report, out)
    out.getvalue().encode()
    document = json.loads(out.getvalue())
    said = document["findings"][0]["message"]
    assert said == re.sub("[\ud800-\udfff]", "\ufffd", report.verdicts[0].finding.message)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]", out.getvalue())


@settings(max_examples=100, deadline=None)
@given(reports())
def test_sarif_stays_valid(report: Report) -> None:
    run = sarif(report)
    assert len(run["results"]) == 1
    assert not re.search(r"(?<!\\)\]\((?!\d+\))", run["results"][0]["message"]["text"])


@settings(max_examples=100, deadline=None)
@given(reports())
def test_gitlab_holds_one_issue_with_its_place(report: Report) -> None:
    (issue,) = json.loads(written("gitlab", report))
    assert issue["location"]["path"] == re.sub("[\ud800-\udfff]", "\ufffd", report.verdicts[0].at.path)
    assert issue["description"]


@settings(max_examples=150, deadline=None)
@given(reports())
def test_no_text_becomes_a_workflow_command(report: Report) -> None:
    text = written("github", report)
    (line,) = text.splitlines()
    assert re.fullmatch(
        r"::error file=[^:,]*,line=\d+,(?:col=\d+,endColumn=\d+,)?title=some-rule::[^\x00-\x1f\x7f]+", line
    )
    assert not re.search("%(?!25|0A|3A|2C)", line)


@settings(max_examples=150, deadline=None)
@given(reports())
def test_junit_is_xml_for_any_text(report: Report) -> None:
    root = ElementTree.fromstring(written("junit", report).encode())
    (failure,) = root.iter("failure")
    assert failure.text is not None
    assert visible(report.verdicts[0].finding.message) in failure.text
    assert root.get("errors") == "1"


@settings(max_examples=200, deadline=None)
@given(reports())
def test_markdown_holds_no_markup_of_others(report: Report) -> None:
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(written("markdown", report))
    tags = set(re.findall(r"<([a-z0-9]+)", re.sub(r"<(pre|code)\b.*?</\1>", "", page, flags=re.S)))
    assert tags <= {*"h2 h3 p ul li br span details summary".split(), *"table thead tbody tr th td".split()}
    assert page.count("<li>") >= 1
    assert page.count("<h2>") == page.count("<h3>") == 1
    assert "href" not in page


@settings(max_examples=300, deadline=None)
@given(TEXT | st.text("a1.)(*_`#>-+=~|[]!<&@:/w\\$ ", max_size=20))
def test_markdown_text_reads_as_it_was_written(words: str) -> None:
    """Rendered, each piece of text is the text again, whatever it would have meant."""
    renderer = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for escaped in (markdown_text.text(words), markdown_text.code(words)):
        if escaped:
            page = renderer.render(f"- {escaped}\n")
            plain = unescape(re.sub(r"</?(?:ul|li|p|span|code)>", "", page)).replace("\u200b", "")
            assert plain.split() == one_line(visible(words)).replace("\u200b", "").split()
            assert not re.search(r"@[^\W_]|#\d|://|www\.", re.sub("<code>.*</code>", "", unescape(page), flags=re.S))


@given(TEXT, st.integers(1, 60))
def test_wrapped_lines_keep_to_the_width_and_lose_nothing(text: str, width: int) -> None:
    shown = visible(text)
    lines = wrap(shown, width, max(width - 8, 0))
    assert all(cells(line) <= max(width, 2) for line in lines)
    assert "".join("".join(lines).split()) == "".join(shown.split())
