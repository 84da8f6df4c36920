"""Nothing that stands in a document makes the comparison fail, and what it says stays well formed."""

from __future__ import annotations

import copy
from pathlib import Path

import yaml
from contract_schemas import model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcheck.examples import expected
from archcheck.surface import Coverage
from archcheck.surfaces.contract.changes import Release
from archcheck.surfaces.contract.compat import compare

SHOP = Path(__file__).resolve().parents[4] / "fixtures" / "diff" / "shop"
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 2.5, 10**30, "", "x", "#/components/schemas/Order", "2026-13-45", "\ud800"]),
    st.sampled_from([[], {}, [None], ["x", 1], {"$ref": 3}, {"$ref": "#/nowhere"}, {"$ref": "#/components/schemas"}]),
    st.sampled_from([{"type": []}, {"type": "file"}, {"allOf": 3}, {"oneOf": []}, {"enum": []}, {"items": [1]}, False]),
)


def release(folder: str) -> dict:
    text = (SHOP / folder / "openapi.yaml").read_text("utf-8")
    return yaml.safe_load(str(expected({"openapi.yaml": text}).files["openapi.yaml"]))


BEFORE, AFTER = release("before"), release("after")


def places(node: object):
    """Every container with every key that it holds."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield node, key
            yield from places(value)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield node, index
            yield from places(value)


@st.composite
def spoilt(draw, document: dict) -> dict:
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(0, 4))):
        holder, key = draw(st.sampled_from([(one, key) for one, key in places(document) if key != "openapi"]))
        if draw(st.booleans()) or isinstance(holder, list):
            holder[key] = copy.deepcopy(draw(JUNK))
        else:
            value = holder.pop(key)
            holder[draw(st.sampled_from(["x", *map(str, holder)]))] = value
    return document


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(spoilt(BEFORE), spoilt(AFTER))
def test_any_two_documents_can_be_compared(before, after):
    coverage = Coverage()
    changes = list(compare(model(before, "before.json"), model(after, "after.json"), coverage=coverage))
    assert isinstance(changes[-1], Release)
    for change in changes:
        assert (change.base.path, change.revision.path) == ("before.json", "after.json")
        assert change.base.line >= 1
        assert change.revision.line >= 1
        assert str(change)
        assert len(set(change.operations)) == len(change.operations)
