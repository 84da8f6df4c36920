"""The views speak one vocabulary for all versions, and say what rules ask."""

from __future__ import annotations

import pytest
from openapi_documents import HEAD, read, subjects, text_of

from archcheck.surfaces.openapi import (
    Api,
    Header,
    MediaType,
    Operation,
    Parameter,
    PathItem,
    RequestBody,
    Response,
    Schema,
    SecurityScheme,
    Segment,
    Server,
)

SWAGGER = """
    swagger: "2.0"
    info: {title: Shop, version: "1"}
    host: api.example.com
    basePath: /v1
    schemes: [https, http]
    consumes: [application/json]
    produces: [application/json]
    securityDefinitions:
      key: {type: apiKey, in: query, name: key}
      basic: {type: basic}
    security: [{key: []}]
    parameters:
      Body: {name: order, in: body, required: true, schema: {$ref: "#/definitions/Order"}}
      Limit: {name: limit, in: query, type: integer, maximum: 50}
    responses:
      Busy: {description: Busy., headers: {Retry-After: {type: integer}}}
    definitions:
      Order: {type: object, properties: {id: {type: string}}}
    paths:
      /orders:
        parameters: [{$ref: "#/parameters/Limit"}]
        get:
          responses:
            200: {description: Orders., schema: {type: array, items: {$ref: "#/definitions/Order"}}}
            429: {$ref: "#/responses/Busy"}
        post:
          security: []
          parameters:
            - {$ref: "#/parameters/Body"}
            - {name: file, in: formData, type: file}
          responses: {201: {description: Placed.}}
    """
OPENAPI = """
    openapi: 3.0.3
    info: {title: Shop, version: "1"}
    servers: [{url: https://api.example.com/v1}, {url: http://api.example.com/v1}]
    security: [{key: []}]
    paths:
      /orders:
        parameters: [{$ref: "#/components/parameters/Limit"}]
        get:
          responses:
            200:
              description: Orders.
              content:
                application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}
            429: {$ref: "#/components/responses/Busy"}
        post:
          security: []
          requestBody: {$ref: "#/components/requestBodies/Order"}
          responses: {201: {description: Placed.}}
    components:
      securitySchemes:
        key: {type: apiKey, in: query, name: key}
        basic: {type: http, scheme: Basic}
      parameters:
        Limit: {name: limit, in: query, schema: {type: integer, maximum: 50}}
      requestBodies:
        Order: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses:
        Busy: {description: Busy., headers: {Retry-After: {schema: {type: integer}}}}
      schemas:
        Order: {type: object, properties: {id: {type: string}}}
    """


@pytest.mark.parametrize(
    "text", [SWAGGER, OPENAPI, OPENAPI.replace("3.0.3", "3.1.1"), OPENAPI.replace("3.0.3", "3.2.0")]
)
def test_all_versions_say_the_same(text: str):
    model = read(text)
    (api,) = subjects(model, Api)
    assert [str(server) for server in api.servers] == ["https://api.example.com/v1", "http://api.example.com/v1"]
    assert [str(server) for server in subjects(model, Server)] == [str(server) for server in api.servers]
    schemes = {name: (scheme.type, scheme.scheme, scheme.location) for name, scheme in api.security_schemes.items()}
    assert schemes == {"key": ("apiKey", "", "query"), "basic": ("http", "basic", "")}
    assert [str(scheme) for scheme in subjects(model, SecurityScheme)] == ["key", "basic"]

    get, post = subjects(model, Operation)
    assert [str(get), str(post)] == ["GET /orders", "POST /orders"]
    assert [parameter.name for parameter in get.parameters] == ["limit"]
    assert get.parameters[0].schema.number("maximum") == 50
    assert get.answer.is_array
    assert str(get.answer.items) == "Order"
    assert (get.listed.property, get.listed.dated) == ("", False)
    assert get.pagination.style == "limit"
    assert get.request_body is None
    assert get.secured is True
    assert get.statuses == ("200", "429")
    assert list(get.responses["429"].headers) == ["retry-after"]
    assert get.responses["429"].headers["retry-after"].schema.types == {"integer"}
    assert list(get.responses["200"].content) == ["application/json"]

    assert post.request_body.required
    assert list(post.request_body.content["application/json"].schema.properties) == ["id"]
    assert post.secured is False
    assert post.answer is None

    busy = next(response for response in subjects(model, Response) if response.answers("429"))
    assert (busy.statuses, busy.reach, busy.operation) == (("429",), 1, None)
    order = next(schema for schema in subjects(model, Schema) if schema.name == "Order")
    assert (order.in_request, order.in_response, order.reach) == (True, True, 2)
    assert [str(body) for body in subjects(model, RequestBody)] == ["the request body"]
    assert "limit" in map(str, subjects(model, Parameter))
    assert [str(header) for header in subjects(model, Header)] == ["Retry-After"]


def test_webhooks_and_callbacks_turn_the_direction():
    model = read(
        HEAD
        + text_of(
            """
            paths:
              /orders:
                query:
                  requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Asked"}}}}
                  responses: {"200": {description: x}}
                  callbacks:
                    shipped:
                      "{$request.body#/url}":
                        post:
                          requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Told"}}}}
                          responses: {"200": {content: {a/json: {schema: {$ref: "#/components/schemas/Heard"}}}}}
                additionalOperations:
                  PURGE: {responses: {"204": {description: x}}}
            webhooks:
              paid:
                post:
                  requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Told"}}}}
                  responses: {"200": {description: x}}
            components:
              schemas: {Asked: {type: object}, Told: {type: object}, Heard: {type: object}, Alone: {type: object}}
            """
        )
    )
    directions = {
        schema.name: (schema.in_request, schema.in_response) for schema in subjects(model, Schema) if schema.name
    }
    assert directions == {
        "Asked": (True, False),
        "Told": (False, True),
        "Heard": (True, False),
        "Alone": (False, False),
    }
    served = {str(operation): operation.served for operation in subjects(model, Operation)}
    assert served == {
        "QUERY /orders": True,
        "POST {$request.body#/url}": False,
        "PURGE /orders": True,
        "POST paid": False,
    }
    assert [item.path for item in subjects(model, PathItem) if item.served] == ["/orders"]


