"""The HTML report is one closed file: nothing of others becomes markup, its links lead somewhere, its policy holds."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import time
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from report_sample import RULES, VERDICTS, report
from test_report_any_text import reports

from archcheck.finding import Finding, Fix, Related, Verdict
from archcheck.report import ChecklistLine, Report, RuleInfo, RunCoverage, SourceLines
from archcheck.reports import html
from archcheck.reports.frame import Mark, Row
from archcheck.reports.html import write
from archcheck.reports.html_finding import strips
from archcheck.reports.html_text import page, prose
from archcheck.reports.text import visible
from archcheck.source import Location, Source
from archcheck.surface import Gap

HOSTILE = [
    "<script>alert(1)</script>",
    "</script></style></title><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "\" onmouseover=\"alert(1)' onclick='alert(1)",
    "--><!-- ]]> &lt;script&gt;",
    "\u202e\x00\ud800\x1b[2J\r\n",
]
TAGS = set(
    "html head meta title style body header h1 h2 h3 h4 nav a main section ul li b p code table tbody tr td small form "
    "label input select option fieldset legend output div span article i mark sup pre details summary dl dt dd footer "
    "script".split()
)
ATTRIBUTES = set(
    "lang charset http-equiv content name id class href rel hidden type value checked aria-live data-rule data-surface "
    "data-severity".split()
)
VOID = {"meta", "input"}
FRONTS = {"text", "dim", "link", "error", "warning", "note", "pass"}


class Page(HTMLParser):
    """A page as a browser takes it, with what a closed file must not have in it refused."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.counts: dict[str, int] = {}
        self.said: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        self.counts[tag] = self.counts.get(tag, 0) + 1
        for name, value in attrs:
            assert name in ATTRIBUTES, (tag, name)
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def written(report: Report) -> str:
    out = io.StringIO()
    write(report, out)
    out.getvalue().encode()
    return out.getvalue()


def held(report: Report) -> tuple[str, Page]:
    text = written(report)
    read = Page(text)
    assert (read.counts["script"], read.counts["style"], read.counts["meta"]) == (1, 1, 5)
    assert all(link.startswith(("#", "https://", "http://")) for link in read.links)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", text)
    return text, read


def infested(words: str) -> Report:
    """A report that says the same words wherever a file, a pack or a person could have put them."""
    related = (Related(Location(words, 4, 1, 40), words), Related(Location("gone" + words, 9), words))
    finding = Finding(Location(words, 2, 3, 20), words, words, related, Fix(words, ()))
    docs = f"{words}\n\n{words}\n\n- {words}\n\n```sql bad {words}\n{words}\n```\n[{words}]({words}) `{words}`"
    rule = RuleInfo(words, words, "error", "regular", words, "high", words, words, docs, 9.0, words, (words,), words)
    coverage = RunCoverage(
        *({words: {words: 2}}, {words: {words: 2}}, {words: 3}, {words: 4}, (words,)),
        (Gap(words, 1, "crash", words, words),),
    )
    lines = SourceLines(
        lambda path: None if "gone" in path else Source(path, f"{words}\n".encode("utf-8", "ignore") * 9)
    )
    checklist = (ChecklistLine(words, words, words, (words,)), ChecklistLine("other", words, words))
    verdict = Verdict(words, "error", "regular", finding, words)
    return Report(words, (verdict,), {words: rule}, coverage, lines, 1, checklist=checklist, debt=(verdict,))


@pytest.mark.parametrize("words", [*HOSTILE, "".join(HOSTILE)])
def test_text_of_others_is_text(words: str) -> None:
    text, read = held(infested(words))
    assert visible(words) in "".join(read.said)
    assert len(re.findall("<script|</script|<style|</style", text)) == 4


@settings(max_examples=150, deadline=None)
@given(reports())
def test_any_text_is_text(report: Report) -> None:
    _, read = held(report)
    assert read.counts["article"] == 1
    # What stands between backticks is shown as code, without them.
    assert visible(report.verdicts[0].finding.message).replace("`", "") in "".join(read.said).replace("`", "")


@pytest.mark.parametrize("times", [0, 1, 5])
def test_policy_names_the_one_style_and_the_one_script(times: int) -> None:
    text = written(replace(report(), verdicts=VERDICTS * times))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    parts = []
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.S)
        parts.append(f"{tag}-src 'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'")
    assert policy[1] == f"default-src 'none'; {'; '.join(parts)}; base-uri 'none'; form-action 'none'"
    assert "url(" not in text
    assert "@import" not in text


def test_every_link_within_the_page_leads_somewhere() -> None:
    _, read = held(report())
    assert len(read.ids) == len(set(read.ids))
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.ids)
    assert {f"f-{verdict.fingerprint}" for verdict in VERDICTS} <= set(read.ids)
    assert {link for link in read.links if not link.startswith("#")} == {rule.url for rule in RULES}


def test_without_scripts_everything_is_there_and_no_tool_that_would_not_work() -> None:
    text, read = held(report())
    assert '<form id="tools" hidden>' in text
    assert read.counts["article"] == len(VERDICTS)
    assert (
        text.count("hidden")
        - text.partition("<body>")[0].count("hidden")
        - text.partition("<script>")[2].count("hidden")
        == 1
    )
    assert [path.group(1) for path in re.finditer(r"<h3><span>(.*?)</span>", text)] == [
        *dict.fromkeys(escape(verdict.at.path) for verdict in VERDICTS)
    ]


