"""What the comparison says of two schemas is true of payloads, as an independent validator judges them."""

from __future__ import annotations

import pytest
from contract_schemas import candidates, closed, differences, documents, leaves, pairs, payloads, valid
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from archcheck.surfaces.contract.changes import Limit

quietly = settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)
sides = st.sampled_from(["request", "response"])


@quietly
@given(pairs(), sides, st.data())
def test_what_is_compatible_accepts_all_that_was_valid(pair, side, data):
    before, after = pair
    found, coverage = differences(documents(before, side), documents(after, side))
    if found or coverage.undecided:
        return
    sent, held = (before, after) if side == "request" else (after, before)
    for payload in data.draw(st.lists(payloads(sent, sent), min_size=5, max_size=10)):
        if valid(sent, payload) and valid(closed(sent), payload):
            assert valid(held, payload), (side, before, after, payload)


@quietly
@given(leaves(), leaves(), sides)
def test_what_is_breaking_has_a_payload_that_proves_it(before, after, side):
    found, _ = differences(documents(before, side), documents(after, side))
    sure = [one for one in found if isinstance(one, Limit) and one.sure]
    sent, held = (before, after) if side == "request" else (after, before)
    values = candidates(before, after)
    assume(any(valid(sent, value) for value in values))
    proven = any(valid(sent, value) and not valid(held, value) for value in values)
    assert proven or not sure, (side, before, after, sure)


@quietly
@given(leaves(), leaves(), sides)
def test_simple_schemas_are_always_decided(before, after, side):
    """Where a payload is refused that was valid, something is said of it; a doubt is for what is not simple."""
    found, coverage = differences(documents(before, side), documents(after, side))
    sent, held = (before, after) if side == "request" else (after, before)
    refused = any(valid(sent, value) and not valid(held, value) for value in candidates(before, after))
    assert found or coverage.undecided or not refused, (side, before, after)
    assert not coverage.undecided or any("enum" in schema for schema in (before, after))


@quietly
@given(pairs(), sides)
def test_nothing_changes_between_a_document_and_itself(pair, side):
    document = documents(pair[0], side)
    assert differences(document, document)[0] == []


@quietly
@given(pairs(), sides)
def test_the_version_of_the_specification_changes_nothing(pair, side):
    before, after = pair
    newer = differences(documents(before, side), documents(after, side))
    older = differences(documents(dated(before), side, "3.0.3"), documents(after, side))
    assert sorted(map(told, newer[0])) == sorted(map(told, older[0])), (before, after)


def told(change):
    return type(change).__name__, getattr(change, "of", ""), change.name, change.sure


def dated(schema):
    """The schema in the words of 3.0; lists of types become alternatives."""
    if isinstance(schema, list):
        return [dated(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: dated(value) for key, value in schema.items()}
    if isinstance(schema.get("const"), str):
        schema["enum"] = [schema.pop("const")]
    types = schema.get("type")
    if isinstance(types, list) and len(types) == 2 and types[1] == "null":
        schema |= {"type": types[0], "nullable": True}
    for end in ("Minimum", "Maximum"):
        bound = schema.pop(f"exclusive{end}", None)
        if isinstance(bound, int):
            word, tighter = end.lower(), max if end == "Minimum" else min
            if word not in schema or tighter(schema[word], bound) == bound:
                schema |= {word: bound, f"exclusive{end}": True}
    return schema


@pytest.mark.parametrize("side", ["request", "response"])
def test_a_circle_is_compared_once_and_told_once(side):
    def tree(kind):
        return {
            "type": "object",
            "properties": {"size": {"type": kind}, "next": {"$ref": "#/components/schemas/Thing"}},
        }

    found, _ = differences(documents(tree("integer"), side), documents(tree("string"), side))
    assert [(one.of, one.name, one.side) for one in found] == [("type", "Thing.size", side)]
