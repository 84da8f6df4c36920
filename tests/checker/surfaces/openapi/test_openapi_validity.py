"""Documents that break the specification: where, how, once, and nothing that another validator finds is missed."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest
from openapi_documents import HEAD, read, subjects, text_of
from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from test_openapi_mutations import spoken

from archcheck.surfaces.openapi.official import schema_of, validator
from archcheck.surfaces.openapi.validity import Breach

OLD = "openapi: 3.0.3\ninfo: {title: Shop, version: 1.0.0}\n"


def breaches(content: str) -> list[tuple[int, str, str]]:
    return [(one.at.line, one.problem, one.cure) for one in subjects(read(content), Breach)]


@pytest.mark.parametrize("version", ["2.0", "3.0", "3.1", "3.2"])
def test_the_official_schema_of_each_version_is_at_hand(version: str):
    key = "swagger" if version == "2.0" else "openapi"
    declared = version if version == "2.0" else f"{version}.0"
    whole = {key: declared, "info": {"title": "Shop", "version": "1"}, "paths": {}}
    checker = validator(version, "api")
    assert checker is not None
    assert checker.is_valid(whole)
    assert not checker.is_valid({**whole, "info": {}})
    for kind in ("path", "operation", "parameter", "response", "schema", "header"):
        made = validator(version, kind)
        assert made is not None
        assert made.is_valid({"$ref": "elsewhere.yaml"}), kind
        assert not made.is_valid("text"), kind
    assert validator(version, "nothing") is None
    assert schema_of(version)["type"] == "object"


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    content = (
        HEAD
        + "jsonSchemaDialect: https://example.com/dialect\npaths: {}\n"
        + text_of("""
        components:
          schemas:
            A: {$schema: "https://example.com/schema", $ref: "https://example.com/a", default: 5}
        """)
    )
    assert [line for line, _, _ in breaches(content)] == []
    assert list(spoken("openapi.yaml", {"openapi.yaml": content}))


def test_each_breach_names_what_stands_there_and_what_is_expected():
    content = OLD + text_of("""
        paths:
          orders:
            get: {responses: {"200": {description: Orders.}}}
          /orders:
            get:
              tags: {a: b}
              responses:
                "200": {description: Orders.}
          /users:
            get:
              parameters:
                - {name: a, in: query, schema: {type: string}, example: 1, examples: {}}
              responses: {"200": {description: Users., content: {text/plain: {schema: {minLength: -1}}}}}
        """)
    assert sorted(breaches(content)) == [
        (4, "'orders' is no key of the paths in OpenAPI 3.0", "remove it"),
        (8, "'tags' is an object, and an array is expected", "write it as OpenAPI 3.0 has it"),
        (14, "Item 1 of 'parameters' has 'example' and 'examples', which exclude each other", "keep one of them"),
        (15, "'minLength' is -1, below 0", "write it as OpenAPI 3.0 has it"),
    ]


def test_the_branch_that_was_meant_speaks():
    content = OLD + text_of("""
        paths: {}
        components:
          securitySchemes:
            key:
              type: apiKey
              name: X-Key
            login:
              type: oauth2
              flows: {password: {tokenUrl: /token}}
        """)
    assert breaches(content) == [
        (6, "'key' lacks 'in', which OpenAPI 3.0 demands", "add it"),
        (11, "'password' lacks 'scopes', which OpenAPI 3.0 demands", "add it"),
    ]


def test_lines_of_json():
    tree = {"openapi": "3.1.0", "info": {"title": "Shop", "version": 1}, "paths": {"/a": {"get": {"summery": "A"}}}}
    text = json.dumps(tree, indent=2)
    lines = [one.at.line for one in subjects(read({"openapi.json": text}), Breach)]
    assert [text.splitlines()[line - 1].strip().split(":")[0] for line in lines] == ['"version"', '"summery"']


V2, V30, V31 = OpenAPIV2SpecValidator, OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
VERDICTS = [
    (
        "duplicate-operation-id",
        V30,
        OLD + "paths: {/a: {get: {operationId: x, responses: {'200': {description: A}}}, "
        "put: {operationId: x, responses: {'200': {description: A}}}}}",
    ),
    ("path-parameter-mismatch", V30, OLD + "paths: {'/a/{b}': {get: {responses: {'200': {description: A}}}}}"),
    (
        "duplicate-parameter",
        V30,
        OLD + "paths: {/a: {get: {parameters: [{name: a, in: query, schema: {}}, "
        "{name: a, in: query, schema: {type: integer}}], responses: {'200': {description: A}}}}}",
    ),
    (
        "required-property-undefined",
        V30,
        OLD + "paths: {}\ncomponents: {schemas: {A: {type: object, required: [x], "
        "allOf: [{properties: {y: {type: string}}}]}}}",
    ),
    ("default-violates-schema", V30, OLD + "paths: {}\ncomponents: {schemas: {A: {type: integer, default: text}}}"),
    ("unresolved-ref", V30, OLD + "paths: {}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/B'}}}"),
    ("invalid-openapi", V30, OLD + "paths: {/a: {get: {}}}"),
    ("invalid-openapi", V31, HEAD + "paths: {}\ncomponents: {schemas: {A: {type: nothing}}}"),
    ("invalid-openapi", V31, HEAD + "paths: {}\ncomponents: {schemas: {A: {discriminator: {}}}}"),
    ("invalid-openapi", V31, HEAD),
    (
        "default-violates-schema",
        V2,
        "swagger: '2.0'\ninfo: {title: Shop, version: 1.0.0}\npaths: {/a: {get: {parameters: "
        "[{name: a, in: query, type: integer, default: text}], responses: {'200': {description: A}}}}}",
    ),
]


@pytest.mark.parametrize(("rule", "other", "content"), VERDICTS)
def test_no_verdict_of_the_official_validator_is_missed(rule: str, other, content: str):
    """One document for each of its semantic checks, and a few of its structural ones."""
    import yaml

    tree = json.loads(json.dumps(yaml.safe_load(content)))
    try:
        condemned = not other(tree).is_valid()
    except Exception:
        condemned = True
    assert condemned
    assert rule in {name for name, _ in spoken("openapi.yaml", {"openapi.yaml": content})}


def test_validators_load_when_documents_are_judged_and_not_before():
    code = (
        "import sys, archcheck.surfaces.openapi.surface, archcheck.surfaces.openapi.topics\n"
        "import archcheck_rules.openapi.invalid_openapi, archcheck_rules.openapi.invalid_example\n"
        "print(*sorted({'jsonschema_rs', 'openapi_spec_validator', 'jsonschema'} & set(sys.modules)))\n"
        "from archcheck.surfaces.openapi.official import validator; validator('3.1', 'api')\n"
        "print(*sorted({'openapi_spec_validator', 'jsonschema'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("version", ["2.0", "3.0", "3.1", "3.2"])
@pytest.mark.parametrize("kind", ["security", "server", "media", "example", "link", "callback", "components", "body"])
def test_objects_of_rare_kinds_are_held_to_a_schema_that_is_there(version: str, kind: str):
    for whole in (kind, f"map:{kind}", f"list:{kind}"):
        checker = validator(version, whole)
        assert checker is None or not checker.is_valid(1)
