"""Who may call an operation, where it is served, which version it is, and which secrets stand in its address."""

from __future__ import annotations

import pytest
from openapi_documents import HEAD, read, subjects, text_of

from archcheck.surfaces.openapi import Census, Credential, Server
from archcheck.surfaces.openapi.servers import exposed
from archcheck.surfaces.openapi.versions import in_address, in_prose, is_version


def census(text: str) -> Census:
    (found,) = subjects(read(text), Census)
    return found


@pytest.mark.parametrize(
    ("call", "nature"),
    [
        ("POST /api/v1/login", "auth"),
        ("POST /users/signUp", "auth"),
        ("POST /auth/token", "auth"),
        ("POST /users/{id}/password-reset", "auth"),
        ("POST /mfa/verify-code", "auth"),
        ("GET /login", "public"),
        ("POST /self-service/fed-cm/token", "public"),
        ("POST /logout", "public"),
        ("POST /oauth/authorize", "public"),
        ("GET /.well-known/jwks.json", "public"),
        ("GET /health/ready", "public"),
        ("GET /api/v1/status", "public"),
        ("POST /webhooks/payments", "public"),
        ("POST /webhooks/{id}/test", ""),
        ("GET /orders/{id}/status", ""),
        ("POST /devices/register", ""),
        ("POST /projects/{id}/tokens", ""),
        ("GET /api/public/orders", ""),
        ("GET /tokens", ""),
        ("POST /", ""),
        ("GET /", "public"),
    ],
)
def test_what_an_operation_is_about_stands_in_its_path(call: str, nature: str):
    method, path = call.split()
    (operation,) = census(HEAD + f'paths:\n  "{path}": {{{method.lower()}: {{responses: {{}}}}}}\n').operations
    assert operation.nature == nature


@pytest.mark.parametrize(
    ("top", "own", "demand"),
    [
        ("", "", "none"),
        ("security: []", "", "waived"),
        ("security: [{key: []}]", "", "required"),
        ("security: [{key: []}]", "security: [], ", "waived"),
        ("security: [{key: []}]", "security: [{key: []}, {}], ", "optional"),
        ("", "security: [{key: []}], ", "required"),
        ("", "security: {key: []}, ", "none"),
    ],
)
def test_a_demand_is_an_operations_own_or_that_of_the_document(top: str, own: str, demand: str):
    (operation,) = census(HEAD + f"{top}\npaths:\n  /a: {{get: {{{own}responses: {{}}}}}}\n").operations
    assert operation.demand == demand


def test_schemes_that_nobody_can_read_are_not_undefined():
    text = HEAD + "security: [{key: []}]\npaths: {}\ncomponents: {$ref: 'https://example.com/all.yaml'}\n"
    assert census(text).undefined_schemes == ()
    assert [one.scheme for one in census(text.replace("$ref", "x-ref")).undefined_schemes] == ["key"]


def test_a_scope_is_defined_by_any_flow_of_its_scheme():
    text = HEAD + text_of(
        """
        security: [{login: [read, write, admin]}, {roles: [boss]}]
        paths:
          /a: {get: {security: [{login: [admin]}], responses: {}}}
        components:
          securitySchemes:
            login: {type: oauth2, flows: {implicit: {scopes: {read: x}}, password: {scopes: {write: x}}}}
            roles: {type: http, scheme: bearer}
        """
    )
    assert [(one.scheme, one.scopes, one.uses) for one in census(text).undefined_scopes] == [("login", ("admin",), 2)]


def test_what_was_not_read_leaves_the_whole_in_doubt():
    text = HEAD + "paths:\n  /a: {get: {responses: {}}}\n  /b: {$ref: 'https://example.com/b.yaml'}\n"
    assert not census(text).whole


@pytest.mark.parametrize(
    ("address", "open_to_all"),
    [
        ("http://api.shop.example", True),
        ("HTTP://api.shop.example:8080/v1", True),
        ("http://8.8.8.8", True),
        ("https://api.shop.example", False),
        ("http://localhost:8080", False),
        ("http://10.1.2.3/v1", False),
        ("http://172.20.0.1", False),
        ("http://orders:8080/v1", False),
        ("http://orders.shop.svc.cluster.local", False),
        ("http://{host}:{port}", False),
        ("//api.shop.example", False),
        ("/v1", False),
        ("", False),
    ],
)
def test_an_address_without_encryption_is_exposed_beyond_ones_own_network(address: str, open_to_all: bool):
    assert exposed(address) is open_to_all


def test_an_address_is_spelt_with_each_value_of_its_variables():
    text = HEAD + text_of(
        """
        servers:
          - url: "{scheme}://x.example/{version}"
            variables: {scheme: {default: https, enum: [https, http]}, version: {default: v1}, odd: 5}
        paths: {}
        """
    )
    (server,) = subjects(read(text), Server)
    assert server.addresses == ("https://x.example/v1", "http://x.example/v1")
    assert server.exposed == "http://x.example/v1"
    assert census(text).strategies == ("server",)


@pytest.mark.parametrize("text", ["v1", "V2", "2.0", "2010-04-01", "2024-05", "v1beta1", "api-v2", "{version}"])
def test_a_segment_may_name_a_version(text: str):
    assert is_version(text)


@pytest.mark.parametrize("text", ["0", "17", "orders", "video", "{id}", "vat", "v"])
def test_a_number_and_a_word_are_none(text: str):
    assert not is_version(text)


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("https://api.example.com/2", True),
        ("https://api.example.com/v70", True),
        ("https://v3.api.example.com", True),
        ("https://api-v2.example.com:8443", True),
        ("/api/v1", True),
        ("https://api.example.com", False),
        ("https://127.0.0.1/api", False),
    ],
)
def test_a_server_may_name_a_version(address: str, named: bool):
    assert in_address(address) is named


def test_a_description_may_tell_of_a_version_header():
    assert in_prose("Send the `X-Shop-Version` header with each call.")
    assert in_prose("Ask for application/vnd.shop.v3+json.")
    assert not in_prose("Version 2 of our shop is better than ever.")


def test_secrets_in_addresses_are_met_where_they_are_defined():
    text = HEAD + text_of(
        """
        paths:
          /bots/{api_key}:
            get:
              parameters:
                - {name: api_key, in: path, required: true, schema: {type: string}}
                - {name: page_token, in: query, schema: {type: string}}
                - {name: has_password, in: query, schema: {type: boolean}}
                - {$ref: "#/components/parameters/Secret"}
              responses: {}
        components:
          parameters: {Secret: {name: clientSecret, in: query, schema: {type: string}}}
          securitySchemes: {key: {type: apiKey, in: query, name: k}, head: {type: apiKey, in: header, name: k}}
        """
    )
    assert sorted((str(one), one.location, one.scheme) for one in subjects(read(text), Credential)) == [
        ("api_key", "path", False),
        ("clientSecret", "query", False),
        ("k", "query", True),
    ]
