"""Acceptances are found where a person wrote one, and nowhere else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcheck.allow import scan
from archcheck.source import Source


def found(path: str, text: str) -> list[tuple[tuple[str, ...], str, int, int]]:
    return [(allow.rules, allow.reason, allow.first, allow.last) for allow in scan(Source(path, text.encode()))]


def lines(path: str, text: str) -> list[tuple[str, int]]:
    """The rules of each acceptance with the one line it covers."""
    allows = scan(Source(path, text.encode()))
    assert all(allow.first == allow.last for allow in allows)
    return [(",".join(allow.rules), allow.first) for allow in allows]


def test_an_acceptance_on_a_line_with_code_covers_that_line() -> None:
    text = "import os\nrun(sql)  # archcheck: allow[interpolated-query] admin only, see #123\n"
    assert found("app.py", text) == [(("interpolated-query",), "admin only, see #123", 2, 2)]


def test_it_knows_its_place() -> None:
    (allow,) = scan(Source("a.py", "é = 'ü'  # noqa  # archcheck: allow[a-b] why\n".encode()))
    assert (allow.at.path, allow.at.line, allow.at.column, allow.at.end_column) == ("a.py", 1, 20, 41)


def test_several_rules_in_one_comment() -> None:
    assert found("a.py", "x = 1  # archcheck: allow[one-rule, acme/two-rule,] both\n") == [
        (("one-rule", "acme/two-rule"), "both", 1, 1)
    ]


@pytest.mark.parametrize(
    ("path", "sign"), [("a.py", "#"), ("a.pyi", "#"), ("a.yaml", "#"), ("a.yml", "#"), ("a.sql", "--")]
)
def test_stacked_comments_cover_the_next_line_with_code(path: str, sign: str) -> None:
    text = (
        f"{sign} archcheck: allow[one-rule] a\n\n   {sign} plain words\n{sign} archcheck: allow[two-rule] b\n  x\ny\n"
    )
    assert lines(path, text) == [("one-rule", 5), ("two-rule", 5)]


def test_a_comment_below_all_code_covers_nothing_but_itself() -> None:
    assert lines("a.py", "x = 1\n# archcheck: allow[one-rule] late\n# bye\n") == [("one-rule", 2)]


def test_line_breaks_of_every_kind_count_once() -> None:
    text = "a = 1\r\n# archcheck: allow[one-rule] x\r\nb = 2\rc = 3  # archcheck: allow[two-rule] y\n"
    assert lines("a.py", text) == [("one-rule", 3), ("two-rule", 4)]


def test_a_form_feed_is_no_line_break() -> None:
    assert lines("a.py", "a = 1\n\fb = 2\nc = 3  # archcheck: allow[one-rule] x\n") == [("one-rule", 3)]


def test_utf_16_and_a_byte_order_mark_are_read() -> None:
    text = "-- archcheck: allow[one-rule] x\nSELECT 1;\n"
    for codec in ("utf-16", "utf-8-sig"):
        assert [allow.first for allow in scan(Source("a.sql", text.encode(codec)))] == [2]


def test_a_file_for_the_whole_of_it() -> None:
    text = "#!/usr/bin/env python\n# archcheck: allow-file[one-rule] generated\nx = 1\ny = 2\n"
    (allow,) = scan(Source("a.py", text.encode()))
    assert allow.whole_file
    assert (allow.first, allow.last) == (1, 5)


def test_a_whole_file_acceptance_may_follow_a_long_licence_but_not_code_below_line_30() -> None:
    licence = "# words\n" * 60
    (allow,) = scan(Source("a.py", f"{licence}# archcheck: allow-file[one-rule] generated\nx = 1\n".encode()))
    assert allow.whole_file
    code = "x = 1\n" * 60
    (late,) = scan(Source("a.py", f"{code}# archcheck: allow-file[one-rule] generated\nx = 1\n".encode()))
    assert not late.whole_file
    assert (late.first, late.last) == (62, 62)


@pytest.mark.parametrize(
    ("comment", "rules", "reason"),
    [
        ("archcheck: allow[] because", (), "because"),
        ("archcheck: allow[ , ] because", (), "because"),
        ("archcheck: allow one-rule because", (), "archcheck: allow one-rule because"),
        ("archcheck: allow [one-rule] because", (), "archcheck: allow [one-rule] because"),
        ("archcheck: allow[one-rule because", (), "archcheck: allow[one-rule because"),
        ("archcheck: ALLOW[one-rule] because", (), "archcheck: ALLOW[one-rule] because"),
        ("archcheck: ignore[one-rule]", (), "archcheck: ignore[one-rule]"),
        ("archcheck: allow[One-Rule] because", ("One-Rule",), "because"),
        ("archcheck: allow[one-rule]", ("one-rule",), ""),
        ("archcheck: allow[one-rule]  # noqa", ("one-rule",), ""),
        ("archcheck:allow[one-rule]: because", ("one-rule",), "because"),
    ],
)
def test_what_is_not_well_formed_is_still_seen(comment: str, rules: tuple[str, ...], reason: str) -> None:
    assert found("a.py", f"x = 1  # {comment}\n") == [(rules, reason, 1, 1)]


@pytest.mark.parametrize(
    "comment", ["see archcheck: allow[one-rule]", "archcheck: is run in CI", "archcheck: allowed values are few"]
)
def test_prose_is_no_acceptance(comment: str) -> None:
    assert found("a.py", f"x = 1  # {comment}\n") == []


class TestPython:
    def test_a_string_that_looks_like_one_is_none(self) -> None:
        text = '''x = "# archcheck: allow[one-rule] x"\ny = """\n# archcheck: allow[one-rule] y\n"""\n'''
        assert found("a.py", text) == []

    def test_inside_brackets(self) -> None:
        text = "f(\n    # archcheck: allow[one-rule] x\n    a,\n    b,  # archcheck: allow[two-rule] y\n)\n"
        assert lines("a.py", text) == [("one-rule", 3), ("two-rule", 4)]

    @pytest.mark.parametrize("broken", ["x = (\n", "if x:\n        y\n    z\n", 'x = """\n', "x = $ ?\n", "x = 'a\n"])
    def test_a_file_that_does_not_parse_is_read_line_by_line(self, broken: str) -> None:
        text = f"a = 1  # archcheck: allow[one-rule] x\n{broken}b = '# no'  # archcheck: allow[two-rule] y\n"
        names = [name for name, _ in lines("a.py", text)]
        assert names == ["one-rule", "two-rule"]


