"""Whatever becomes of a document, no rule fails, and every finding names a line that exists."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcheck import packs
from archcheck.examples import expected
from archcheck.files import MemoryFiles
from archcheck.finding import Finding
from archcheck.rule import Rule
from archcheck.source import Source, Unread
from archcheck.surface import Settings, Unit
from archcheck.surfaces.openapi.surface import OpenApi

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
ROOTS = {
    "clinic": "openapi.yaml",
    "parcels": "openapi.yaml",
    "clean": "api/openapi.yaml",
    "shop-fastapi": "openapi/openapi.yaml",
}
SWAGGER = {
    "swagger": "2.0",
    "info": {"title": "Shop", "version": "1"},
    "host": "shop.example",
    "consumes": ["application/json"],
    "paths": {
        "/orders": {
            "post": {
                "parameters": [
                    {"name": "order", "in": "body", "schema": {"$ref": "#/definitions/Order"}},
                    {"name": "limit", "in": "query", "type": "integer", "default": 5, "enum": [5, 10]},
                ],
                "responses": {
                    "200": {
                        "description": "x",
                        "schema": {"$ref": "#/definitions/Order"},
                        "examples": {"application/json": {"total": 1}},
                        "headers": {"X-A": {"type": "string"}},
                    }
                },
            }
        }
    },
    "definitions": {"Order": {"type": "object", "required": ["total"], "properties": {"total": {"type": "integer"}}}},
    "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
}
VALUES = [
    *(None, True, -1, 1e400, "", "text", "{a}", [], {}, [None], [[]], {"": None}, {"type": 5}, {"enum": {}}),
    *({"$ref": None}, {"$ref": "#/nowhere"}, {"$ref": "#"}, {"$ref": "gone.yaml"}, {"$ref": "https://example.com/a"}),
    *({"allOf": [{"$ref": "#/components/schemas/Patient"}]}, {"required": "id"}, {"pattern": "(", "default": 5}),
    *({"get": []}, {"responses": {"200": None}}, {"parameters": {"a": 1}}, {"in": "body"}, {"examples": [1]}),
]
HOWS = ("remove", "set", "rename", "repeat")


@cache
def project(name: str) -> dict[str, object]:
    """The documents of a fixture, read without its markers."""
    if name == "swagger":
        return {"openapi.yaml": SWAGGER}
    folder = FIXTURES / name
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".yaml", ".json")
    }
    read = {path: yaml.safe_load(text) for path, text in expected(files).files.items()}
    return json.loads(json.dumps(read, default=str))


def spots(node: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in pairs:
        yield from spots(inner, (*path, key))


@cache
def places(name: str) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(file, spot) for file, tree in project(name).items() for spot in spots(tree)]


def mutate(tree: object, path: tuple[str | int, ...], how: str, value: object) -> None:
    for key in path[:-1]:
        if isinstance(tree, dict):
            known = key in tree
        else:
            known = isinstance(tree, list) and isinstance(key, int) and key < len(tree)
        if not known:
            return
        tree = tree[key]
    key = path[-1]
    if isinstance(tree, dict) and key in tree:
        if how == "remove":
            del tree[key]
        elif how == "rename":
            tree[f"{key}s"] = tree.pop(key)
        elif how == "set":
            tree[key] = copy.deepcopy(value)
    elif isinstance(tree, list) and isinstance(key, int) and key < len(tree):
        if how == "remove":
            del tree[key]
        elif how == "repeat":
            tree.append(copy.deepcopy(tree[key]))
        else:
            tree[key] = copy.deepcopy(value)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    name = draw(st.sampled_from([*ROOTS, "swagger"]))
    trees = copy.deepcopy(project(name))
    for _ in range(draw(st.integers(1, 6))):
        file, path = draw(st.sampled_from(places(name)))
        mutate(trees[file], path, draw(st.sampled_from(HOWS)), draw(st.sampled_from(VALUES)))
    texts = {
        path: json.dumps(tree, indent=1) if path.endswith(".json") else yaml.safe_dump(tree, sort_keys=False)
        for path, tree in trees.items()
    }
    root = ROOTS.get(name, "openapi.yaml")
    if draw(st.booleans()):
        # Every key stands twice.
        texts[root] = f"{texts[root]}x-twice: 1\nx-twice: 2\n"
    return root, texts


@cache
def rules() -> list[Rule]:
    return [entry.load() for entry in packs.load().rules.values() if entry.surface == "openapi"]


def spoken(root: str, texts: Mapping[str, str]) -> Iterator[tuple[str, Finding]]:
    """What all rules say, asked as the engine asks them, with their ids."""
    asked: dict[type, list[tuple[Rule, tuple[object, ...]]]] = {}
    for rule in rules():
        asked.setdefault(rule.subject, []).append((rule, (rule.options(),) if rule.options else ()))
    model = OpenApi().read(Unit("openapi", root, (root,)), MemoryFiles(texts), None, Settings())
    for piece in model.pieces():
        for subject in piece.subjects(frozenset(asked)):
            for rule, options in asked[type(subject)]:
                yield from ((rule.id, finding) for finding in rule.check(subject, *options))
    assert model.memory() is not None
    assert model.interface()


@settings(max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(mutated())
def test_no_rule_fails_and_every_line_exists(given_: tuple[str, dict[str, str]]):
    root, texts = given_
    sources = {path: Source(path, text.encode()) for path, text in texts.items()}
    try:
        found = [finding for _, finding in spoken(root, texts)]
    except Unread:
        return
    for finding in found:
        for at in (finding.at, *(related.at for related in finding.related)):
            source = sources[at.path]
            assert 1 <= at.line <= len(source.starts)
            assert 1 <= at.column <= len(source.line(at.line)) + 1
        assert finding.message.endswith(".")
        assert "\n" not in finding.message


def test_the_documents_as_they_are_speak():
    for name, root in ROOTS.items():
        texts = {path: yaml.safe_dump(tree, sort_keys=False) for path, tree in project(name).items()}
        assert list(spoken(root, texts)) or name == "clean"
