"""What an editor writes to accept a finding: it holds for the finding, and changes nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from archcheck import packs
from archcheck.cli.server.allowing import comments, entries
from archcheck.engine import examine
from archcheck.examples import examples
from archcheck.finding import Edit, Finding, Verdict
from archcheck.fixing import edited, worse
from archcheck.source import Location, Source

RULES = [entry for entry in packs.load().rules.values() if entry.surface != "tool" and entry.stage != "change"]


@pytest.mark.parametrize("rule", RULES, ids=lambda entry: entry.id)
def test_every_finding_of_every_rule_can_be_accepted(rule: packs.Entry):
    for files in (example.files for example in examples(rule.docs) if example.word == "bad"):
        before = examine(files, rules=[rule.id])
        for verdict in before.verdicts:
            if verdict.rule == rule.id:
                wrong = [
                    worse(before, examine(after, rules=[rule.id]), [verdict]) for after in accepted(verdict, files)
                ]
                assert "" in wrong, (verdict.at, wrong)


def accepted(verdict: Verdict, files: Mapping[str, str | bytes]) -> Iterator[Mapping[str, str | bytes]]:
    """The files after each of the edits that are to accept a finding."""
    text = files[verdict.at.path]
    source = Source(verdict.at.path, text.encode() if isinstance(text, str) else text)
    for edit in (*comments(verdict, source, "it is meant"), *entries(verdict, source, "it is meant")):
        yield {**files, verdict.at.path: edited(source, [edit])}


def verdict_at(source: Source, anchor: str) -> Verdict:
    return Verdict("some-rule", "error", "regular", Finding(source.location(source.text.index(anchor)), "Wrong."), "0")


def commented(path: str, text: str, anchor: str) -> list[str]:
    """The texts after each of the edits that accept what is found at the anchor."""
    source = Source(path, text.encode())
    return [edited(source, [edit]) for edit in comments(verdict_at(source, anchor), source, "why")]


ABOVE = "# archcheck: allow[some-rule] why\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", "if x:\n    here()\n", ["if x:\n    # archcheck: allow[some-rule] why\n    here()\n"]),
        ("a.yaml", "a:\n  here: 1\n", ["a:\n  # archcheck: allow[some-rule] why\n  here: 1\n"]),
        ("a.sql", "SELECT 1;\nhere;\n", ["SELECT 1;\n-- archcheck: allow[some-rule] why\nhere;\n"]),
        # A line that goes on from the one above.
        ("a.py", "x = 1 + \\\n  here\n", ["x = 1 + \\\n  here  # archcheck: allow[some-rule] why\n"]),
        # A string that opens here has no room behind it, and one that is open has none at all.
        ("a.py", "x = here('''\ny\n''')\n", [f"{ABOVE}x = here('''\ny\n''')\n"]),
        ("a.py", "x = '''\nhere\n'''\n", []),
        ("a.yaml", "a: |\n  x\n  here\n", []),
        ("a.sql", "SELECT '\nhere';\n", ["SELECT '\nhere';  -- archcheck: allow[some-rule] why\n"]),
        # Readers of settings differ in what a sign behind a value means.
        ("a.ini", "[a]\nhere = 1\n", [f"[a]\n{ABOVE}here = 1\n"]),
        ("a.json", '{"here": 1}', []),
    ],
)
def test_a_comment_stands_where_it_is_one(path: str, text: str, expected: list[str]):
    assert commented(path, text, "here")[: max(len(expected), 1)] == expected


def test_line_breaks_and_text_beyond_the_basic_plane_stay():
    assert commented("a.py", "x = '\U0001f41b'\r\nhere()\r\n", "here")[0] == (
        "x = '\U0001f41b'\r\n# archcheck: allow[some-rule] why\r\nhere()\r\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": {"here": {"b": 1}}}', {"a": {"here": {"b": 1, "x-archcheck-allow": {"some-rule": "why"}}}}),
        ('{"a": {"here": 1}}', {"a": {"here": 1, "x-archcheck-allow": {"some-rule": "why"}}}),
        ('{"a": {"here": {}}}', {"a": {"here": {"x-archcheck-allow": {"some-rule": "why"}}}}),
        ('{"a": [{"b": ["here"]}]}', {"a": [{"b": ["here"], "x-archcheck-allow": {"some-rule": "why"}}]}),
        (
            '{"here": {"b": {"x-archcheck-allow": 1}, "x-archcheck-allow": {"x-y": "z"}}}',
            {"here": {"b": {"x-archcheck-allow": 1}, "x-archcheck-allow": {"x-y": "z", "some-rule": "why"}}},
        ),
    ],
)
def test_in_json_the_innermost_object_has_it(text: str, expected: object):
    source = Source("a.json", text.encode())
    first = next(iter(entries(verdict_at(source, '"here"'), source, "why")))
    assert json.loads(edited(source, [first])) == expected


def test_in_json_it_takes_the_style_of_the_object():
    source = Source("a.json", b'{\r\n\t"here": {\r\n\t\t"b": 1\r\n\t}\r\n}\r\n')
    first = next(iter(entries(verdict_at(source, '"here"'), source, "why")))
    assert edited(source, [first]) == (
        '{\r\n\t"here": {\r\n\t\t"x-archcheck-allow": {"some-rule": "why"},\r\n\t\t"b": 1\r\n\t}\r\n}\r\n'
    )


@pytest.mark.parametrize("text", ["", "[", '{"a', '{"here": ', "here", '"here"', "}}here{{"])
def test_broken_json_breaks_nothing(text: str):
    source = Source("a.json", text.encode())
    verdict = Verdict("some-rule", "error", "regular", Finding(Location("a.json", 1, 3), "Wrong."), "0")
    for edit in entries(verdict, source, "why"):
        assert isinstance(edit, Edit)
