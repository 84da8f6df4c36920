"""JSON is read by the standard library, and every key is found again in the text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_documents import document

from archcheck.source import Unread
from archcheck.surfaces.openapi.place import Place


def everything(place: Place):
    yield place
    for child in place.children():
        yield from everything(child)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=30,
)


@given(VALUES, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_every_key_stands_where_it_is_said(value: object, indent: int | str | None, ascii_only: bool):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    found = document(text.encode(), "a.json")
    assert found.top.node == value
    for place in everything(found.top):
        at = place.at
        line = found.source.line(at.line)
        if isinstance(place.key, str) and place.parent is not None:
            assert json.loads(line[at.column - 1 : at.end_column - 1]) == place.key
        else:
            assert at.column <= len(line) + 1


def test_json_in_a_yaml_file_is_read_the_same_way():
    assert document('{"a": {"b": 1}}', "a.yaml").top.child("a").child("b").at.column == 8
    assert document("{a: {b: 1}, }", "a.yaml").top.child("a").child("b").at.column == 6


def test_repeated_keys_are_found():
    found = document('{"a": 1,\n "b": {"c": [{"d": 1,\n "d": 2}]},\n "a": 2}', "a.json")
    assert sorted((key, first.line, later.line) for key, first, later in found.repeated()) == [("a", 1, 4), ("d", 2, 3)]


@pytest.mark.parametrize(
    ("text", "kind", "line", "said"),
    [
        ('{"a": 1,\n "b": }', "unparsable", 2, "not valid JSON"),
        ('{"a": 1}\n\nx', "unparsable", 3, "extra data"),
        ('{"a": "open', "unparsable", 1, "unterminated string"),
        ('{"a":\n' + "[" * 20_000 + "]" * 20_000 + "}", "limit", 2, "more than 500 levels"),
        ('{"a": ' * 600 + "1" + "}" * 600, "limit", 1, "more than 500 levels"),
        ('{"a": "[[[[",\n' + '"b": ' + "[" * 20_000, "limit", 2, "more than 500 levels"),
        ('{"a": ' + "9" * 5_000 + "}", "limit", 0, "number"),
        ("", "unparsable", 1, "not valid JSON"),
    ],
)
def test_what_cannot_be_read_is_refused_with_line_and_reason(text: str, kind: str, line: int, said: str):
    with pytest.raises(Unread) as caught:
        document(text.encode(), "a.json")
    assert (caught.value.kind, caught.value.line) == (kind, line)
    assert said in caught.value.reason