def test_shared_objects_are_met_once_where_they_are_defined():
    model = read(
        {
            "openapi.yaml": HEAD
            + text_of(
                """
                paths:
                  /a: {get: {responses: {"200": {$ref: "#/components/responses/Page"}}}}
                  /b: {get: {responses: {"200": {$ref: "#/components/responses/Page"}}}}
                  /c: {get: {responses: {"200": {$ref: "parts.yaml#/Page/inner"}}}}
                components:
                  responses: {Page: {$ref: "parts.yaml#/Page"}}
                """
            ),
            "parts.yaml": """
                Page:
                  description: x
                  content:
                    application/json: {schema: {properties: {a: {type: string}, b: {$ref: "#/Inner/properties/c"}}}}
                Inner: {type: object, properties: {c: {type: integer}}}
                """,
        }
    )
    responses = subjects(model, Response)
    assert [(response.file, response.pointer, response.reach) for response in responses] == [("parts.yaml", "/Page", 2)]
    schemas = [(schema.pointer, schema.in_response) for schema in subjects(model, Schema)]
    assert len(schemas) == len(set(schemas))
    media = subjects(model, MediaType)
    assert [(str(one), one.json, one.in_response) for one in media] == [("application/json", True, True)]


def test_a_part_of_a_piece_is_not_met_twice():
    model = read(
        HEAD
        + text_of(
            """
            paths:
              /a:
                get:
                  responses:
                    "200":
                      content: {application/json: {schema: {$ref: "#/components/schemas/A/properties/b"}}}
            components:
              schemas:
                A: {type: object, properties: {b: {type: object, properties: {c: {type: string}}}}}
            """
        )
    )
    pointers = [schema.pointer for schema in subjects(model, Schema)]
    assert sorted(pointers) == [
        "/components/schemas/A",
        "/components/schemas/A/properties/b",
        "/components/schemas/A/properties/b/properties/c",
    ]


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/api/v1/users/{id}", ["prefix", "version", "collection", "parameter"]),
        ("/users/me", ["collection", "singleton"]),
        ("/orders/{id}/cancel", ["collection", "parameter", "action"]),
        ("/orders:batchGet", ["action"]),
        ("/2010-04-01/Accounts/{Sid}/Calls.json", ["version", "collection", "parameter", "collection"]),
        ("/.well-known/openid-configuration", ["file", "singleton"]),
        ("/reports/{id}.pdf", ["collection", "mixed"]),
        ("/login", ["action"]),
        ("/", []),
        ("no slash?x=1", ["word"]),
    ],
)
def test_segments_are_told_apart(path: str, kinds: list[str]):
    (item,) = subjects(read(HEAD + f'paths:\n  "{path}": {{get: {{}}}}\n'), PathItem)
    assert [segment.kind for segment in item.segments] == kinds


def test_a_segment_is_anchored_inside_its_path():
    segments = {
        str(segment): segment.at for segment in subjects(read(HEAD + 'paths:\n  "/v1/order/{id}": {}\n'), Segment)
    }
    assert (segments["order"].line, segments["order"].column, segments["order"].end_column) == (4, 8, 13)


def test_the_interface_tells_operations_and_schemas():
    from archcheck.surfaces.openapi.interface import decode

    model = read(SWAGGER)
    list(model.pieces())
    facts = decode(model.interface())
    assert (facts.file, facts.version, facts.servers[0]) == ("openapi.yaml", "2.0", "https://api.example.com/v1")
    assert [(one.method, one.path, one.statuses, one.secured, one.at.line) for one in facts.operations] == [
        ("GET", "/orders", ("200", "429"), True, 22),
        ("POST", "/orders", ("201",), False, 26),
    ]
    (order,) = facts.schemas
    assert (order.name, order.in_request, order.in_response, order.at.line) == ("Order", True, True, 18)
    assert [(one.name, one.types, one.required, one.nullable) for one in order.properties] == [
        ("id", ("string",), False, False)
    ]


def test_acceptances_hold_for_the_lines_of_their_object():
    model = read(
        {
            "openapi.yaml": HEAD
            + text_of(
                """
                x-archcheck-allow: {missing-retry-after: all of it}
                paths:
                  /orders:
                    get:
                      x-archcheck-allow:
                        unpaginated-list: ten at most
                        other-rule: 5
                      responses: {$ref: "responses.json"}
                  /users: {}
                """
            ),
            "responses.json": '{"200": {\n  "x-archcheck-allow": {"some-rule": "why"},\n  "description": "x"\n}}',
        }
    )
    list(model.pieces())
    assert [(allow.rules, allow.reason, allow.first, allow.last, allow.whole_file) for allow in model.allows()] == [
        (("missing-retry-after",), "all of it", 1, 11, True),
        (("unpaginated-list",), "ten at most", 6, 10, False),
        (("other-rule",), "", 6, 10, False),
        (("some-rule",), "why", 1, 4, False),
    ]