class TestYaml:
    def test_comments_beside_keys_items_and_values(self) -> None:
        text = (
            "paths:\n"
            "  /orders:  # archcheck: allow[a-one] x\n"
            "    get:\n"
            "      tags: ['a # b', \"c # d\"]  # archcheck: allow[a-two] x\n"
            "      summary: it's the list's end  # archcheck: allow[a-three] x\n"
            "      # archcheck: allow[a-four] x\n"
            "      - url: http://x/#archcheck: allow[no-no]\n"
        )
        assert lines("a.yaml", text) == [("a-one", 2), ("a-two", 4), ("a-three", 5), ("a-four", 7)]

    def test_quoted_strings_hold_no_comments_even_across_lines(self) -> None:
        text = (
            'a: "# archcheck: allow[no-no] x"\n'
            "b: 'it''s # archcheck: allow[no-no] x'\n"
            'c: "first\n'
            "  # archcheck: allow[no-no] x\n"
            '  last \\" # archcheck: allow[no-no]"  # archcheck: allow[a-one] x\n'
            "d: {x: 'y', z: \"# archcheck: allow[no-no] x\"}\n"
        )
        assert lines("a.yaml", text) == [("a-one", 5)]

    def test_block_scalars_hold_no_comments(self) -> None:
        text = (
            "a: |\n"
            "  text\n"
            "\n"
            "  # archcheck: allow[no-no] x\n"
            "b: >-  # archcheck: allow[a-one] x\n"
            "   # archcheck: allow[no-no] x\n"
            "# archcheck: allow[a-two] x\n"
            "list:\n"
            "  - key: |+\n"
            "      # archcheck: allow[no-no] x\n"
            "    other: 1  # archcheck: allow[a-three] x\n"
            "  - |\n"
            "    # archcheck: allow[no-no] x\n"
            "  - 2  # archcheck: allow[a-four] x\n"
            "c: |2\n"
            "    # archcheck: allow[no-no] x\n"
            "  # archcheck: allow[no-no] x\n"
            "empty: |\n"
            "d: 1  # archcheck: allow[a-five] x\n"
        )
        assert lines("a.yaml", text) == [("a-one", 5), ("a-two", 8), ("a-three", 11), ("a-four", 14), ("a-five", 19)]

    def test_an_apostrophe_that_never_closes_hides_nothing(self) -> None:
        text = "a: 'n roll\nb: 1  # archcheck: allow[a-one] x\n"
        assert lines("a.yaml", text) == [("a-one", 2)]


