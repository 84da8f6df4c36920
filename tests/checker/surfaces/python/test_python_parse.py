"""A source becomes a tree, or a sentence that says why it does not."""

from __future__ import annotations

import ast
import codecs
import sys

import pytest

from archcheck.source import Source, Unread
from archcheck.surfaces.python.parse import DEEPEST, Places, parse
from archcheck.surfaces.python.survey import survey


def read(data: str | bytes):
    source = Source("app/main.py", data if isinstance(data, bytes) else data.encode())
    return survey(parse(source), source.path, "app.main")


def refused(data: str | bytes) -> Unread:
    with pytest.raises(Unread) as caught:
        read(data)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import os\nprint 'hello'\n", 2),
        ("exec 'x = 1'\n", 1),
        ("raise ValueError, 'no'\n", 1),
        ("if a <> b:\n    pass\n", 1),
        ("x = 0777\n", 1),
        ("print 'x'\ntry:\n    pass\nexcept A, b:\n    pass\n", 1),
    ],
)
def test_python_2_is_recognised_and_said(text: str, line: int):
    unread = refused(text)
    assert (unread.reason, unread.line, unread.kind) == ("it is written in Python 2", line, "unparsable")


DEEP = """f"{f"{f"{f"{f"{1}"}"}"}"}\""""


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this interpreter reads it")
def test_syntax_of_3_12_that_has_no_older_words_is_said_to_be_newer():
    unread = refused(f"x = {DEEP}\n")
    assert "Python 3.12" in unread.reason
    assert "3.12 or later" in unread.way_out


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this interpreter reads it")
def test_syntax_of_3_14_that_has_no_older_words_is_said_to_be_newer():
    assert "Python 3.14" in refused(f"q = t'{{{DEEP}}}'\n").reason


def test_an_ordinary_mistake_names_its_line():
    unread = refused("def f():\n    return (1\n")
    assert unread.line == 2
    assert unread.reason.startswith("it is no valid Python: ")
    assert unread.kind == "unparsable"


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 3_000 + "1" + ")" * 3_000,
        "x = " + "+".join(["1"] * 20_000),
        "x = " + "-" * 20_000 + "1",
        "x = a" + ".b" * 20_000,
        "x = [" + "[" * 300 + "]" * 300 + "]",
        "x = " + "9" * 5_000,
        "".join(" " * i + "if x:\n" for i in range(150)) + " " * 150 + "pass\n",
    ],
    ids=["parentheses", "sum", "signs", "attributes", "lists", "digits", "indents"],
)
def test_what_is_too_deep_is_a_limit_and_no_crash(text: str):
    assert refused(text).kind == "limit"


def test_the_depth_that_is_read_does_not_hang_on_the_interpreter():
    read("x = " + "+".join(["1"] * (DEEPEST - 20)))
    assert refused("x = " + "+".join(["1"] * (DEEPEST + 20))).kind == "limit"


def test_null_bytes_and_undecodable_text_are_refused():
    unread = refused(b"x = 1\ny = '\0'\n")
    assert (unread.line, unread.reason) == (2, "it holds null bytes")
    assert refused(b"x = '\xff\xfe'\n").line == 1
    assert "not known" in refused(b"# -*- coding: klingon -*-\nx = 1\n").reason


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + "name = 'é'\n".encode(),
        "# -*- coding: latin-1 -*-\nname = 'é'\n".encode("latin-1"),
        "name = 'é'\r\nother = 1\r\n".encode(),
        codecs.BOM_UTF16_LE + "name = 'é'\n".encode("utf-16-le"),
    ],
    ids=["bom", "pep-263", "crlf", "utf-16"],
)
def test_encodings_are_read(data: bytes):
    (value,) = read(data).module.bindings["name"]
    assert value.value == "é"


def test_columns_count_code_points():
    source = Source("a.py", "x = 'é𝄞'; run(y)\n".encode())
    tree = parse(source)
    place = Places(source).of(tree.body[1].value)
    assert source.line(1)[place.column - 1 : place.end_column - 1] == "run(y)"


def test_a_place_never_spans_lines():
    source = Source("a.py", b"run(\n    x,\n)\n")
    place = Places(source).of(parse(source).body[0].value)
    assert (place.line, place.column, place.end_column) == (1, 1, 5)


def test_lone_surrogates_in_strings_can_be_written_down():
    tree = parse(Source("a.py", b'TABLE = "ord\\ud800ers"\nOTHER = "\\U0000dfff"\nEMOJI = "\\U0001f600"\n'))
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert values == ["ord?ers", "?", "\U0001f600"]
