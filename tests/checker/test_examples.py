"""The test kit is itself on trial: how blocks become projects, how markers are read and taken out, what is untrue."""

from __future__ import annotations

import string
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcheck import Edit, Finding, Fix, Location, engine
from archcheck.examples import Want, check_example, check_fix, check_project, examples, expected, mend
from archcheck.finding import Verdict


def test_consecutive_blocks_of_one_word_are_one_project():
    markdown = """
Prose.

```sql bad migrations/0001_users.up.sql
CREATE TABLE users (id uuid PRIMARY KEY);
```
and then

```sql bad migrations/0002_orders.up.sql
CREATE TABLE orders (
    user_id uuid REFERENCES users  -- want
);
```

```sql good
SELECT 1;
```
## A heading

```yaml good
openapi: 3.1.0
```
"""
    bad, good, other = examples(markdown)
    assert list(bad.files) == ["migrations/0001_users.up.sql", "migrations/0002_orders.up.sql"]
    assert (
        bad.files["migrations/0002_orders.up.sql"] == "CREATE TABLE orders (\n    user_id uuid REFERENCES users\n);\n"
    )
    assert bad.wants == (Want("migrations/0002_orders.up.sql", 2),)
    assert (bad.line, bad.heading, bad.problems) == (4, "", ())
    assert (good.word, dict(good.files)) == ("good", {"migrations/0001_init.sql": "SELECT 1;\n"})
    assert (other.word, list(other.files), other.heading) == ("good", ["openapi.yaml"], "A heading")


def test_blocks_without_a_word_are_illustrations():
    assert examples("```toml\nselect = []\n```\n\n```\nplain\n```\n") == []


def test_a_longer_fence_holds_a_shorter_one():
    (example,) = examples('````python bad\n"""\n```\n"""  # want\n````\n')
    assert example.files == {"app/main.py": '"""\n```\n"""\n'}


@pytest.mark.parametrize(
    ("markdown", "problem"),
    [
        ("```sql baad\nSELECT 1;\n```\n", "is called 'baad'"),
        ("```sql good\nSELECT 1;\n", "never closed"),
        ("```toml good\na = 1\n```\n", "needs a file name"),
        ("```sql good\nSELECT 1;\n```\n```sql good\nSELECT 2;\n```\n", "is a second migrations/0001_init.sql"),
        ("```sql bad\nSELECT 1;\n```\n", "marks no line"),
        ("```sql good\nSELECT 1;  -- want\n```\n", "wants a finding"),
        ("```sql fixed\nSELECT 1;  -- want\n```\n", "wants a finding"),
        ("```sql bad\nSELECT 1;  -- want: other-rule\n```\n", "only some-rule is on trial"),
        ("```sql bad\nSELECT 1;  -- want some-rule\n```\n", "is not of the form"),
        ("```sql bad\nSELECT 1;  -- want: some-rule other-rule\n```\n", "is not of the form"),
        ("```text bad want.txt\nopenapi.json:3 some-rule\n```\n", "there is no such file"),
        ("```text bad want.txt\nopenapi.json some-rule\n```\n", "path:line rule-id"),
    ],
)
def test_an_example_that_makes_no_sense_is_a_problem(markdown, problem):
    (example,) = examples(markdown)
    assert any(problem in said for said in check_example(example, "some-rule"))


