"""The terminal report points at the right cells, keeps to its width and lets nothing through that is not its own."""

from __future__ import annotations

import io
import re

from msgspec.structs import replace
from report_sample import VERDICTS, report

from archcheck.finding import Finding, Fix, Related, Verdict
from archcheck.report import Report, RunCoverage, SourceLines
from archcheck.reports.terminal import PLAIN, Style, write, write_summary
from archcheck.reports.text import cells
from archcheck.source import Location, Source


def drawn(finding: Finding, text: str, style: Style = PLAIN) -> list[str]:
    """The lines of one finding about a file `a.py` (and any other of the same text), without the summary."""
    verdict = Verdict("some-rule", "warning", "regular", finding, "0" * 16)
    lines = SourceLines(lambda path: Source(path, text.encode()))
    out = io.StringIO()
    write(Report("0.1.0", (verdict,), {}, RunCoverage(), lines), out, style)
    return out.getvalue().partition("\n\n")[0].splitlines()


def test_frame_points_at_the_place() -> None:
    assert drawn(Finding(Location("a.py", 2, 5, 8), "It is wrong."), "x = 1\ndef one(): ...\n") == [
        "warning[some-rule]: It is wrong.",
        " --> a.py:2:5",
        "  |",
        "2 | def one(): ...",
        "  |     ^^^",
    ]


def test_places_of_several_files_are_grouped() -> None:
    related = (
        Related(Location("b.sql", 1, 1, 2), "first"),
        Related(Location("a.py", 3, 1, 2), "same file"),
        Related(Location("b.sql", 9, 1, 2), "far below"),
    )
    lines = drawn(
        Finding(Location("a.py", 1, 1, 2), "It is wrong.", related=related, fix=Fix("Mend it", ())), "x\n" * 9
    )
    assert lines[1:] == [
        " --> a.py:1:1",
        "  |",
        "1 | x",
        "  | ^",
        "2 | x",
        "3 | x",
        "  | - same file",
        "  |",
        " ::: b.sql:1:1",
        "  |",
        "1 | x",
        "  | - first",
        "...",
        "9 | x",
        "  | - far below",
        "  |",
        "  = fix to review: Mend it",
    ]


def test_tabs_and_wide_characters_keep_carets_aligned() -> None:
    lines = drawn(Finding(Location("a.py", 1, 5, 7), "It is wrong."), "\t顧客\tab = 1")
    assert lines[3:] == ["1 |     顧客    ab = 1", "  |             ^^"]
    assert cells(lines[3][: lines[3].index("ab")]) == lines[4].index("^")


def test_combining_marks_take_no_cell() -> None:
    lines = drawn(Finding(Location("a.py", 1, 4, 6), "It is wrong."), "e\u0301 ab")
    assert cells(lines[3][: lines[3].index("ab")]) == lines[4].index("^")


def test_place_without_an_end_reaches_to_the_end_of_the_word() -> None:
    assert drawn(Finding(Location("a.py", 1, 3), "It is wrong."), "  orders: 1")[-1] == "  |   ^^^^^^"


def test_place_beyond_the_line_stands_at_its_end() -> None:
    assert drawn(Finding(Location("a.py", 1, 40, 50), "It is wrong."), "ab")[-1] == "  |   ^"


def test_long_line_is_cut_around_its_places() -> None:
    text = "a" * 5_000 + " HERE " + "b" * 5_000 + " THERE " + "c" * 5_000
    there = Location("a.py", 1, text.index("THERE") + 1, text.index("THERE") + 6)
    here = Location("a.py", 1, text.index("HERE") + 1, text.index("HERE") + 5)
    lines = drawn(Finding(here, "It is wrong.", related=(Related(there, "and there"),)), text, Style(width=60))
    assert max(map(len, lines)) <= 60
    for word, shown, marks in (("HERE", lines[3], lines[4]), ("THERE", lines[5], lines[6])):
        assert shown.endswith("…")
        assert "…" in shown[:6]
        assert re.search(r"[-^]+", marks[3:]).span() == re.search(word, shown[3:]).span()  # type: ignore[union-attr]


def test_end_of_a_long_line_fills_the_room() -> None:
    text = "a" * 5_000 + " HERE"
    shown = drawn(Finding(Location("a.py", 1, 5_002), "It is wrong."), text, Style(width=60))[3]
    assert shown.endswith("HERE")
    assert len(shown) >= 58


def test_long_label_is_wrapped_beside_or_below_its_place() -> None:
    label = "the value comes from the body of the request, which anybody may send"
    for column in (3, 50):
        related = (Related(Location("a.py", 2, column, column + 2), label),)
        lines = drawn(Finding(Location("a.py", 1, 1, 2), "Wrong.", related=related), "x\n" + "y" * 58, Style(width=64))
        assert max(map(len, lines)) <= 64
        assert " ".join(" ".join(line.lstrip(" |-") for line in lines[6:]).split()) == label


def test_message_is_wrapped_to_the_width() -> None:
    message = "GET /orders returns every row at once; " * 5 + "accept cursor and limit."
    lines = drawn(Finding(Location("a.py", 1), message), "x", Style(width=50))
    head = lines[: next(index for index, line in enumerate(lines) if "-->" in line)]
    assert max(map(len, head)) <= 50
    assert " ".join(" ".join(head).split()) == f"warning[some-rule]: {message}"


def test_file_that_cannot_be_shown_is_named() -> None:
    verdict = replace(VERDICTS[2])
    out = io.StringIO()
    write(replace(report(), verdicts=(verdict,)), out)
    assert out.getvalue().splitlines()[1:3] == [" --> api/gone.yaml", ""]


def test_label_in_a_file_that_cannot_be_shown_is_kept() -> None:
    finding = Finding(Location("api/openapi.yaml", 1), "It is wrong.", related=(Related(Location("gone", 1), "here"),))
    out = io.StringIO()
    write(replace(report(), verdicts=(replace(VERDICTS[0], finding=finding),)), out)
    assert " ::: gone\n  = here\n" in out.getvalue()


def test_no_colour_and_no_link_unless_asked() -> None:
    plain, coloured = io.StringIO(), io.StringIO()
    write(report(), plain)
    write(report(), coloured, Style(color=True, links=True))
    assert "\x1b" not in plain.getvalue()
    assert "\x1b]8;;https://example.org/rules/interpolated-query\x1b\\" in coloured.getvalue()
    without = re.sub(r"\x1b\]8;;[^\x1b]*\x1b\\|\x1b\[[\d;]*m", "", coloured.getvalue())
    assert re.sub(r" +$", "", without, flags=re.M) == plain.getvalue()


def test_only_the_most_severe_are_shown_and_that_is_said() -> None:
    out = io.StringIO()
    write(report(), out, Style(limit=2))
    assert re.findall(r"^\w+\[[\w/-]+\]", out.getvalue(), re.M) == ["error[unread-file]", "error[unread-file]"]
    assert "Shown are the 2 most severe; 6 more are not shown." in out.getvalue()
    assert "Found 4 errors, 3 warnings and 1 note in 7 files" in out.getvalue()


def test_coverage_is_the_last_line_always() -> None:
    for one in (report(), replace(report(), verdicts=(), coverage=RunCoverage())):
        out = io.StringIO()
        write(one, out)
        assert out.getvalue().splitlines()[-1].startswith("Checked ")


def test_nothing_found_is_two_lines() -> None:
    out = io.StringIO()
    write_summary(replace(report(), verdicts=(), allowed=0, coverage=RunCoverage(rules=3)), out)
    assert out.getvalue() == (
        "No findings.\nChecked nothing: no OpenAPI document, migration or Python module was read.\n"
    )
