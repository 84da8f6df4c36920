"""The whole of an API is read from what its pieces left, and says after an edit what a first reading says."""

from __future__ import annotations

import copy
from collections import Counter

from hypothesis import given, settings
from openapi_documents import HEAD, read, subjects, text_of
from test_openapi_any_document import EDIT, FILES, mutated, spots, written

from archcheck.source import Unread
from archcheck.surface import Memory
from archcheck.surfaces.openapi import Census
from archcheck.surfaces.openapi.census import most
from archcheck.surfaces.openapi.envelopes import alike, prevailing, shown, telling

SHOP = HEAD + text_of(
    """
    security: [{bearer: [orders:read]}]
    paths:
      /v1/orders:
        get:
          operationId: listOrders
          parameters:
            - {name: cursor, in: query, schema: {type: string}}
            - {$ref: "#/components/parameters/Limit"}
            - {name: created_after, in: query, schema: {type: string, format: date}}
          responses:
            "200":
              headers: {X-RateLimit-Remaining: {schema: {type: integer}}}
              content:
                application/json:
                  schema:
                    type: object
                    properties: {data: {type: array, items: {type: object}}, next_cursor: {type: string}}
            "429": {$ref: "#/components/responses/Problem"}
        post:
          security: []
          deprecated: true
          description: It goes away in March 2027.
          parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
          requestBody: {content: {application/json: {schema: {type: object}}}}
          responses:
            "201": {description: Created.}
            "400": {description: Wrong., content: {application/json: {schema: {type: object, properties: {error: {
              type: object, properties: {code: {type: string}}}}}}}}
            default: {$ref: "#/components/responses/Problem"}
          callbacks:
            paid:
              "{$request.body#/url}":
                post:
                  parameters: [{name: X-Signature, in: header, schema: {type: string}}]
                  responses: {"200": {description: Thanks.}}
      /v1/orders/{id}:
        get:
          security: [{bearer: []}, {}]
          responses: {"200": {description: One.}, "404": {$ref: "#/components/responses/Problem"}}
      /v1/auth/login:
        post:
          responses: {"200": {description: A token.}}
    webhooks:
      shipped:
        post: {responses: {"200": {description: Thanks.}}}
    components:
      parameters:
        Limit: {name: limit, in: query, schema: {anyOf: [{type: integer, maximum: 100}, {type: "null"}]}}
      responses:
        Problem:
          description: Something went wrong.
          content: {application/problem+json: {schema: {$ref: "#/components/schemas/Problem"}}}
      schemas:
        Problem: {type: object, properties: {title: {type: string}, status: {type: integer}}}
    """
)


def census(files, memory: Memory | None = None) -> Census:
    (found,) = subjects(read(files, memory=memory), Census)
    return found


def test_operations_leave_what_rules_of_the_whole_ask():
    whole = census(SHOP)
    orders, place, one, login = whole.operations
    assert (str(orders), orders.demand, orders.scoped, orders.lists, orders.pages) == (
        *("GET /v1/orders", "required", True, True, True),
    )
    assert (orders.styles, orders.onward, orders.bare, orders.quota, orders.versions) == (
        *(("cursor",), True, False, True, ("path",)),
    )
    assert (place.demand, place.creates, place.body, place.idempotent, place.deprecated) == (
        *("waived", True, True, True, "dated"),
    )
    assert (one.demand, one.nature, login.nature, login.demand) == ("optional", "", "auth", "required")
    assert [(str(sent), sent.signed) for sent in whole.messages] == [
        ("POST {$request.body#/url}", True),
        ("POST shipped", False),
    ]
    assert whole.whole
    assert whole.at.line == 4


def test_what_is_shared_is_told_once_with_its_uses():
    whole = census(SHOP)
    problem, inline = whole.errors
    assert (problem.owner, problem.shared, problem.statuses, problem.problem) == (
        *("The response 'Problem'", True, ("404", "429", "default"), True),
    )
    assert problem.uses == ("GET /v1/orders", "POST /v1/orders", "GET /v1/orders/{id}")
    assert (inline.owner, inline.shape) == ("POST /v1/orders", ("error.code:string", "error:object"))
    assert [(fact.name, fact.bounded, fact.uses) for fact in whole.page_sizes] == [("limit", True, 1)]
    assert [(fact.scheme, fact.scopes, fact.uses) for fact in whole.requirements] == [
        ("bearer", ("orders:read",), 1),
        ("bearer", (), 1),
    ]


