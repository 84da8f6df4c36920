"""Edits change what they are for and nothing else, wherever in a document they are made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from archcheck.files import MemoryFiles
from archcheck.finding import Edit
from archcheck.fixing import edited
from archcheck.source import Source
from archcheck.surface import Limits
from archcheck.surfaces.openapi import added, removed
from archcheck.surfaces.openapi.documents import Document, Documents
from archcheck.surfaces.openapi.place import Place

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
REAL = sorted(
    path.relative_to(FIXTURES).as_posix()
    for folder in ("shop-fastapi/openapi", "clean/api", "clinic", "tickets", "parcels")
    for path in (FIXTURES / folder).rglob("*")
    if path.suffix in (".yaml", ".json")
)
NEW = {"note": "Wait, then ask again.", "schema": {"type": "integer"}}


def document(text: str, path: str = "api.yaml") -> Document:
    return Documents(MemoryFiles({path: text}), Limits()).open(path)


def at(whole: Document, *parts: str | int) -> Place:
    place = whole.top
    for part in parts:
        place = next(child for child in place.children() if child.key == part)
    return place


def after(whole: Document, edits: tuple[Edit, ...]) -> str:
    return edited(whole.source, edits)


def loaded(text: str, path: str = "api.yaml") -> Any:
    return json.loads(text) if path.endswith(".json") else yaml.load(text, Loader=yaml.CSafeLoader)


def comments(text: str) -> list[str]:
    return re.findall(r"(?<=\s)#.*", text)


def places(top: Place) -> Iterator[Place]:
    yield top
    for child in top.children():
        yield from places(child)


def within(value: Any, parts: tuple[str | int, ...]) -> Any:
    for part in parts:
        value = value[part] if part in value or isinstance(part, int) else value[int(part)]
    return value


@pytest.mark.parametrize("path", REAL)
def test_every_mapping_of_a_real_document_takes_one_more_entry(path: str) -> None:
    text = (FIXTURES / path).read_text("utf-8")
    whole = document(text, path)
    mappings = [place for place in places(whole.top) if isinstance(place.node, dict)]
    for place in mappings[:: max(len(mappings) // 40, 1)]:
        edits = added(place, "x-new", NEW)
        line, column = place.spot
        aliased = whole.source.line(line)[column - 1 :].startswith(("*", "&"))
        assert edits or aliased or not place.node, place.pointer
        changed = after(whole, edits)
        expected = loaded(text, path)
        if edits:
            within(expected, place.parts)["x-new"] = NEW
        assert loaded(changed, path) == expected, place.pointer
        assert comments(changed) == comments(text)


@pytest.mark.parametrize("path", REAL)
def test_every_list_of_a_real_document_gives_up_an_item(path: str) -> None:
    text = (FIXTURES / path).read_text("utf-8")
    whole = document(text, path)
    items = [place for place in places(whole.top) if isinstance(place.key, int) and place.key]
    for place in items[:: max(len(items) // 40, 1)]:
        edits = removed(place)
        changed = after(whole, edits)
        expected = loaded(text, path)
        if edits:
            del within(expected, place.parts[:-1])[place.key]
        assert loaded(changed, path) == expected, place.pointer
        assert comments(changed) == comments(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {}\n", "a: {note: 1}\n"),
        ("a:\n  b: 1 # c\n\n# d\ne: 2\n", "a:\n  b: 1 # c\n  note: 1\n\n# d\ne: 2\n"),
        ("a:\n  b: |\n    x\n\n\ne: 2\n", "a:\n  b: |\n    x\n  note: 1\n\n\ne: 2\n"),
        ("a:\n  b: |+\n    x\n\n\ne: 2\n", "a:\n  b: |+\n    x\n\n\n  note: 1\ne: 2\n"),
        ("a:\n  b: >-\n    x\n    y", "a:\n  b: >-\n    x\n    y\n  note: 1"),
        ("a:\n  b: {\n    c: 1\n  }\n", "a:\n  b: {\n    c: 1\n  }\n  note: 1\n"),
        ("a:\n  b:\n  - 1\n  - 2\n", "a:\n  b:\n  - 1\n  - 2\n  note: 1\n"),
        ("a:\n  b:\n", "a:\n  b:\n  note: 1\n"),
        ("a: &x # why\n  b: 'it''s'\nc: *x\n", "a: &x # why\n  b: 'it''s'\n  note: 1\nc: *x\n"),
        ("a: {b: 1, # c\n  d: 2 }\n", "a: {b: 1, # c\n  d: 2,\n  note: 1 }\n"),
        ("a: {\n  b: 1,\n}\n", "a: {\n  b: 1,\n  note: 1,\n}\n"),
        ("{'x': 1, a: {b: {c: 1}}}\n", "{'x': 1, a: {b: {c: 1}, note: 1}}\n"),
        ("a: {b: é\u2028😀}\n", "a: {b: é\u2028😀, note: 1}\n"),
    ],
)
def test_an_entry_is_added_in_the_style_of_its_neighbours(text: str, expected: str) -> None:
    whole = document(text)
    assert after(whole, added(at(whole, "a"), "note", 1)) == expected


@pytest.mark.parametrize("text", ["b: &x {c: 1}\na: *x\n", "a:\n  note: 2\n", "a: 1\n", "? a\n: {b: 1}\n"])
def test_where_it_is_not_sure_nothing_is_added(text: str) -> None:
    whole = document(text)
    assert added(at(whole, "a"), "note", 1) == ()


@pytest.mark.parametrize(
    ("text", "index", "expected"),
    [
        ("a:\n- 1\n- 2\nb: 1\n", 1, "a:\n- 1\nb: 1\n"),
        ("a:\n  - 1\n  # of two\n  - 2   # two", 1, "a:\n  - 1\n  # of two\n  # two"),
        ("a: [1, 2, 3]\n", 1, "a: [1, 3]\n"),
        ("a: [1, 2]\n", 1, "a: [1]\n"),
        ("a: [\n  1, # one\n  2 # two\n]\n", 1, "a: [\n  1, # one\n  # two\n]\n"),
        ("a:\n- 'x # y'\n- \"x # y\"\n", 1, "a:\n- 'x # y'\n"),
    ],
)
def test_an_item_goes_and_comments_stay(text: str, index: int, expected: str) -> None:
    whole = document(text)
    changed = after(whole, removed(at(whole, "a", index)))
    assert loaded(changed) == loaded(expected)
    assert comments(changed) == comments(expected)
    if "# two\n]" not in expected:
        assert changed == expected


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("a:\n- 1\n- &x 2\nb: *x\n", 1),
        ("a:\n- 1\n- b: 1\n  c: 2\n", 1),
        ("a:\n- - 1\n- - 2\n", 1),
        ("a: [1, 2]\n", 0),
        ("b: &x [1, 1]\na: *x\n", 1),
    ],
)
def test_where_it_is_not_sure_nothing_is_removed(text: str, index: int) -> None:
    whole = document(text)
    changed = after(whole, removed(at(whole, "a", index)))
    assert changed == text or loaded(changed) == {**loaded(text), "a": loaded(text)["a"][:index]}
    assert Source("a.yaml", changed.encode()).text == changed


def test_a_json_text_keeps_its_own_layout() -> None:
    whole = document('{"a": {\n\t"b": 1\n}, "c": [1,\n 2]}', "api.json")
    assert (
        after(whole, added(at(whole, "a"), "note", {"x": "é"}))
        == '{"a": {\n\t"b": 1,\n\t"note": {"x": "é"}\n}, "c": [1,\n 2]}'
    )
    assert after(whole, removed(at(whole, "c", 1))) == '{"a": {\n\t"b": 1\n}, "c": [1]}'
