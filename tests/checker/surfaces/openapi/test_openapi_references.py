"""References are followed on demand, inside the project only, and what stops one is said."""

from __future__ import annotations

import pytest
from openapi_documents import HEAD, read, subjects, text_of

from archcheck.files import MemoryFiles
from archcheck.surface import Limits
from archcheck.surfaces.openapi import Operation, Reference, Schema
from archcheck.surfaces.openapi.documents import Documents
from archcheck.surfaces.openapi.references import References

FILES = {
    "api/openapi.yaml": """
        openapi: 3.1.0
        components:
          schemas:
            Order: {$anchor: order, type: object, properties: {id: {type: string}}}
            Alias: {$ref: "#/components/schemas/Order"}
            a/b~c d: {type: string}
            Loop: {$ref: "#/components/schemas/Pool"}
            Pool: {$ref: "#/components/schemas/Loop"}
            Text: just text
            List: [1, {two: 2}]
        """,
    "api/shared/models.json": '{"Order": {"$ref": "../openapi.yaml#/components/schemas/Order"}}',
    "api/broken.yaml": "a: [",
    "api/a file.yaml": "x: 1\n",
    "api/notes.md": "# Notes: [unclosed\n",
    "common.yaml": "Common: {type: string}\n",
}


@pytest.fixture
def references() -> References:
    given = {path: text_of(content) for path, content in FILES.items()}
    return References(Documents(MemoryFiles(given), Limits()))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#", "api/openapi.yaml"),
        ("", "api/openapi.yaml"),
        ("#/components/schemas/Order", "api/openapi.yaml/components/schemas/Order"),
        ("openapi.yaml#/components/schemas/Order", "api/openapi.yaml/components/schemas/Order"),
        ("./openapi.yaml#/components/schemas/a~1b~0c%20d", "api/openapi.yaml/components/schemas/a~1b~0c d"),
        ("#order", "api/openapi.yaml/components/schemas/Order"),
        ("#/components/schemas/Text", "api/openapi.yaml/components/schemas/Text"),
        ("#/components/schemas/List/1/two", "api/openapi.yaml/components/schemas/List/1/two"),
        ("#/components/schemas/Alias/properties/id", "api/openapi.yaml/components/schemas/Order/properties/id"),
        ("shared/models.json#/Order/properties", "api/openapi.yaml/components/schemas/Order/properties"),
        ("shared/../shared/models.json", "api/shared/models.json"),
        ("../common.yaml#/Common", "common.yaml/Common"),
        ("a%20file.yaml#/x", "api/a file.yaml/x"),
        ("common.yaml/../openapi.yaml?raw=true#", "api/openapi.yaml"),
        ("notes.md", "api/notes.md"),
    ],
)
def test_what_a_reference_names(references: References, text: str, found: str):
    target = references.resolve("api/openapi.yaml", text)
    assert target.outcome == "found"
    assert target.place is not None
    assert target.place.path + target.place.pointer == found


@pytest.mark.parametrize(
    ("text", "outcome", "reason"),
    [
        ("#/components/schemas/Ordr", "missing", "has no 'Ordr' under #/components/schemas"),
        ("#/components/schemas/List/2", "missing", "has no '2'"),
        ("#/components/schemas/List/01x", "missing", "has no '01x'"),
        ("#/components/schemas/Text/length", "missing", "has no 'length'"),
        ("#/components/schemas/", "missing", "has no ''"),
        ("#nothing", "missing", "is named 'nothing'"),
        ("gone.yaml#/A", "missing", "no file api/gone.yaml"),
        ("shared", "missing", "api/shared is a folder"),
        ("broken.yaml", "unread", "not valid YAML"),
        ("https://example.com/a.yaml#/A", "remote", "network"),
        ("//example.com/a.yaml", "remote", "network"),
        ("file:///etc/passwd", "remote", "network"),
        ("C:/api.yaml", "remote", "network"),
        ("/etc/passwd", "outside", "outside"),
        ("../../secret.yaml", "outside", "outside"),
        ("..", "missing", "folder"),
        ("../..", "outside", "outside"),
        ("%2e%2e/%2e%2e/secret.yaml", "outside", "outside"),
        ("a%00b.yaml", "missing", "no file"),
        ("#/components/schemas/Loop/properties", "missing", "has no 'properties'"),
    ],
)
def test_what_leads_nowhere_says_why(references: References, text: str, outcome: str, reason: str):
    target = references.resolve("api/openapi.yaml", text)
    assert target.outcome == outcome
    assert reason in target.reason
    assert target.place is None


