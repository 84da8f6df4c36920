"""What the rules said becomes what is reported: fingerprints, acceptances, severities and profiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from archcheck.finding import PROFILES, SEVERITIES, Finding, Severity
from archcheck.packs import Entry, Index
from archcheck.source import Location
from archcheck.surface import Allow
from archcheck.verdicts import Policy, Settled, settle, verdicts_of


def entry(
    id: str, *, severity: Severity = "warning", profile: str = "regular", formerly: tuple[str, ...] = ()
) -> Entry:
    return Entry(
        id=id,
        pack="test",
        module=f"test.{id}",
        subject="test:Thing",
        surface="openapi",
        stage="unit",
        checklist="api.things",
        severity=severity,
        profile=profile,  # type: ignore[arg-type]
        since="0.1",
        precision="high",
        security=None,
        cwe="",
        formerly=formerly,
        docs="A thing is wrong.",
        options=(),
        meaning="",
    )


INDEX = Index(
    (),
    {
        each.id: each
        for each in (
            entry("bare-thing", formerly=("naked-thing", "nude-thing")),
            entry("late-thing", profile="strict"),
            entry("loud-thing", severity="error"),
        )
    },
    (),
    b"",
)


def said(line: int, *, rule: str = "bare-thing", path: str = "a.yaml", subject: str = "GET /a", **more: object):
    return rule, Finding(Location(path, line), more.pop("message", f"{subject} is bare."), subject, **more)  # type: ignore[arg-type]


def allow(
    *rules: str, line: int = 1, path: str = "a.yaml", first: int = 0, last: int = 0, whole: bool = False
) -> Allow:
    return Allow(Location(path, line), rules, "because", first or line, last or line, whole_file=whole)


def policy(
    *, latest: int = 0, severity: Severity | None = None, ignored: Callable[[str, str], bool] = lambda rule, path: False
) -> Policy:
    return Policy(latest=lambda rule: latest, severity=lambda rule, path: severity, ignored=ignored)


def settled(
    spoken: Iterable[tuple[str, Finding]], *allows: Allow, how: Policy | None = None, incomplete: tuple[str, ...] = ()
) -> Settled:
    return settle(spoken, allows, INDEX, how or policy(), chosen=set(INDEX.rules), incomplete=incomplete)


def test_a_fingerprint_survives_moved_lines_and_another_message():
    (before,) = verdicts_of([said(3)], INDEX)
    (after,) = verdicts_of([said(30, message="GET /a is still bare, in other words.")], INDEX)
    assert before.fingerprint == after.fingerprint
    assert len(before.fingerprint) == 16
    assert int(before.fingerprint, 16) >= 0


@pytest.mark.parametrize("other", [said(3, path="b.yaml"), said(3, subject="GET /b"), said(3, rule="loud-thing")])
def test_a_fingerprint_tells_rules_files_and_subjects_apart(other: tuple[str, Finding]):
    assert len({verdict.fingerprint for verdict in verdicts_of([said(3), other], INDEX)}) == 2


def test_equals_are_counted_from_the_top_of_the_file():
    three = verdicts_of([said(9), said(1), said(5)], INDEX)
    assert [verdict.at.line for verdict in three] == [1, 5, 9]
    assert len({verdict.fingerprint for verdict in three}) == 3
    two = verdicts_of([said(2), said(6)], INDEX)
    assert [verdict.fingerprint for verdict in two] == [verdict.fingerprint for verdict in three[:2]]


def test_without_a_subject_the_message_tells_findings_apart():
    one, other = verdicts_of([said(1, subject="", message="A."), said(2, subject="", message="B.")], INDEX)
    assert one.fingerprint != other.fingerprint


def test_what_two_units_say_of_a_shared_file_is_said_once():
    assert len(verdicts_of([said(3), said(3)], INDEX)) == 1


@given(st.lists(st.tuples(st.sampled_from(sorted(INDEX.rules)), st.integers(1, 4), st.sampled_from("ab")), max_size=12))
def test_the_order_of_what_was_said_says_nothing(things: list[tuple[str, int, str]]):
    spoken = [said(line, rule=rule, subject=subject) for rule, line, subject in things]
    verdicts = verdicts_of(spoken, INDEX)
    assert verdicts == verdicts_of(reversed(spoken), INDEX)
    assert len({verdict.fingerprint for verdict in verdicts}) == len(verdicts) == len(set(things))


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_finding_says_less_than_its_rule_never_more(severity: Severity, profile: str):
    (verdict,) = verdicts_of([said(1, rule="late-thing", severity=severity, profile=profile)], INDEX)
    assert verdict.severity == ("note" if severity == "note" else "warning")
    assert verdict.profile == ("audit" if profile == "audit" else "strict")


def test_an_acceptance_silences_its_rule_on_its_lines():
    result = settled([said(3), said(4), said(4, rule="loud-thing")], allow("bare-thing", line=3))
    assert [(verdict.rule, verdict.at.line) for verdict in result.verdicts] == [("bare-thing", 4), ("loud-thing", 4)]
    assert [verdict.at.line for verdict in result.allowed] == [3]
    assert (result.allows[0].used, result.allows[0].idle) == (("bare-thing",), ())


def test_accepting_one_finding_does_not_rename_its_neighbours():
    before = settled([said(3), said(4)])
    after = settled([said(3), said(4)], allow("bare-thing", line=3))
    assert after.verdicts == before.verdicts[1:]


@pytest.mark.parametrize("name", ["naked-thing", "nude-thing"])
def test_an_acceptance_under_a_former_name_counts(name: str):
    result = settled([said(3)], allow(name, line=3))
    assert result.verdicts == ()
    assert (result.allows[0].used, result.allows[0].unknown, result.allows[0].idle) == ((name,), (), ())
    assert settled([], allow(name, line=3)).allows[0].idle == (name,)


def test_an_acceptance_of_the_whole_file_ends_with_the_file():
    result = settled([said(3), said(900), said(3, path="b.yaml")], allow("bare-thing", last=5, whole=True))
    assert [verdict.at.path for verdict in result.verdicts] == ["b.yaml"]


def test_each_name_of_an_acceptance_is_judged_for_itself():
    (judged,) = settled([said(3)], allow("bare-thing", "loud-thing", "no-such-thing", line=3)).allows
    assert judged.used == ("bare-thing",)
    assert judged.unknown == ("no-such-thing",)
    assert judged.idle == ("loud-thing",)


def test_an_acceptance_in_a_file_that_two_units_read_is_one():
    assert len(settled([said(3)], allow("bare-thing", line=3), allow("bare-thing", line=3)).allows) == 1


def test_where_a_unit_was_not_read_whole_nothing_is_unused():
    result = settled([], allow("bare-thing", line=3), allow("bare-thing", path="b.yaml"), incomplete=("a.yaml",))
    assert {each.at.path: each.idle for each in result.allows} == {"a.yaml": (), "b.yaml": ("bare-thing",)}


def test_a_rule_that_did_not_run_leaves_its_acceptances_alone():
    (judged,) = settle([], [allow("bare-thing")], INDEX, policy(), chosen={"loud-thing"}, incomplete=()).allows
    assert (judged.idle, judged.unknown) == ((), ())


def test_a_finding_that_is_not_shown_uses_its_acceptance_all_the_same():
    late = said(3, rule="late-thing")
    hidden = settled([late], allow("late-thing", line=3))
    assert (hidden.verdicts, hidden.allowed, hidden.allows[0].idle) == ((), (), ())
    shown = settled([late], allow("late-thing", line=3), how=policy(latest=1))
    assert (shown.verdicts, len(shown.allowed), shown.allows[0].idle) == ((), 1, ())
    ignored = settled([said(3)], allow("bare-thing", line=3), how=policy(ignored=lambda rule, path: path == "a.yaml"))
    assert (ignored.verdicts, ignored.allowed, ignored.allows[0].idle) == ((), (), ())


def test_the_profile_and_the_path_decide_what_is_shown():
    spoken = [said(1), said(2, rule="late-thing"), said(3, path="b.yaml"), said(4, profile="audit")]
    assert [verdict.at.line for verdict in settled(spoken).verdicts] == [1, 3]
    assert [verdict.at.line for verdict in settled(spoken, how=policy(latest=2)).verdicts] == [1, 2, 4, 3]
    silent = policy(latest=2, ignored=lambda rule, path: path == "a.yaml")
    assert [verdict.at.line for verdict in settled(spoken, how=silent).verdicts] == [3]


def test_a_severity_of_the_user_replaces_the_rules_and_keeps_the_fingerprint():
    (plain,) = settled([said(1, severity="note")]).verdicts
    (loud,) = settled([said(1, severity="note")], how=policy(severity="error")).verdicts
    assert (plain.severity, loud.severity) == ("note", "error")
    assert replace(loud, severity="note") == plain