CATALOGUES = """
    openapi: 3.1.0
    info: {title: Shop, version: "1"}
    paths:
      /sizes: {get: {responses: {"200": {$ref: "#/components/responses/Plain"}}}}
      /sizes/{slug}: {get: {responses: {"200": {description: One.}}}}
      /teams: {get: {responses: {"200": {$ref: "#/components/responses/Plain"}}}}
      /teams/{id}/members: {put: {responses: {"204": {description: Set.}}}}
      /orders: {get: {responses: {"200": {$ref: "#/components/responses/Dated"}}}}
      /models: {get: {summary: List available models, responses: {"200": {$ref: "#/components/responses/Dated"}}}}
      /invoices: {get: {responses: {"200": {$ref: "#/components/responses/Blank"}}}}
      /tags:
        get: {responses: {"200": {$ref: "#/components/responses/Plain"}}}
        post: {responses: {"201": {description: Made.}}}
      /runs/{id}/waits:
        get: {responses: {"200": {$ref: "#/components/responses/Dated"}}}
        post: {operationId: review-waits, responses: {"200": {description: Reviewed.}}}
    components:
      responses:
        Plain: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Plains"}}}}
        Dated: {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Dateds"}}}}
        Blank: {description: x, content: {application/json: {schema: {type: array, items: {type: object}}}}}
      schemas:
        Plains: {type: array, items: {$ref: "#/components/schemas/Plain"}}
        Dateds: {type: array, items: {$ref: "#/components/schemas/Dated"}}
        Plain: {type: object, properties: {slug: {type: string}}}
        Dated: {type: object, properties: {metadata: {type: object, properties: {createdAt: {type: string}}}}}
"""


def test_a_list_grows_where_somebody_adds_to_it_or_its_items_tell_when_they_came():
    whole = census(text_of(CATALOGUES))
    found = {operation.path: whole.grows(operation) for operation, _ in whole.unpaged((), ())}
    assert found == {
        "/sizes": False,
        "/teams": True,
        "/orders": True,
        "/models": False,
        "/invoices": True,
        "/tags": True,
        "/runs/{id}/waits": False,
    }


def test_a_habit_is_more_than_half_and_three_at_least():
    assert most("abc", "abcde")
    assert not most("ab", "abc")
    assert not most("abc", "abcdef")


def test_errors_are_alike_when_one_can_be_read_as_the_other():
    plain = ("code:integer", "message:string")
    assert alike(plain, ("code:integer", "details:array", "message:string"))
    assert alike(plain, ("errors:array", "message:string"))
    assert not alike(plain, ("error:string",))
    assert not alike(("error:string",), ("error.code:string", "error:object"))
    assert not alike(plain, (":string",))
    assert prevailing(Counter({plain: 2, (*plain, "details:array"): 2, ("error:string",): 3})) == plain
    assert prevailing(Counter({plain: 2})) == ()
    assert telling(plain)
    assert telling((":string",))
    assert not telling(("expires_at:string", "id:string", "state:string"))
    assert shown(plain) == "{code, message}"


@settings(max_examples=100, deadline=None)
@given(EDIT)
def test_the_whole_is_the_same_from_memory(edit):
    files, comments = copy.deepcopy(FILES), {}
    before = written(files, comments)
    first = read(before)
    list(first.pieces())
    path, spot, value, how = edit
    if how == "comment":
        comments[path] = 1
    elif how != "create":
        known = spots(files[path])
        mutated(files[path], known[spot % len(known)], value, how)
    else:
        files["gone.yaml"] = {"type": "object"}
    after = written(files, comments)
    changed = frozenset(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if first.coverage.gaps or not changed:
        return
    try:
        anew = census(after)
    except Unread:
        return
    again = census(after, Memory(first.memory(), changed))
    for fact in ("operations", "messages", "errors", "requirements", "page_sizes", "envelope", "paging", "whole"):
        assert getattr(again, fact) == getattr(anew, fact)