def test_a_near_name_is_offered(references: References):
    assert references.resolve("api/openapi.yaml", "#/components/schemas/Ordr").nearest == "Order"
    assert references.resolve("api/openapi.yaml", "#/components/schemas/Zzz").nearest == ""


def test_a_chain_is_kept_step_by_step(references: References):
    document = references.documents.open("api/shared/models.json")
    followed = references.follow(document.top.child("Order"))
    assert followed.place.pointer == "/components/schemas/Order"
    assert [place.path for place in followed.chain] == ["api/shared/models.json"]
    circle = references.documents.open("api/openapi.yaml").top.child("components").child("schemas").child("Loop")
    assert references.follow(circle).place is None
    assert references.follow(circle).target.outcome == "circular"


def test_nothing_outside_is_ever_opened():
    asked: list[str] = []

    class Watched(MemoryFiles):
        def open(self, path: str):
            asked.append(path)
            return super().open(path)

        def exists(self, path: str):
            asked.append(path)
            return super().exists(path)

    references = References(Documents(Watched({"a.yaml": "x: 1\n"}), Limits()))
    for text in ("https://example.com/x.yaml", "//h/x", "file:///x", "/x", "../x", "a/../../x", "%2E%2E/x", "\\\\h\\x"):
        references.resolve("a.yaml", text)
    assert [path for path in asked if path != "a.yaml" and not path.startswith("\\")] == []


def test_references_out_of_the_project_leave_a_gap_with_their_line():
    model = read(
        {
            "openapi.yaml": HEAD
            + "paths: {}\ncomponents:\n  schemas:\n    A:\n      $ref: https://example.com/a.yaml\n"
            + "    B: {$ref: ../b.yaml}\n    C: {$ref: broken.yaml}\n",
            "broken.yaml": "a: [\n",
        }
    )
    assert not [reference for reference in subjects(model, Reference) if reference.broken]
    gaps = model.coverage.gaps
    assert [(gap.path, gap.line, gap.kind) for gap in gaps] == [
        ("openapi.yaml", 7, "unreadable"),
        ("openapi.yaml", 8, "unreadable"),
        ("broken.yaml", 1, "unparsable"),
    ]
    assert "https://example.com/a.yaml" in gaps[0].reason


def test_an_unread_path_item_is_a_gap_and_not_a_broken_reference():
    model = read({"openapi.yaml": HEAD + "paths:\n  /a: {$ref: a.yaml}\n", "a.yaml": "get: [\n"})
    assert not [reference for reference in subjects(model, Reference) if reference.broken]
    assert [gap.path for gap in model.coverage.gaps] == ["a.yaml"]
    assert model.coverage.counts == {"specs": 1, "operations": 0, "files": 1}


@pytest.mark.parametrize(("version", "described"), [("3.0.3", ""), ("3.1.0", "Own"), ("3.2.0", "Own")])
def test_what_stands_beside_a_reference_counts_since_three_one(version: str, described: str):
    model = read(
        f"""
        openapi: {version}
        paths:
          /a:
            get:
              responses:
                "200":
                  description: x
                  content:
                    application/json:
                      schema: {{$ref: "#/components/schemas/A", description: Own, required: [b]}}
        components:
          schemas:
            A: {{type: object, required: [a]}}
        """
    )
    (operation,) = subjects(model, Operation)
    assert operation.answer.word("description") == described
    assert operation.answer.types == {"object"}
    assert operation.answer.required == ({"a", "b"} if described else {"a"})


def test_only_references_where_the_grammar_has_them_are_references():
    model = read(
        HEAD
        + text_of(
            """
            x-any: {$ref: "#/nowhere"}
            paths:
              /a:
                post:
                  requestBody:
                    content:
                      application/json:
                        example: {$ref: "#/nowhere"}
                        examples:
                          one: {value: {$ref: "#/nowhere"}}
                          two: {$ref: "#/components/examples/Two"}
                        schema:
                          default: {$ref: "#/nowhere"}
                          properties:
                            $ref: {type: string}
                            plain: {$ref: "#/components/schemas/A"}
            components:
              examples: {Two: {value: 2}}
              schemas: {A: {type: string}}
            """
        )
    )
    assert sorted(map(str, subjects(model, Reference))) == ["#/components/examples/Two", "#/components/schemas/A"]
    assert any("$ref" in schema.properties for schema in subjects(model, Schema))
