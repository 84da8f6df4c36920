"""Verbs are told from nouns, and most of an API from what departs from it."""

from __future__ import annotations

import pytest
from openapi_documents import HEAD, read, subjects, text_of

from archcheck.surface import Memory
from archcheck.surfaces.openapi import Api, Census, Operation, Response, Segment
from archcheck.surfaces.openapi.path_parameters import names_in
from archcheck.surfaces.openapi.paths import casing
from archcheck.surfaces.openapi.statuses import kind_of, succeeds
from archcheck.surfaces.openapi.verbs import changes, verb_of
from archcheck.surfaces.openapi.words import is_plural
from archcheck_rules.openapi.verb_in_path import Options, verb_in_path

FINE = '{responses: {"200": {description: Fine.}}}'


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *[("getOrders", "get"), ("create_order", "create"), ("delete", "delete"), ("UpdatePrice", "update")],
        *[("find-by-status", "find"), ("validate-name", "validate"), ("terminate_sessions", "terminate")],
        *[("listUsers", "list"), ("setParent", "set"), ("sendInvoice", "send"), ("bulk-delete", "delete")],
    ],
)
def test_verbs_lead_a_name(text, word):
    verb = verb_of(text)
    assert verb is not None
    assert verb.word == word
    assert verb.many == text.startswith("bulk")


@pytest.mark.parametrize(
    "text",
    [
        *["posts", "orders", "exports", "searches", "hooks", "options", "heads", "budgets", "typeahead", "targets"],
        *["post", "order", "search", "export", "list", "set", "check-runs", "add-ons", "AddOnResults", "remove-token"],
        *["login_links", "load_balancers", "test_clocks", "restart_count", "report_runs", "list-members", "updates"],
        *[
            "delete-markers",
            "update-requests",
            "settings",
            "addresses",
            "authorize",
            "revoke",
            "bulk",
            "",
            "42",
            "{id}",
        ],
    ],
)
def test_nouns_do_not(text):
    assert verb_of(text) is None


def test_an_id_says_that_it_changes_something_by_its_verb_and_its_object():
    assert changes("deleteOrder") == "delete"
    assert changes("orders.delete_one") == "delete"
    assert changes("actions/create-runner") == "create"
    assert [changes(name) for name in ("update", "getOrder", "orders_delete", "listUpdates", "")] == [""] * 5


def test_casing_is_told_by_several_words_and_by_capitals():
    assert [casing(text) for text in ("gift-cards", "gift_cards", "giftCards", "GiftCards", "Gift-Cards", "Gifts")] == [
        *("kebab-case", "snake_case", "camelCase", "PascalCase", "Train-Case", "PascalCase"),
    ]
    assert [casing(text) for text in ("gifts", "gift-Cards", "v1.2")] == ["", "", ""]


def test_names_stand_in_braces_with_what_tells_how_they_are_written():
    assert names_in("/a/{id}/{+path}/{key*}/{n:[0-9]+}/x{id}.{format}") == ("id", "path", "key", "n", "format")
    assert names_in("/a/{?page}/{}") == ()


def test_statuses_are_those_that_somebody_registered():
    assert [kind_of(key, "3.1") for key in ("200", "4XX", "default", "418", "499", "4xx", "600", "ok", "20")] == [
        *["registered"] * 4,
        "unregistered",
        *["none"] * 4,
    ]
    assert kind_of("4XX", "2.0") == "none"
    assert all(succeeds([key]) for key in ("204", "302", "2xx", "default", "101", "410"))
    assert not succeeds(["400", "5XX"])


def test_most_segments_set_the_style():
    paths = "".join(f"  /{name}: {{get: {FINE}}}\n" for name in ("a-b", "c-d", "e-f", "gH", "i", "J", "K_L"))
    (found,) = subjects(read(HEAD + "paths:\n" + paths), Api)
    assert [(odd.text, odd.style, odd.usual) for odd in found.odd_casings()] == [("gH", "camelCase", "kebab-case")]
    assert {odd.text for odd in found.odd_casings("snake_case")} == {"a-b", "c-d", "e-f", "gH"}


