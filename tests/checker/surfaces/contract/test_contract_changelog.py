"""Changes as sentences for those who use the API."""

from __future__ import annotations

import pytest

from archcheck.source import Location
from archcheck.surfaces.contract import Addition, Change, Demand, Limit, Release, Removal, Shift, Sunset
from archcheck.surfaces.contract.changelog import told

AT = Location("api.yaml", 1)
GET = ("GET /orders",)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (Addition(base=AT, revision=AT, name="/carts", of="path"), "The path /carts is new."),
        (
            Addition(base=AT, revision=AT, name="a", of="response property", operations=GET, also=("b", "c")),
            "The response properties 'a' and 2 more in GET /orders are new.",
        ),
        (
            Addition(base=AT, revision=AT, name="limit", of="deprecation", operations=GET),
            "limit is deprecated now in GET /orders.",
        ),
        (
            Removal(
                base=AT, revision=AT, name="GET /orders", of="operation", operations=GET, deprecated=True, overdue=True
            ),
            "The operation GET /orders is gone; it was deprecated before.",
        ),
        (
            Removal(base=AT, revision=AT, name="GET /a", of="operation", deprecated=True, sunset="2030-01-01"),
            "The operation GET /a is gone before its sunset of 2030-01-01.",
        ),
        (
            Removal(base=AT, revision=AT, name="page", of="parameter", operations=GET, refused=True),
            "The parameter 'page' in GET /orders is gone and will be refused.",
        ),
        (
            Demand(base=AT, revision=AT, name="a", of="property", also=("b",), operations=GET, added=True),
            "The properties 'a' and 1 more in GET /orders are new and required.",
        ),
        (
            Demand(base=AT, revision=AT, name="the request body", of="body", operations=GET),
            "The request body is required now in GET /orders.",
        ),
        (
            Limit(base=AT, revision=AT, name="Order", side="request", of="null", operations=GET),
            "In requests, 'Order' in GET /orders may no longer be null.",
        ),
        (
            Limit(base=AT, revision=AT, name="n", side="parameter", of="bounds", before="maximum 9", after="maximum 5"),
            "The parameter 'n' went from maximum 9 to maximum 5.",
        ),
        (
            Shift(base=AT, revision=AT, name="Order.id", of="optional response"),
            "In answers, 'Order.id' may be missing now.",
        ),
        (Sunset(base=AT, revision=AT, name="GET /a", after="2030-01-01"), "GET /a leaves on 2030-01-01."),
        (Release(base=AT, revision=AT, name="Shop"), ""),
    ],
)
def test_a_change_is_one_sentence(change: Change, sentence: str) -> None:
    assert told(change) == sentence
