"""A baseline holds what was there, follows what moved, loses what was mended, and never takes anything in."""

from __future__ import annotations

import pytest

from archcheck.baseline import BaselineError, Weighed, baseline_of, decode, encode, weigh
from archcheck.finding import Finding, Profile, Verdict
from archcheck.report import Report, RuleInfo, RunCoverage, SourceLines
from archcheck.source import Location
from archcheck.surface import Gap


def verdict(rule: str, path: str, subject: str, line: int = 1, ordinal: int = 0) -> Verdict:
    finding = Finding(Location(path, line), f"{subject} is wrong.", subject=subject)
    return Verdict(rule, "warning", "regular", finding, f"{rule}/{path}/{subject}/{ordinal}")


def report(
    *verdicts: Verdict, gaps: tuple[Gap, ...] = (), rules: tuple[str, ...] = ("odd-thing", "bad-thing")
) -> Report:
    infos = {
        rule: RuleInfo(rule, "a.b", "warning", "regular", "0.1", "high", "sql", "archcheck", "It is odd.\n")
        for rule in rules
    }
    return Report("0.1.0", verdicts, infos, RunCoverage(gaps=gaps), SourceLines(lambda _: None))


FIRST = (
    verdict("odd-thing", "a.sql", "orders"),
    verdict("odd-thing", "b.sql", "users"),
    verdict("bad-thing", "b.sql", "users"),
)


def weighed(
    now: Report, profile: Profile = "regular", whole: bool = True, files: tuple[str, ...] = ("a.sql", "b.sql")
) -> Weighed:
    return weigh(now, baseline_of(FIRST, "regular"), profile=profile, exists=files.__contains__, whole=whole)


def test_what_is_accepted_is_not_reported_and_counted():
    new = verdict("odd-thing", "a.sql", "invoices")
    found = weighed(report(*FIRST, new))
    assert found.report.verdicts == (new,)
    assert (len(found.report.debt), found.mended) == (3, ())
    assert found.left == baseline_of(FIRST, "regular")


def test_an_equal_finding_more_is_new():
    again = verdict("odd-thing", "a.sql", "orders", line=9, ordinal=1)
    assert weighed(report(*FIRST, again)).report.verdicts == (again,)


def test_what_is_mended_is_taken_out():
    found = weighed(report(*FIRST[:2]))
    assert [entry.rule for entry in found.mended] == ["bad-thing"]
    assert found.left == baseline_of(FIRST[:2], "regular")


@pytest.mark.parametrize(
    "found",
    [
        weighed(report(), whole=False),
        weighed(report(gaps=(Gap("c.sql", 1, "unparsable", "it ends too early"),))),
        weighed(report(rules=())),
        weigh(report(), baseline_of(FIRST, "strict"), profile="regular", exists=lambda _: True, whole=True),
    ],
    ids=["part of the project", "something was not read", "the rules did not run", "it looked less closely"],
)
def test_what_the_run_could_not_have_found_stays(found: Weighed):
    assert (found.mended, len(found.left.accepted)) == ((), 3)


def test_a_renamed_file_takes_its_entries_along():
    moved = (verdict("odd-thing", "c.sql", "users"), verdict("bad-thing", "c.sql", "users"))
    found = weighed(report(FIRST[0], *moved), files=("a.sql", "c.sql"))
    assert (found.report.verdicts, found.mended) == ((), ())
    assert [entry.path for entry in found.left.accepted] == ["a.sql", "c.sql", "c.sql"]
    # While the old file is there, an equal finding in another one is new.
    assert weighed(report(*FIRST, *moved)).report.verdicts == moved


def test_one_renamed_entry_stands_for_one_finding():
    copies = tuple(verdict("odd-thing", path, "users") for path in ("c.sql", "d.sql"))
    found = weighed(report(FIRST[0], *copies), files=("a.sql", "c.sql", "d.sql"))
    assert found.report.verdicts == copies[1:]


def test_what_was_not_read_is_never_accepted():
    unread = verdict("unread-file", "a.sql", "a.sql")
    assert baseline_of([unread], "regular").accepted == ()


def test_it_is_written_a_line_a_finding_sorted_and_read_back():
    baseline = baseline_of(FIRST, "strict")
    text = encode(baseline)
    assert [line.strip()[:16] for line in text.splitlines()[4:7]] == [
        '{"path":"a.sql",',
        '{"path":"b.sql",',
        '{"path":"b.sql",',
    ]
    assert decode(text.encode()) == baseline
    assert encode(decode(text.encode())) == text
    assert text.index("bad-thing") < text.index('"users","fingerprint":"odd')
    empty = baseline_of((), "regular")
    assert decode(encode(empty).encode()) == empty


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"profile": "loud", "accepted": []}', b"\xff", b'{"profile": "strict"}']
)
def test_what_is_none_says_so(data: bytes):
    with pytest.raises(BaselineError, match="it is no baseline"):
        decode(data)


def test_a_later_version_says_so():
    with pytest.raises(BaselineError, match="version 2"):
        decode(b'{"version": 2, "profile": "strict", "accepted": []}')
