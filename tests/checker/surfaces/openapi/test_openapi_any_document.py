"""Whatever a document holds, nothing fails; and going on from memory says what starting anew says."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openapi_documents import SUBJECTS, facts, places, read, subjects

from archcheck.source import Source, Unread
from archcheck.surface import Memory
from archcheck.surfaces.openapi.interface import decode

SEED = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "/v1"}],
    "security": [{"key": []}],
    "paths": {
        "/orders": {
            "parameters": [{"$ref": "#/components/parameters/Limit"}],
            "get": {
                "operationId": "listOrders",
                "responses": {
                    "200": {
                        "description": "x",
                        "headers": {"Link": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}},
                    },
                    "429": {"$ref": "#/components/responses/Busy"},
                },
            },
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                "responses": {"201": {"description": "x"}},
                "callbacks": {"paid": {"{$url}": {"post": {"responses": {"200": {"description": "x"}}}}}},
            },
        },
        "/orders/{id}": {"get": {"responses": {"default": {"description": "x"}}}},
    },
    "webhooks": {"paid": {"post": {"responses": {"200": {"description": "x"}}}}},
    "components": {
        "schemas": {
            "Order": {"type": "object", "properties": {"id": {"type": "string", "enum": ["a"]}}, "required": ["id"]},
            "Page": {
                "allOf": [{"type": "object", "properties": {"next": {"type": "string"}}}],
                "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}},
            },
        },
        "parameters": {"Limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}}},
        "responses": {"Busy": {"description": "x", "headers": {"Retry-After": {"schema": {"type": "integer"}}}}},
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    },
}
ODD = st.sampled_from(
    [
        *(None, True, 0, -1.5, "", "text", [], {}, [None], [[]], {"": None}, {"x-a": 1}, {"$ref": None}, {"$ref": 5}),
        *(
            {"$ref": text}
            for text in ("#", "#/", "#/components", "#/components/schemas/Page", "b.yaml", "", "#x", "//x")
        ),
        *({"allOf": [{"$ref": "#/components/schemas/Page"}]}, {"type": ["array", "null"]}, {"items": []}, {"type": {}}),
        *(
            {"get": []},
            {"get": {"responses": []}},
            {"responses": {"200": None}},
            {"parameters": {"a": 1}},
            {"in": "body"},
        ),
    ]
)


def spots(node: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in pairs:
        found += spots(inner, (*path, key))
    return found


def mutated(tree: object, path: tuple[str | int, ...], value: object, how: str) -> None:
    node = tree
    for key in path[:-1]:
        node = node[key] if isinstance(node, dict | list) and _has(node, key) else None
    if not isinstance(node, dict | list) or not _has(node, path[-1]):
        return
    if how == "remove":
        del node[path[-1]]
    elif how == "rename" and isinstance(node, dict):
        node[str(value)[:20]] = node.pop(path[-1])
    else:
        node[path[-1]] = copy.deepcopy(value)


def _has(node: dict | list, key: str | int) -> bool:
    return key in node if isinstance(node, dict) else isinstance(key, int) and key < len(node)


@st.composite
def documents(draw: st.DrawFn) -> object:
    tree = copy.deepcopy(SEED)
    if draw(st.booleans()):
        tree = {"swagger": "2.0", **{key: value for key, value in tree.items() if key != "openapi"}}
    for _ in range(draw(st.integers(1, 5))):
        mutated(tree, draw(st.sampled_from(spots(SEED))), draw(ODD), draw(st.sampled_from(["set", "remove", "rename"])))
    return tree


@settings(max_examples=300, deadline=None)
@given(documents(), st.booleans())
def test_nothing_fails_and_every_location_exists(tree: object, as_json: bool):
    text = json.dumps(tree, indent=1) if as_json else yaml.safe_dump(tree, sort_keys=False)
    path = "openapi.json" if as_json else "openapi.yaml"
    source = Source(path, text.encode())
    model = read({path: text})
    for subject in subjects(model):
        assert dict(facts(subject))
        for at in places(subject):
            line = source.line(at.line)
            assert at.path == path
            assert 1 <= at.column <= len(line) + 1
            assert at.end_column <= len(line) + 1
            assert at.line <= len(source.starts)
    assert decode(model.interface()).file == path
    assert model.coverage.counts["specs"] == 1


FILES = {
    "openapi.yaml": {
        "openapi": "3.0.3",
        "paths": {
            "/orders": {"$ref": "paths/orders.yaml"},
            "/users": {"get": {"$ref": "paths/users.yaml"}},
            "/items": {
                "get": {"responses": {"200": {"$ref": "shared.yaml#/Page"}, "429": {"$ref": "shared.yaml#/Busy"}}}
            },
        },
        "components": {"schemas": {"Order": {"$ref": "schemas/order.yaml"}, "Gone": {"$ref": "gone.yaml"}}},
    },
    "paths/orders.yaml": {
        "parameters": [{"$ref": "../shared.yaml#/Limit"}],
        "get": {"responses": {"200": {"$ref": "../shared.yaml#/Page"}, "429": {"$ref": "../shared.yaml#/Busy"}}},
    },
    "paths/users.yaml": {"responses": {"200": {"description": "x"}, "429": {"$ref": "../shared.yaml#/Busy"}}},
    "shared.yaml": {
        "Limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        "Busy": {"description": "x", "headers": {"X-A": {"schema": {"type": "string"}}}},
        "Page": {
            "description": "x",
            "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "schemas/order.yaml"}}}},
        },
    },
    "schemas/order.yaml": {
        "type": "object",
        "properties": {"id": {"type": "string"}, "line": {"$ref": "line.yaml"}, "self": {"$ref": "#/properties/id"}},
    },
    "schemas/line.yaml": {"type": "object", "properties": {"order": {"$ref": "order.yaml"}}},
}
TARGETS = [
    *(
        "../shared.yaml#/Page",
        "shared.yaml#/Busy",
        "schemas/order.yaml",
        "order.yaml",
        "../schemas/line.yaml",
        "gone.yaml",
    ),
    *("paths/users.yaml", "#/properties/id", "../openapi.yaml#/components/schemas/Order", "#/nowhere", "new.yaml"),
]
EDIT = st.tuples(
    st.sampled_from(sorted(FILES)),
    st.integers(0, 30),
    st.one_of(ODD, st.sampled_from([{"$ref": target} for target in TARGETS])),
    st.sampled_from(["set", "remove", "comment", "create"]),
)


def written(files: Mapping[str, object], comments: Mapping[str, int]) -> dict[str, str | bytes]:
    return {
        path: "# moved\n" * comments.get(path, 0) + yaml.safe_dump(tree, sort_keys=False)
        for path, tree in files.items()
    }


@settings(max_examples=150, deadline=None)
@given(st.lists(EDIT, min_size=1, max_size=3))
# A reference where none may stand, to a file that is made later.
@example(
    [(name, 1, {"$ref": "new.yaml"}, how) for name, how in (("a", "create"), ("shared.yaml", "set"), ("a", "create"))]
)
def test_going_on_from_memory_says_what_starting_anew_says(edits):
    files, comments = copy.deepcopy(FILES), {}
    former, memory = spoken(read(written(files, comments)), {})
    for path, spot, value, how in edits:
        before = written(files, comments)
        if how == "comment":
            comments[path] = comments.get(path, 0) + 1
        elif how == "create":
            files["gone.yaml" if "gone.yaml" not in files else "new.yaml"] = {"type": "object"}
        else:
            known = spots(files[path]) or [("x",)]
            mutated(files[path], known[spot % len(known)], value, how)
        after = written(files, comments)
        changed = frozenset(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        try:
            anew, remembered = spoken(read(after), {})
        except Unread:
            return
        going_on = read(after, memory=Memory(memory, changed)) if memory else read(after)
        said, _ = spoken(going_on, former)
        # A piece that is gone may linger on, empty, where a remembered reference names it.
        assert {key: told for key, told in said.items() if told} == {key: told for key, told in anew.items() if told}
        assert going_on.interface() == read_interface(after)
        if going_on.coverage.gaps:
            return
        former, memory = anew, remembered


def read_interface(files: Mapping[str, str | bytes]) -> bytes:
    model = read(files)
    list(model.pieces())
    return model.interface()


def spoken(model, former: Mapping[str, list[str]]) -> tuple[dict[str, list[str]], bytes]:
    """What all facts of all subjects say, piece by piece; what is not fresh is taken from before."""
    said: dict[str, list[str]] = {}
    for piece in model.pieces():
        if piece.fresh:
            said[piece.key] = [f"{type(one).__name__} {dict(facts(one))}" for one in piece.subjects(SUBJECTS)]
        else:
            said[piece.key] = former[piece.key]
    return said, model.memory()


def test_an_edit_costs_its_own_pieces():
    files = written(FILES, {})
    model = read(files)
    list(model.pieces())
    edited = {**files, "paths/users.yaml": files["paths/users.yaml"] + "summary: Users\n"}
    again = read(edited, memory=Memory(model.memory(), frozenset({"paths/users.yaml"})))
    assert [piece.key for piece in again.pieces() if piece.fresh] == [
        "root openapi.yaml#",
        "path openapi.yaml#/paths/~1users",
    ]


def test_a_created_target_and_a_new_use_are_noticed():
    files = written(FILES, {})
    model = read(files)
    list(model.pieces())
    created = {**files, "gone.yaml": "type: string\n"}
    again = read(created, memory=Memory(model.memory(), frozenset({"gone.yaml"})))
    assert "schema openapi.yaml#/components/schemas/Gone" in {piece.key for piece in again.pieces() if piece.fresh}
    used = {**files, "paths/users.yaml": "responses: {'503': {$ref: '../shared.yaml#/Busy'}}\n"}
    again = read(used, memory=Memory(model.memory(), frozenset({"paths/users.yaml"})))
    assert "response shared.yaml#/Busy" in {piece.key for piece in again.pieces() if piece.fresh}


@pytest.mark.parametrize("memory", [b"", b"garbage", b"\x93\x01\x02\x03"])
def test_a_foreign_memory_is_no_memory(memory: bytes):
    model = read(written(FILES, {}), memory=Memory(memory, frozenset()))
    assert all(piece.fresh for piece in model.pieces())