def test_every_labelled_place_is_marked_and_numbered() -> None:
    text = written(replace(report(), verdicts=VERDICTS[4:5]))
    assert '<mark class="own">{name}</mark>' in text
    for number, (marked, label) in enumerate(
        [
            ("顧客", "a neighbour whose name fills two cells a character"),
            ("name", "the value comes from the request"),
            ("db.execute", "the query is sent here"),
        ],
        start=1,
    ):
        assert f"<mark>{marked}</mark><sup>{number}</sup>" in text
        assert f'<div class="label"><i><b>{number}</b></i><span>{label}</span></div>' in text


def test_places_may_overlap_or_be_empty() -> None:
    related = (Related(Location("a", 1, 3, 9), "wide"), Related(Location("a", 1, 99, 99), "end"))
    finding = Finding(Location("a", 1, 5, 7), "Wrong.", related=related)
    verdict = Verdict("some-rule", "note", "regular", finding, "0" * 16)
    lines = SourceLines(lambda path: Source(path, b"abcdefghij"))
    text = written(Report("0.1.0", (verdict,), {}, RunCoverage(), lines))
    assert (
        '<code>ab<mark>cd</mark><mark class="own">ef</mark><mark>gh</mark><sup>1</sup>ij<mark>\u00a0</mark>'
        "<sup>2</sup></code>"
    ) in text


def test_long_line_is_cut_around_its_places() -> None:
    near, far = Mark(1000, 1005, "", True), Mark(4000, 4900, "", False)
    row = Row(1, "x" * 5000, (near, far))
    assert list(strips(row)) == [(940, 1160, [near]), (3940, 4160, [far])]
    assert list(strips(Row(1, "x" * 5000, ()))) == [(0, 240, [])]


def test_only_rules_that_found_something_have_a_page() -> None:
    text = written(replace(report(), verdicts=VERDICTS[6:7]))
    assert text.count('<section class="rule"') == 1
    assert "Every delete of the parent scans the child." in text
    assert "4 rules found nothing" in text


def test_what_was_not_checked_is_said() -> None:
    text = written(report())
    for said in (
        "Not checked in full: 2",
        "ALTER TYPE",
        "the origin of a query&#x27;s text",
        "not an OpenAPI document",
    ):
        assert said in text
    assert "The run failed: not everything that was asked for could be checked." in text


def test_clean_run_says_that_it_passed() -> None:
    text, read = held(replace(report(), verdicts=(), exit_code=0, coverage=RunCoverage({"sql": {"migrations": 1}})))
    assert "The run passed." in text
    assert "<title>archcheck: no findings</title>" in text
    assert "form" not in read.counts


def test_what_is_new_stands_apart_from_what_the_baseline_accepts() -> None:
    text, read = held(replace(report(), verdicts=VERDICTS[6:7], debt=VERDICTS[3:6]))
    assert "3 findings in the baseline</summary>" in text
    assert read.counts["article"] == 1
    assert "<code>name</code> reaches db.execute() inside the text of the query" in text
    assert "4 rules found nothing new" in text
    text, _ = held(replace(report(), verdicts=(), debt=VERDICTS[3:4]))
    assert "None that is new." in text


def test_what_stands_between_backticks_is_code() -> None:
    assert prose("`a<b` and `c") == "<code>a&lt;b</code> and `c"
    assert prose("``") == "``"


STYLE = (Path(html.__file__).parent / "html_page.css").read_text(encoding="utf-8")
PALETTES = [
    dict(re.findall(r"--([a-z]+): #([0-9a-f]+)", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.S)
]


def luminance(colour: str) -> float:
    channels = re.findall("..", colour) if len(colour) == 6 else [sign * 2 for sign in colour]
    linear = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (int(channel, 16) / 255 for channel in channels)
    ]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("palette", PALETTES, ids=["light", "dark", "print"])
def test_every_text_is_readable_on_every_ground(palette: dict[str, str]) -> None:
    """4.5 to 1 is what WCAG asks of text in its level AA."""
    on_grounds = [(front, back) for front in PALETTES[0] if front in FRONTS for back in ("ground", "raised", "target")]
    on_marks = [(front, back) for front in ("text", "link") for back in ("own", "other")]
    for front, back in [*on_grounds, *on_marks]:
        darker, lighter = sorted((luminance(palette[front]), luminance(palette[back])))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (front, back)


def test_no_colour_stands_beside_the_palettes() -> None:
    assert set(PALETTES[0]) == FRONTS | {"ground", "raised", "line", "own", "other", "target"}
    rest = re.sub(r":root \{.*?\}", "", STYLE, flags=re.S)
    assert re.findall(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bopacity\b", rest) == []


def test_page_of_a_rule() -> None:
    docs = (
        "A law.\n\nIt is `so & so`\nbecause [of this](https://example.org/a_b), not [that](javascript:alert).\n"
        "- one\n  goes on\n- two\n\n```sql bad\nselect 1  -- want\n\tfrom a;\n```\n"
    )
    assert page(docs).split("\n") == [
        '<p>It is <code>so &amp; so</code> because <a href="https://example.org/a_b" rel="noreferrer">of this</a>, '
        "not that.</p>",
        *("<ul>", "<li>one goes on</li>", "<li>two</li>", "</ul>", "<p>Bad:</p>"),
        "<pre>select 1&#10;\tfrom a;</pre>",
    ]


def test_three_thousand_findings_are_small_and_soon_written() -> None:
    many = tuple(
        replace(verdict, fingerprint=f"{number:08x}{verdict.fingerprint[8:]}")
        for number in range(375)
        for verdict in VERDICTS
    )
    started = time.process_time()
    text = written(replace(report(), verdicts=many))
    assert time.process_time() - started < 1.0
    assert len(text.encode()) < 5_000_000