def test_deeds_are_known_by_methods_of_other_files_also_from_memory():
    paths = "paths:\n  /orders/{id}/hold: {$ref: one.yaml}\n  /orders/{id}/cancel: {$ref: one.yaml}\n"
    files = {"openapi.yaml": HEAD + paths, "one.yaml": "post: " + FINE}
    first = read(files)
    (census,) = subjects(first, Census)
    assert [(deed.text, deed.action) for deed in census.deeds] == [("cancel", True)]
    changed = {**files, "one.yaml": "get: " + FINE}
    (again,) = subjects(read(changed, memory=Memory(first.memory(), frozenset({"one.yaml"}))), Census)
    assert [(deed.text, deed.action) for deed in again.deeds] == [("cancel", False)]


def test_words_that_are_nouns_here_are_not_counted_as_the_style_of_the_api():
    names = ("createOrder", "createCart", "createPrice", "createLabel", "createUser", "parseTree")
    (census,) = subjects(read(HEAD + "paths:\n" + "".join(f"  /{name}: {{get: {FINE}}}\n" for name in names)), Census)
    assert len(list(verb_in_path(census, Options()))) == 1
    assert [finding.subject for finding in verb_in_path(census, Options(nouns=("create",)))] == ["/parseTree"]
    assert list(verb_in_path(census, Options(nouns=("create", "parse")))) == []


def test_debts_are_owed_by_what_an_operation_takes_and_demands():
    (census,) = subjects(
        read(
            HEAD
            + text_of(
                """
                security: [{oauth: [orders]}]
                components: {securitySchemes: {oauth: {type: oauth2}}}
                paths:
                  /orders:
                    post:
                      requestBody: {content: {application/json: {schema: {type: object}}}}
                      responses: {"201": {description: Created.}, "422": {description: Wrong.}}
                  /orders/{id}:
                    get:
                      security: []
                      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
                      responses: {"200": {description: One.}, 4xx: {description: Wrong.}}
                """
            )
        ),
        Census,
    )
    lacking = {debt.status: [str(operation) for operation in debt.lacking] for debt in census.debts}
    assert lacking == {
        "400 or 422": [],
        "401": ["POST /orders"],
        "403": ["POST /orders"],
        "404": [],
        "5XX or default": ["POST /orders", "GET /orders/{id}"],
        "409": ["POST /orders"],
    }
    assert [debt.status for debt in census.debts if debt.widespread] == ["5XX or default"]
    assert [debtor.name for debtor in census.debtors(census.debts)] == ["operations", "POST /orders"]


def test_what_was_made_can_be_reached():
    model = read(
        HEAD
        + text_of(
            """
            paths:
              /a: {post: {responses: {"201": {description: A., headers: {LOCATION: {schema: {type: string}}}}}}}
              /b: {post: {responses: {"201": {description: B., content: {application/json: {schema: {type: object,
                properties: {order: {type: object, properties: {order_id: {type: string}}}}}}}}}}}
              /c: {post: {responses: {"201": {description: C., content: {application/json: {schema: {type: object,
                properties: {message: {type: string}}}}}}}}}
              /d: {post: {responses: {"201": {description: D.}}}}
            """
        )
    )
    assert [response.identifies for response in subjects(model, Response)] == [True, True, False, False]


def test_levels_count_resources_and_no_tenants():
    model = read(HEAD + f"paths:\n  /api/v1/{{tenant}}/a/{{a}}/b/{{x}}/{{y}}/cars/{{z}}/doors: {{get: {FINE}}}\n")
    levels = {str(segment): segment.level for segment in subjects(model, Segment) if segment.opens_level}
    assert levels == {"a": 1, "b": 2, "cars": 3, "doors": 4}
    assert is_plural("doors")


def test_an_update_owes_a_body_unless_its_path_says_it_all():
    model = read(
        HEAD
        + "paths:\n"
        + "".join(
            f"  {path}: {{put: {FINE}, patch: {FINE}}}\n"
            for path in ("/orders/{id}", "/orders/{id}/lock", "/teams/{team}/members/{user}")
        )
    )
    assert [str(operation) for operation in subjects(model, Operation) if operation.lacks_body] == [
        *("PUT /orders/{id}", "PATCH /orders/{id}", "PATCH /teams/{team}/members/{user}"),
    ]
