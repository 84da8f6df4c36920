"""Roots are recognised by what they declare at their top, and nothing else is."""

from __future__ import annotations

import json
import time

import pytest

from archcheck.source import Source
from archcheck.surface import Tree, Unit
from archcheck.surfaces.openapi.sniff import sniff
from archcheck.surfaces.openapi.surface import OpenApi

INNER = {"name": {"openapi": "3.0.0"}}


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("openapi: 3.1.0\n", "3.1.0"),
        ("openapi: '3.0.3'\r\ninfo: {}\r\n", "3.0.3"),
        ('"openapi": "3.2.0" # newest\n', "3.2.0"),
        ("swagger: 2.0\n", "2.0"),
        ("info: {}\npaths:\n  /a: {}\nswagger: '2.0'", "2.0"),
        ("---\n# a comment\nopenapi: 3.0.0\n", "3.0.0"),
        ("%YAML 1.2\n---\nopenapi: 3.0.0\n", "3.0.0"),
        ("  openapi: 3.0.0\n  info: {}\n", "3.0.0"),
        ("\ufeffopenapi: 3.0.0\n", "3.0.0"),
        ("{openapi: 3.0.0, info: {}}", "3.0.0"),
        ("openapi: 3.1.0\npaths: [unclosed\n", "3.1.0"),
        ("openapi: 3.1.0\nx: \0\n", "3.1.0"),
        ('{"swagger": "2.0", "paths": {}}', "2.0"),
        ('{"openapi": "3.1.0",\n "paths": {"/a": ', "3.1.0"),
        ('{"info": {"title": "a { b"}, "openapi": "3.1.0", "paths": {"/a": ', "3.1.0"),
        (json.dumps({"components": INNER, "openapi": "3.1.0"}), "3.1.0"),
        (json.dumps({"a": "x" * 4_000_000, "openapi": "3.1.0"}, separators=(",", ":")), "3.1.0"),
    ],
)
def test_a_root_is_recognised_even_when_it_is_broken(text: str, mark: str):
    assert sniff(text.encode()) == mark
    assert sniff(text.encode("utf-16")) == mark


@pytest.mark.parametrize(
    "text",
    [
        "asyncapi: 3.0.0\nopenapi: 3.0.0\n",
        "arazzo: 1.0.0\nsourceDescriptions:\n  - {name: a, type: openapi, url: a.yaml}\n",
        "overlay: 1.0.0\nextends: openapi.yaml\n",
        "services:\n  openapi: {image: x}\n  swagger:\n    image: swagger\n",
        "swagger:\n  enabled: true\n",
        "openapi: ./openapi.yaml\n",
        "swagger: '1.2'\n",
        "kind: ConfigMap\ndata:\n  spec: |\n    openapi: 3.0.0\n",
        "description: |\n  text\n  openapi: 3.0.0\n",
        "# openapi: 3.0.0\nname: x\n",
        "kind: Deployment\n---\nopenapi: 3.0.0\n",
        "- openapi: 3.0.0\n",
        "type: object\nproperties:\n  openapi: {type: string}\n",
        '{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"openapi": {"const": "3.1.0"}}}',
        json.dumps({"name": "x", "dependencies": {"openapi": "3.0.0"}}),
        json.dumps({"openapi": "./openapi.json"}),
        json.dumps([INNER, {"openapi": "3.0.0"}]),
        '"openapi: 3.0.0"',
        "openapi 3.0.0",
        "null",
    ],
)
def test_what_only_mentions_it_is_passed_over(text: str):
    assert sniff(text.encode()) == ""


def test_what_nobody_can_read_is_marked_and_owed_but_no_unit():
    surface = OpenApi()
    assert sniff(b"") == "empty"
    assert sniff(b"\x89PNG\r\n\0\0") == "binary"
    tree = Tree(("a.yaml", "b.yaml", "c.yaml"), {"a.yaml": "empty", "b.yaml": "binary", "c.yaml": "3.1.0"})
    assert list(surface.units(tree, None)) == [Unit("openapi", "c.yaml", ("c.yaml",), "3.1.0")]
    assert surface.owed("a.yaml", "empty")
    assert surface.owed("c.yaml", "3.1.0")
    assert not surface.owed("d.yaml", "")


def test_other_files_cost_microseconds():
    text = ("key: value\n" * 500).encode()
    begun = time.perf_counter()
    for _ in range(100):
        OpenApi().sniff(Source("values.yaml", text))
    assert (time.perf_counter() - begun) / 100 < 0.001