class TestSql:
    def test_both_kinds_of_comment(self) -> None:
        text = (
            "CREATE TABLE a (\n"
            "  id int, -- archcheck: allow[a-one] x\n"
            "  /* archcheck: allow[a-two] y */\n"
            "  b int /* archcheck: allow[a-three] */\n"
            ");\n"
        )
        assert lines("a.sql", text) == [("a-one", 2), ("a-two", 4), ("a-three", 4)]
        assert [allow.reason for allow in scan(Source("a.sql", text.encode()))] == ["x", "y", ""]

    def test_strings_names_and_data_hold_no_comments(self) -> None:
        text = (
            "INSERT INTO a VALUES ('it''s -- archcheck: allow[no-no] x', E'\\' -- archcheck: allow[no-no] x');\n"
            'SELECT "-- archcheck: allow[no-no] x";\n'
            "COPY a (b, c) FROM stdin;\n"
            "don't -- archcheck: allow[no-no] x\n"
            "\\.\n"
            "SELECT 'a\n-- archcheck: allow[no-no] x\n'; -- archcheck: allow[a-one] x\n"
        )
        assert lines("a.sql", text) == [("a-one", 8)]

    def test_mysql_strings_escape_with_a_backslash(self) -> None:
        text = "INSERT INTO `a` VALUES ('it\\'s'); -- archcheck: allow[a-one] x\n"
        assert lines("a.sql", text) == [("a-one", 1)]

    def test_dollar_quoted_bodies_are_sql_of_their_own(self) -> None:
        text = (
            "CREATE FUNCTION f() RETURNS void AS $body$\n"
            "BEGIN\n"
            "  DELETE FROM a; -- archcheck: allow[a-one] x\n"
            "  EXECUTE $$ it's -- archcheck: allow[no-no] x $$;\n"
            "END $body$ LANGUAGE plpgsql; -- archcheck: allow[a-two] x\n"
        )
        assert lines("a.sql", text) == [("a-one", 3), ("a-two", 5)]


@pytest.mark.parametrize("path", ["openapi.json", "notes.md", "Makefile"])
def test_other_files_have_none(path: str) -> None:
    assert found(path, "# archcheck: allow[one-rule] x\n") == []


def test_bytes_that_are_no_text_have_none() -> None:
    assert scan(Source("a.py", b"# archcheck: allow[one-rule] x\n\xff\xfe\x00")) == []


PIECES = [
    "# archcheck: allow[a-b] x",
    "-- archcheck: allow",
    "/* archcheck: allow[a]",
    "copy a from stdin;",
    "- >2",
    "a: |",
]
PIECES += ["$$", "$a$", "/*", "*/", "\\.", *"'\"`\n\r \\(]{,xé\t\f\u2028\0"]


@given(
    st.sampled_from(["a.py", "a.yaml", "a.sql"]),
    st.lists(st.sampled_from(PIECES)),
)
def test_whatever_stands_there_it_never_fails_and_stays_within_the_file(path: str, parts: list[str]) -> None:
    source = Source(path, "".join(parts).encode())
    for allow in scan(source):
        assert 1 <= allow.first <= allow.last <= len(source.starts)
        assert source.line(allow.at.line)[allow.at.column - 1 :].startswith("archcheck:")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "# archcheck: allow[a-b] x\n" * 20_000),
        ("a.py", "(" * 20_000 + "\n# archcheck: allow[a-b] x\n"),
        ("a.yaml", "# archcheck: allow[a-b] x\n" * 20_000),
        ("a.yaml", "# archcheck: allow[a-b] x\n[" + "'a', \"b\", " * 50_000),
        ("a.yaml", "# archcheck: allow[a-b] x\n" + "a: 'x\n" * 50_001),
        ("a.yaml", "# archcheck: allow[a-b] x\na: " + "!" * 500_000 + " |"),
        ("a.yaml", "# archcheck: allow[a-b] x\n" + '- "\\\n' * 50_000),
        ("a.sql", "-- archcheck: allow[a-b] x\n" * 20_000),
        ("a.sql", "-- archcheck: allow[a-b] x\n" + "".join(f"$t{n}$ " for n in range(100_000))),
        ("a.sql", "-- archcheck: allow[a-b] x\n" + "copy a\n" * 50_000),
        ("a.sql", "-- archcheck: allow[a-b] x `\n" + "'\\' /* " * 50_000),
        ("a.sql", "-- archcheck: allow[a-b] x\n" + "$$ ` $$ " * 50_000),
    ],
)
def test_the_time_it_takes_grows_with_the_file_and_no_faster(path: str, text: str) -> None:
    start = time.process_time()
    scan(Source(path, text.encode()))
    assert time.process_time() - start < 4