def test_markers_name_rules_texts_and_known_gaps():
    expectation = expected(
        {
            "a.py": (
                'x = 1  # want: one-rule, two-rule "with, comma"\n'
                "y = 2  # noqa  # todo-want: one-rule\n"
                "z = 3 # todo-ok: one-rule\n"
            ),
            "b.sql": '-- want: sql-rule\nSELECT 1 -- want: "implied"\r\nSELECT 2 -- want "too"\n',
            "c.json": '{"a": "# want"}\n',
            "sub/want.txt": '# JSON has no comments\nd.json:3 one-rule "text"\ntodo-want d.json:4 two-rule\n',
            "sub/d.json": "{}\n",
            "raw.py": b"# \xff  # want: one-rule\n",
            "wanted.py": "x = 1  # wanted: no marker\n# want-list is none either\n",
        }
    )
    assert expectation.problems == ()
    assert expectation.wants == (
        Want("a.py", 1, "one-rule"),
        Want("a.py", 1, "two-rule", "with, comma"),
        Want("a.py", 2, "one-rule", kind="todo-want"),
        Want("a.py", 3, "one-rule", kind="todo-ok"),
        Want("b.sql", 1, "sql-rule"),
        Want("b.sql", 2, "", "implied"),
        Want("b.sql", 3, "", "too"),
        Want("sub/d.json", 3, "one-rule", "text"),
        Want("sub/d.json", 4, "two-rule", kind="todo-want"),
    )
    assert expectation.files == {
        "a.py": "x = 1\ny = 2  # noqa\nz = 3\n",
        "b.sql": "\nSELECT 1\r\nSELECT 2\n",
        "c.json": '{"a": "# want"}\n',
        "sub/d.json": "{}\n",
        "raw.py": b"# \xff  # want: one-rule\n",
        "wanted.py": "x = 1  # wanted: no marker\n# want-list is none either\n",
    }


@given(st.lists(st.text(alphabet=string.printable.replace("\r", ""), max_size=30), max_size=8))
def test_lines_without_a_marker_pass_unchanged(lines):
    text = "\n".join(line.replace("want", "").replace("todo", "") for line in lines)
    assert expected({"app.py": text}).files["app.py"] == text


@given(st.lists(st.booleans(), max_size=12))
def test_a_marker_costs_no_line(marked):
    text = "".join(f"x{n} = {n}{'  # want: some-rule' if want else ''}\n" for n, want in enumerate(marked))
    expectation = expected({"app.py": text})
    assert expectation.files["app.py"] == "".join(f"x{n} = {n}\n" for n in range(len(marked)))
    assert [want.line for want in expectation.wants] == [n + 1 for n, want in enumerate(marked) if want]


def _says(monkeypatch, *verdicts):
    """Let the engine say just this, whatever it is shown; a callable is asked with the files."""

    def examine(files, **_):
        said = [verdict for says in verdicts for verdict in (says(files) if callable(says) else [says])]
        read = sum(path.endswith((".py", ".sql")) for path in files)
        return SimpleNamespace(verdicts=tuple(said), coverage=SimpleNamespace(files=read))

    monkeypatch.setattr(engine, "examine", examine)


def _verdict(path, line, rule="some-rule", message="orders is wrong; mend it.", fix=None):
    return Verdict(rule, "warning", "regular", Finding(Location(path, line), message, fix=fix), "0" * 16)


BAD = "```python bad\nx = 1\ny = 2  # want\n```\n"


def test_a_true_example_has_no_problems(monkeypatch):
    _says(monkeypatch, _verdict("app/main.py", 2), _verdict("app/main.py", 1, "other-rule"))
    assert check_example(examples(BAD)[0], "some-rule") == []


def test_missing_and_unexpected_are_both_told(monkeypatch):
    _says(monkeypatch, _verdict("app/main.py", 1))
    assert check_example(examples(BAD)[0], "some-rule") == [
        "line 1, bad: app/main.py:2: some-rule is wanted and says nothing",
        "line 1, bad: app/main.py:1: some-rule is not expected: orders is wrong; mend it.",
    ]


def test_the_message_is_compared_where_the_marker_quotes_it(monkeypatch):
    _says(monkeypatch, _verdict("app/main.py", 2))
    (example,) = examples('```python bad\nx = 1\ny = 2  # want: "users"\n```\n')
    (problem,) = check_example(example, "some-rule")
    assert problem.endswith('says "orders is wrong; mend it.", not "users"')


def test_an_example_that_cannot_be_read_proves_nothing(monkeypatch):
    _says(monkeypatch, _verdict("app/main.py", 1, "unread-file", "app/main.py is no Python."))
    (problem,) = check_example(examples("```python good\nx =\n```\n")[0], "some-rule")
    assert "cannot be read" in problem


def test_an_example_that_nobody_recognises_proves_nothing(monkeypatch):
    _says(monkeypatch)
    (problem,) = check_example(examples("```yaml good notes.yaml\na: 1\n```\n")[0], "some-rule")
    assert "no surface recognises" in problem


