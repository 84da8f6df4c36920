"""YAML is read as version 1.2 says, once, with the place of every key, and within limits."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from openapi_documents import document, text_of

from archcheck.source import Source, Unread
from archcheck.surface import Limits
from archcheck.surfaces.openapi import builder
from archcheck.surfaces.openapi.builder import build
from archcheck.surfaces.openapi.place import Place, unpack
from archcheck.surfaces.openapi.scalars import plain


def value(text: str | bytes):
    return document(text).top.node


def refusal(text: str | bytes, path: str = "openapi.yaml", limits: Limits | None = None) -> Unread:
    begun = time.monotonic()
    with pytest.raises(Unread) as caught:
        document(text, path, limits)
    assert time.monotonic() - begun < 2
    return caught.value


def everything(place: Place):
    yield place
    for child in place.children():
        yield from everything(child)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("NULL", None),
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"),
        ("22:22", "22:22"),
        ("017", 17),
        ("0o17", 15),
        ("0xff", 255),
        ("1_000", "1_000"),
        ("+12", 12),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-.inf", float("-inf")),
        (".", "."),
        ("-", None),
        ("0.1.0", "0.1.0"),
        ("'200'", "200"),
        ('"yes"', "yes"),
        ("!!str 200", "200"),
        ("!!int '5'", 5),
        ("!!float 5", 5.0),
        ("!!int five", "five"),
        ("!!null x", None),
        ("!!bool 'true'", True),
        ("! 5", "5"),
        ("!Ref table", "table"),
        ("!!binary aGk=", "aGk="),
        ("9" * 5000, "9" * 5000),
        ("|\n  a\n  b\n", "a\nb\n"),
    ],
)
def test_scalars_mean_what_the_core_schema_says(text: str, expected: object):
    if text == "-":
        assert value("key:\n  - \n") == {"key": [None]}
        return
    found = value(f"key: {text}\n")["key"]
    assert found == expected
    assert type(found) is type(expected)


def test_keys_are_strings_whatever_they_look_like():
    assert list(value("200: a\nno: b\nnull: c\n1.5: d\ntrue: e\n~: f\n2024-01-31: g\n? h\n: i\n")) == [
        *("200", "no", "null", "1.5", "true", "~", "2024-01-31", "h")
    ]


def test_places_are_those_of_the_editor():
    top = document(
        """
        openapi: 3.1.0
        "info":   # a comment
          title: >
            folded
            text
          'version': 1
        paths:
          - /a
          - b: {c: [1, 2]}
        """
    ).top
    found = {place.pointer: (place.at.line, place.at.column, place.at.end_column) for place in everything(top)}
    assert found == {
        "": (1, 1, 0),
        "/openapi": (1, 1, 8),
        "/info": (2, 1, 7),
        "/info/title": (3, 3, 8),
        "/info/version": (6, 3, 12),
        "/paths": (7, 1, 6),
        "/paths/0": (8, 5, 0),
        "/paths/1": (9, 5, 0),
        "/paths/1/b": (9, 5, 6),
        "/paths/1/b/c": (9, 9, 10),
        "/paths/1/b/c/0": (9, 13, 0),
        "/paths/1/b/c/1": (9, 16, 0),
    }


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"])
def test_line_breaks_that_no_editor_knows_break_no_line(character: str):
    place = document(f"a: one{character}two\nb: 'three{character}four'\n# {character}\n日本: x\n").top
    assert place.node == {"a": f"one{character}two", "b": f"three{character}four", "日本": "x"}
    assert [child.at.line for child in place.children()] == [1, 2, 4]
    assert place.child("日本").at.end_column == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_encodings_and_line_endings_move_nothing(encoding: str, ending: str):
    text = ending.join(["# Käse", "openapi: 3.1.0", "info:", "  Käse: ja", ""])
    data = ("\ufeff" if encoding == "utf-16-le" else "") + text
    top = document(data.encode(encoding)).top
    assert top.node == {"openapi": "3.1.0", "info": {"Käse": "ja"}}
    assert top.child("info").child("Käse").at.line == 4
    assert (top.at.line, top.at.column) == (2, 1)


def test_merge_keys_bring_what_is_not_there_with_its_own_place():
    top = document(
        """
        base: &base
          type: object
          title: Base
        more: &more {title: More, format: x}
        one:
          <<: *base
          title: Own
        two:
          <<: [*more, *base]
        text: {"<<": kept}
        """
    ).top
    assert top.node["one"] == {"title": "Own", "type": "object"}
    assert top.node["two"] == {"title": "More", "format": "x", "type": "object"}
    assert top.node["text"] == {"<<": "kept"}
    assert top.child("one").child("type").at.line == 2
    assert top.child("two").child("format").at.line == 4


def test_aliases_share_what_they_name():
    node = value("a: &a {x: 1}\nb: *a\nc: &c text\nd: *c\n*c : key\n&k e: f\ng: *k\n")
    assert node["b"] is node["a"]
    assert (node["d"], node["text"], node["g"]) == ("text", "key", "e")


def test_the_later_of_two_equal_keys_wins_and_is_noted():
    found = document("a: 1\nb: {c: 1, d: 2, c: 3}\na: 2\n")
    assert found.top.node == {"a": 2, "b": {"c": 3, "d": 2}}
    assert found.top.child("a").at.line == 3
    assert [(key, first.line, first.column, later.line, later.column) for key, first, later in found.repeated()] == [
        ("c", 2, 5, 2, 17),
        ("a", 1, 1, 3, 1),
    ]


def test_the_first_of_several_documents_is_read_with_a_note():
    found = document("%YAML 1.2\n---\na: 1\n---\nb: 2\n")
    assert found.top.node == {"a": 1}
    assert found.notes == ["openapi.yaml holds several documents; only the first is read"]
    assert document("--- \na: 1\n...\n").notes == []


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_document_is_null(text: str):
    assert document(text).top.node is None
    assert document(text).top.at.line >= 1


def bomb(levels: int, width: int) -> str:
    lines = [f"l0: &l0 [{', '.join('x' * width)}]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "kind", "line", "said"),
    [
        ("a: [\n", "unparsable", 1, "not valid YAML"),
        ("tags:\n  {{- if .Reset }}\n  - name: Reset\n  {{- end }}\n", "unparsable", 2, "a template of a document"),
        ("a: 'open\nb: 1\n", "unparsable", 1, "quoted scalar"),
        ("a: 1\n\tb: 2\n", "unparsable", 2, "tab"),
        ("a: *b\n", "unparsable", 1, "*b names no anchor"),
        ("a: &a\n  b: *a\n", "unparsable", 2, "*a stands inside what it names"),
        ("a: 1\nb: {{ template }}\n", "unparsable", 2, "stands as a key"),
        ("a: 1\nb: \x07\n", "unparsable", 2, "U+0007"),
        ("a: \0\n", "unparsable", 1, "binary"),
        (b"a: \xff\n", "unreadable", 1, "not valid utf-8"),
        (bytes(range(256)) * 8, "unreadable", 1, "binary"),
        (bomb(9, 9), "limit", 7, "aliases unfold"),
        (bomb(3, 60), "limit", 4, "50 times its own"),
        ("a: " + "[" * 20_000, "limit", 1, "more than 500 levels"),
        ("a:\n " + "- " * 20_000 + "x\n", "limit", 2, "more than 500 levels"),
        ("".join(f"{' ' * n}a:\n" for n in range(2_000)), "limit", 501, "more than 500 levels"),
        (
            "b: &b {" + ", ".join(f"k{n}: 1" for n in range(999)) + "}\na:\n  <<: [" + "*b, " * 5000 + "]\n",
            "limit",
            3,
            "",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_at_once_with_line_and_reason(
    text: str | bytes, kind: str, line: int, said: str
):
    unread = refusal(text)
    assert (unread.kind, unread.path) == (kind, "openapi.yaml")
    assert said in unread.reason
    assert not unread.reason.endswith(".")
    assert line <= unread.line <= line + 1


def test_what_is_large_and_honest_is_read():
    assert len(value("a: &a {b: 1}\nc:\n" + "- *a\n" * 20_000)["c"]) == 20_000
    deep = value("".join(f"{' ' * n}a:\n" for n in range(400)))
    assert list(deep) == ["a"]
    small = value(bomb(4, 9))
    assert small["l3"][0][0][0][0] == "x"


# Without what YAML forbids in a text, and without what PyYAML takes for a line break when it writes.
CHARACTERS = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufeff\ufffe\uffff")
# `0e0` and `0o7` are numbers in YAML 1.2 and text in 1.1, in which PyYAML writes them without quotes.
TEXT = st.text(CHARACTERS).filter(lambda text: type(plain(text)) is str or type(yaml.safe_load(text)) is not str)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=25,
)


@given(JSON)
def test_json_is_yaml(value: object):
    text = json.dumps(value, ensure_ascii=False)
    assert build(Source("a.yaml", text.encode()), Limits()).value == value


@given(JSON, st.booleans())
def test_what_is_dumped_is_built_again_and_every_key_stands_where_it_is_said(value: object, flow: bool):
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, sort_keys=False)
    found = document(text.encode())
    assert found.top.node == value
    for place in everything(found.top):
        at = place.at
        assert 1 <= at.line <= len(found.source.starts)
        if isinstance(place.key, str) and place.parent is not None and at.end_column > at.column:
            written = found.source.line(at.line)[at.column - 1 : at.end_column - 1]
            assert (
                yaml.safe_load(written if written[:1] in "'\"" else json.dumps(written, ensure_ascii=False))
                == place.key
            )


@given(st.text(max_size=200))
def test_no_text_breaks_the_builder(text: str):
    try:
        found = document(text.encode("utf-8", "replace"))
    except Unread as unread:
        assert unread.reason
        return
    for place in everything(found.top):
        assert place.at.line <= len(found.source.starts)


def test_the_slow_twin_of_the_library_says_the_same(monkeypatch: pytest.MonkeyPatch):
    text = text_of(
        """
        a: &a {x: 1, 200: "y"}
        b:
          - *a
          - <<: *a
            z: |
              text
        c: 'it''s'
        """
    )
    fast = build(Source("a.yaml", text.encode()), Limits())
    monkeypatch.setattr(builder, "_LOADER", yaml.SafeLoader)
    slow = build(Source("a.yaml", text.encode()), Limits())
    assert slow.value == fast.value
    assert [list(map(unpack, marks)) for marks in slow.marks.values()] == [
        list(map(unpack, marks)) for marks in fast.marks.values()
    ]
