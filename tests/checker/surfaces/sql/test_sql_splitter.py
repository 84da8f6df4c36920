"""The splitter cuts where a server would, loses no character, and is not hurt by anything."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcheck.surfaces.sql.splitter import Chunk, split

DIALECTS = ("postgres", "mysql", "sqlite", "clickhouse", "tsql")


def pieces(text: str, dialect: str = "postgres") -> list[str]:
    """The statements' texts, without blanks, comments around them and delimiters."""
    return [
        text[c.tokens[0].start : c.tokens[-1].end] for c in split(text, dialect) if c.tokens and c.kind == "statement"
    ]


def broken(text: str, dialect: str = "postgres") -> list[Chunk]:
    return [chunk for chunk in split(text, dialect) if chunk.kind == "broken"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT 'a;''b'; SELECT 2;", ["SELECT 'a;''b'", "SELECT 2"]),
        (r"SELECT E'it\'s; ' ; SELECT '\'; SELECT 3", [r"SELECT E'it\'s; '", r"SELECT '\'", "SELECT 3"]),
        ('SELECT "a;""b"; x', ['SELECT "a;""b"', "x"]),
        ("/* a; /* b; */ c; */ SELECT 1; -- d; e\nSELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT $$a; 'b$$; SELECT $x$ $$; $y$ $x$; c", ["SELECT $$a; 'b$$", "SELECT $x$ $$; $y$ $x$", "c"]),
        ("SELECT a$b$c; SELECT $1;", ["SELECT a$b$c", "SELECT $1"]),
        (
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3;",
            [
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
                "SELECT 3",
            ],
        ),
        (
            "CREATE RULE r AS ON INSERT TO t DO (INSERT INTO a VALUES (1); DELETE FROM b); SELECT 2",
            ["CREATE RULE r AS ON INSERT TO t DO (INSERT INTO a VALUES (1); DELETE FROM b)", "SELECT 2"],
        ),
        ("BEGIN; CREATE TABLE a (x int); COMMIT; END;", ["BEGIN", "CREATE TABLE a (x int)", "COMMIT", "END"]),
        ("CREATE TABLE a (b int; CREATE TABLE c (d int);", ["CREATE TABLE a (b int", "CREATE TABLE c (d int)"]),
        ("\\connect shop\nSELECT 1;\\echo a; b\nSELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT 1 \\gset\nSELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("COPY t (a) FROM stdin;\n1;\t'\n\\.\nSELECT 2;", ["COPY t (a) FROM stdin", "SELECT 2"]),
        ("COPY t FROM 'file'; SELECT 2;", ["COPY t FROM 'file'", "SELECT 2"]),
        ("", []),
        (" ; ;; ", []),
    ],
)
def test_postgres(text: str, expected: list[str]):
    assert pieces(text) == expected


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        ("mysql", r"SELECT 'it\'s; '; # a; b" + "\nSELECT `x;``y`;", [r"SELECT 'it\'s; '", "SELECT `x;``y`"]),
        (
            "mysql",
            "DELIMITER //\nCREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\nEND//\nDELIMITER ;\nSELECT 2;",
            ["CREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\nEND", "SELECT 2"],
        ),
        ("mysql", "DELIMITER $$\nSELECT 1; SELECT 2 END$$\nDELIMITER ;\nx;", ["SELECT 1; SELECT 2 END", "x"]),
        (
            "mysql",
            "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF x THEN SET y = 1; END IF; END; SELECT 2;",
            [
                "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF x THEN SET y = 1; END IF; END",
                "SELECT 2",
            ],
        ),
        (
            "sqlite",
            "CREATE TRIGGER t AFTER UPDATE ON a BEGIN UPDATE b SET c = CASE WHEN 1 THEN 2 END; DELETE FROM d; END; x",
            [
                "CREATE TRIGGER t AFTER UPDATE ON a BEGIN UPDATE b SET c = CASE WHEN 1 THEN 2 END; DELETE FROM d; END",
                "x",
            ],
        ),
        ("sqlite", "SELECT [a;b]; SELECT 1 /* /* ; */; x", ["SELECT [a;b]", "SELECT 1", "x"]),
    ],
)
def test_other_dialects(dialect: str, text: str, expected: list[str]):
    assert pieces(text, dialect) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT 1;\nSELECT 'abc''d", "a string has no end"),
        ("SELECT 1;\nSELECT E'abc\\'", "a string has no end"),
        ('SELECT 1;\nSELECT "abc', "a quoted name has no end"),
        ("SELECT 1;\n/* a /* b */", "a comment has no end"),
        ("SELECT 1;\nDO $body$ BEGIN", "a dollar quote $body$ has no end"),
        ("SELECT 1;\nCREATE FUNCTION f() BEGIN ATOMIC SELECT 2;", "the statement has a BEGIN without its END"),
        ("SELECT 1;\nCOPY t FROM stdin;\n1\t2\n", "the data of COPY has no end (a line with \\. alone)"),
    ],
)
def test_what_has_no_end_costs_the_rest_only(text: str, reason: str):
    (chunk,) = broken(text)
    assert chunk.reason == reason
    assert text[: chunk.fault].count("\n") == 1
    assert pieces(text) == ["SELECT 1"]


def test_depth_costs_nothing():
    text = "SELECT " + "(" * 20_000 + "1" + ")" * 20_000 + ";CREATE TABLE a (" + "(" * 20_000
    assert len(pieces(text)) == 2


@pytest.mark.parametrize(
    "unit",
    [
        "'",
        "''",
        "E'\\'",
        '"',
        "$$",
        "$a$ $b$",
        "/*",
        "/**/",
        "(",
        ";",
        "CREATE RULE (;",
        "--\n",
        "\\g\n",
        "\0",
        "BEGIN ",
    ],
)
def test_time_grows_with_length(unit: str):
    text = "CREATE FUNCTION f " + unit * (200_000 // len(unit))
    started = time.process_time()
    for _ in split(text):
        pass
    assert time.process_time() - started < 5


SNIPPETS = st.sampled_from(
    "; ' '' \" $$ $a$ /* */ -- # \n \\ \\. \\g ( ) E' ` [ ] , . \0 é CREATE FUNCTION TRIGGER RULE BEGIN ATOMIC "
    "CASE END IF COPY FROM stdin DELIMITER // TABLE a 1 \r\n".split(" ")
)


@given(
    st.sampled_from(DIALECTS),
    st.lists(st.one_of(SNIPPETS, st.text(max_size=4)), max_size=40),
    st.sampled_from(["", " "]),
)
def test_nothing_is_lost(dialect: str, snippets: list[str], between: str):
    text = between.join(snippets)
    chunks = list(split(text, dialect))
    assert "".join(text[chunk.start : chunk.end] for chunk in chunks) == text
    for chunk in chunks:
        assert all(chunk.start <= token.start < token.end <= chunk.end for token in chunk.tokens)
    assert all(chunk.kind != "broken" for chunk in chunks[:-1])
