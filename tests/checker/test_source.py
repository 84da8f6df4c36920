"""A source gives text, lines and places for every encoding it can be written in."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcheck.source import Location, Source, Unread


def test_plain_utf8() -> None:
    source = Source("a.sql", "SELECT 'ä';\nSELECT 2;\n".encode())
    assert source.encoding == "utf-8"
    assert source.line(1) == "SELECT 'ä';"
    assert source.line(2) == "SELECT 2;"
    assert (source.line(3), source.line(4), source.line(0)) == ("", "", "")


@pytest.mark.parametrize(
    ("bom", "encoding", "name"),
    [
        (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
        (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32"),
    ],
)
def test_a_byte_order_mark_decides_and_is_not_part_of_the_text(bom: bytes, encoding: str, name: str) -> None:
    source = Source("a.yaml", bom + "openapi: 3.1.0 # ä\r\n".encode(encoding))
    assert source.text == "openapi: 3.1.0 # ä\r\n"
    assert source.encoding == name


def test_python_declares_its_encoding_on_the_first_two_lines() -> None:
    latin = "name = 'café'\n".encode("latin-1")
    assert Source("a.py", b"#!/usr/bin/python\n# -*- coding: latin-1 -*-\n" + latin).line(3) == "name = 'café'"
    with pytest.raises(Unread):
        _ = Source("a.py", b"x = 1\n# coding: latin-1\n" + latin).text
    with pytest.raises(Unread, match="encoding 'nonsense' is not known"):
        _ = Source("a.py", b"# coding: nonsense\n").text
    with pytest.raises(Unread):
        _ = Source("a.sql", b"# coding: latin-1\n" + latin).text


def test_what_cannot_be_decoded_names_the_line() -> None:
    with pytest.raises(Unread) as caught:
        _ = Source("a.yaml", b"a: 1\nb: \xff\n").text
    assert (caught.value.path, caught.value.line, caught.value.kind) == ("a.yaml", 2, "unreadable")
    assert caught.value.reason == "byte 8 is not valid utf-8"


def test_a_binary_file_is_called_one() -> None:
    with pytest.raises(Unread, match="it is a binary file"):
        _ = Source("logo.yaml", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff").text
    with pytest.raises(Unread):
        _ = Source("odd.yaml", codecs.BOM_UTF16_LE + b"a").text


def test_all_line_breaks_count_and_columns_are_code_points() -> None:
    source = Source("a.sql", "a\r\nb\rc\n😀x y\n".encode())
    assert [source.line(number) for number in range(1, 5)] == ["a", "b", "c", "😀x y"]
    offset = source.text.index("x")
    assert source.location(offset, offset + 1) == Location("a.sql", 4, 2, 3)


def test_a_place_is_cut_at_the_end_of_its_line() -> None:
    source = Source("a.sql", b"CREATE TABLE t (\n  id int\n);")
    assert source.location(0, len(source.text)) == Location("a.sql", 1, 1, 17)
    assert source.location(7) == Location("a.sql", 1, 8)
    assert source.location(len(source.text)) == Location("a.sql", 3, 3)


@given(st.text(alphabet="ab\r\n\u2028ä😀", max_size=40), st.data())
def test_every_offset_has_the_place_an_editor_shows(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    source = Source("a.yaml", text.encode())
    place = source.location(offset)
    lines = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    inside_a_break = text[offset - 1 : offset + 1] == "\r\n"
    if not inside_a_break:
        assert (place.line, place.column) == (len(lines), len(lines[-1]) + 1)