def test_known_gaps_must_stay_wrong(monkeypatch):
    (example,) = examples("```python bad\nx = 1  # todo-want\ny = 2  # todo-ok\n```\n")
    _says(monkeypatch, _verdict("app/main.py", 2))
    assert check_example(example, "some-rule") == []
    _says(monkeypatch, _verdict("app/main.py", 1))
    assert [problem.rpartition("; ")[2] for problem in check_example(example, "some-rule")] == [
        "make the todo-want a want",
        "remove the todo-ok",
    ]


def test_a_project_is_compared_over_all_rules(monkeypatch, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text("x = 1  # want: some-rule\ny = 2\nz = 3  # want\n")
    (tmp_path / "spec.json").write_text("{\n}\n")
    (tmp_path / "want.txt").write_text("spec.json:1 other-rule\n")
    _says(monkeypatch, _verdict("app/main.py", 1), _verdict("app/main.py", 2, "third-rule"))
    assert check_project(tmp_path) == [
        "app/main.py:3: the marker names no rule",
        "spec.json:1: other-rule is wanted and says nothing",
        "app/main.py:2: third-rule is not expected: orders is wrong; mend it.",
    ]
    assert check_project(tmp_path, rules={"some-rule"}) == []


def test_edits_are_applied_from_the_end():
    files = {"a.py": "one\ntwo three\n", "b.py": "same\n"}
    edits = [Edit("a.py", 1, 4, 1, 4, ","), Edit("a.py", 2, 1, 2, 4, "2"), Edit("a.py", 2, 5, 2, 10, "3")]
    assert mend(files, edits) == {"a.py": "one,\n2 3\n", "b.py": "same\n"}
    with pytest.raises(ValueError, match="overlap"):
        mend(files, [Edit("a.py", 1, 1, 1, 3, ""), Edit("a.py", 1, 2, 1, 4, "")])


def test_a_fix_is_what_the_docs_show_and_leaves_nothing(monkeypatch):
    def once(files):
        fix = Fix("Say two", (Edit("app/main.py", 2, 5, 2, 6, "two"),))
        return [_verdict("app/main.py", 2, fix=fix)] if "y = 2" in files["app/main.py"] else []

    _says(monkeypatch, once)
    bad, fixed = examples(BAD + "```python fixed\nx = 1\ny = two\n```\n")
    assert check_fix(bad, fixed, "some-rule") == []
    bad, fixed = examples(BAD + "```python fixed\nx = 1\ny = 3\n```\n")
    (problem,) = check_fix(bad, fixed, "some-rule")
    assert "app/main.py is not what the fix makes of it" in problem
    _says(monkeypatch, _verdict("app/main.py", 2))
    assert "carries a fix" in check_fix(bad, fixed, "some-rule")[0]


RELEASES = """
```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {{title: Shop, version: 1.0.0}}
paths:
  /orders:
    get: {{responses: {{"200": {{description: All.}}}}}}
  /carts:{before}
    get: {{responses: {{"200": {{description: All.}}}}}}
```
```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {{title: Shop, version: 1.0.0}}
paths:{after}
  /orders:
    get: {{responses: {{"200": {{description: All.}}}}}}
```
"""


@pytest.mark.parametrize(("before", "after"), [("  # want", ""), ("", "  # want"), ("", '  # want "/carts"')])
def test_two_releases_may_be_marked_at_either_place(before, after):
    (example,) = examples(RELEASES.format(before=before, after=after))
    assert check_example(example, "removed-path") == []


def test_releases_are_compared_and_not_checked_by_themselves():
    (example,) = examples(RELEASES.format(before="", after="  # want"))
    (problem,) = check_example(example, "missing-operation-id")
    assert "after/openapi.yaml:3: missing-operation-id is wanted and says nothing" in problem


def test_a_release_that_cannot_be_read_proves_nothing():
    markdown = RELEASES.format(before="", after="  # want").replace("paths:  # want", "paths: [  # want")
    (example,) = examples(markdown)
    assert any("cannot be read" in problem for problem in check_example(example, "removed-path"))
