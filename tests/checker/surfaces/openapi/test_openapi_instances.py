"""Values held against schemas as documents of each version mean them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_documents import document, read, text_of

from archcheck.surfaces.openapi.instances import Instances
from archcheck.surfaces.openapi.patterns import fault
from archcheck.surfaces.openapi.place import Place

SHARED = """
    openapi: 3.0.3
    paths: {}
    components:
      schemas:
        Node: {type: object, properties: {next: {$ref: '#/components/schemas/Node'}}}
        Id: {type: string, readOnly: true}
    """


def problem(schema: str, value: object, direction: str = "") -> str:
    top = text_of(SHARED) + f"    A: {schema}\n"
    model = read(top)
    place: Place | None = model.api.place
    for key in ("components", "schemas", "A"):
        place = place.child(key) if place is not None else None
    assert place is not None
    mismatch = model.api.instances.mismatch(place, value, direction)  # type: ignore[arg-type]
    return mismatch.problem if mismatch is not None else ""


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("{type: string, nullable: true, enum: [a]}", None),
        ("{nullable: true, allOf: [{type: string}]}", None),
        ("{type: integer}", 5.0),
        ("{oneOf: [{type: integer}, {type: number}]}", 5),
        ("{type: object}", {"unknown": 1}),
        ("{$ref: '#/components/schemas/Node'}", {"next": {"next": {"next": {}}}}),
        ("{$ref: 'gone.yaml'}", 5),
        ("{type: nothing, minimum: '5', required: true, enum: [], items: 5, properties: []}", 5),
        ("{type: string, pattern: '('}", "a"),
        ("{type: string, format: uri}", "/relative"),
        ("{type: string, format: colour}", "blue"),
        ("{type: number, exclusiveMinimum: false, minimum: 5}", 5),
    ],
)
def test_what_fits(schema: str, value: object):
    assert problem(schema, value) == ""


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ("{type: string}", None, "it is null, and a string is expected"),
        ("{type: number, exclusiveMinimum: true, minimum: 5}", 5, "it is 5, below 5"),
        ("{properties: {a: {type: integer}}}", {"a": "b"}, "'a' is the string 'b', and an integer is expected"),
        ("{$ref: '#/components/schemas/Node'}", {"next": {"next": 5}},
         "'next.next' is the number 5, and an object is expected"),
        ("{additionalProperties: false, properties: {a: {}}}", {"b": 1}, "it has 'b', which is not allowed"),
        ("{type: string, enum: [small, large]}", "smal", "it is 'smal', and the nearest value is 'small'"),
        ("{type: string, format: date}", "12.4.", "it is '12.4.', which is no date"),
        ("{type: string, nullable: true}", 5, "it is the number 5, and a string is expected"),
        ("{type: array, items: {type: string}, minItems: 1}", [], "it is empty"),
    ],
)  # fmt: skip
def test_what_does_not_fit(schema: str, value: object, said: str):
    assert problem(schema, value) == said


def test_what_the_other_direction_carries_is_not_demanded():
    schema = "{required: [id, pin], properties: {id: {$ref: '#/components/schemas/Id'}, pin: {writeOnly: true}}}"
    assert problem(schema, {"pin": 1}, "in") == ""
    assert problem(schema, {"id": "x"}, "out") == ""
    assert problem(schema, {}, "") == ""
    assert problem(schema, {"pin": 1}, "out") == "it lacks 'id'"
    assert problem(schema, {"id": "x"}, "in") == "it lacks 'pin'"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "items", "properties", "allOf", "oneOf", "$ref", "enum", "pattern", "required", "not",
                         "minimum", "format", "additionalProperties", "nullable", "const", "multipleOf", "a"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON, JSON)
def test_no_schema_and_no_value_makes_it_fail(schema, value):
    model = read("openapi: 3.0.3\npaths: {}\n")
    place = Place(document("a: 1").top.document, None, "", schema)
    Instances(model.api.references).mismatch(place, value)


# Each was given to V8, which follows the standard: what is refused here, it refuses with and without `u`.
REFUSED = [
    "(",
    ")",
    "[a",
    "a**",
    "*a",
    "a{2,1}",
    "[b-a]",
    "(?<n",
    "(?>a)",
    "(?P<n>a)",
    "(?i)a",
    "a\\",
    "(?<=a)*",
    "^*",
    "$?",
]
TAKEN = [
    "",
    "a{",
    "a{x}",
    "]",
    "}",
    "a{1,}",
    "(?<n>a)\\k<n>",
    "(?=a)*",
    "[]",
    "[^]",
    "[a-]",
    "[\\w-a]",
    "\\A\\Z",
    "\\p{L}",
]


@pytest.mark.parametrize("pattern", REFUSED)
def test_patterns_that_are_refused(pattern: str):
    assert fault(pattern)


@pytest.mark.parametrize("pattern", TAKEN)
def test_patterns_that_may_be_taken(pattern: str):
    assert fault(pattern) == ""


@given(st.text(alphabet="ab01()[]{}?*+|^$\\\\.,-<>:=!iPdwkup", max_size=12))
def test_no_pattern_makes_it_fail(pattern: str):
    assert isinstance(fault(pattern), str)
