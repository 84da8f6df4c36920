"""The grammar says what stands where in a document, so that a walk meets every object once and knows what it is.

Only where the grammar puts an object can a `$ref` be a reference: a property that is named `$ref`, an example that
shows one and a vendor extension are data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from archcheck.surfaces.openapi.place import Json, Place

Kind: TypeAlias = str
"""What an object is: `schema`, `response` ...; with `map:` or `list:` in front, a mapping or a list of such objects."""

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""The methods that a path item names by keys; `query` since 3.2."""

_SCHEMA: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"),
        "map:schema",
    ),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "list:schema"),
    **dict.fromkeys(
        (
            *("items", "additionalProperties", "additionalItems", "not", "if", "then", "else", "contains"),
            *("propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema"),
        ),
        "schema",
    ),
}
_DESCRIBED: Final[Mapping[str, Kind]] = {"schema": "schema", "content": "map:media", "examples": "map:example"}

GRAMMAR: Final[Mapping[Kind, Mapping[str, Kind]]] = {
    "path": {
        "parameters": "list:parameter",
        "servers": "list:server",
        **dict.fromkeys(METHODS, "operation"),
        "additionalOperations": "map:operation",
    },
    "operation": {
        "parameters": "list:parameter",
        "requestBody": "body",
        "responses": "statuses",
        "callbacks": "map:callback",
        "servers": "list:server",
    },
    "parameter": {**_DESCRIBED, "items": "schema"},
    "header": {**_DESCRIBED, "items": "schema"},
    "body": {"content": "map:media"},
    "response": {"headers": "map:header", "content": "map:media", "links": "map:link", "schema": "schema"},
    "media": {
        "schema": "schema",
        "itemSchema": "schema",
        "examples": "map:example",
        "encoding": "map:encoding",
        "itemEncoding": "encoding",
        "prefixEncoding": "list:encoding",
    },
    "encoding": {"headers": "map:header"},
    "link": {"server": "server"},
    "schema": _SCHEMA,
    "components": {
        "schemas": "map:schema",
        "responses": "map:response",
        "parameters": "map:parameter",
        "examples": "map:example",
        "requestBodies": "map:body",
        "headers": "map:header",
        "securitySchemes": "map:security",
        "links": "map:link",
        "callbacks": "map:callback",
        "pathItems": "map:path",
        "mediaTypes": "map:media",
    },
}

SECTIONS: Final[Mapping[str, Kind]] = {
    "definitions": "map:schema",
    "parameters": "map:parameter",
    "responses": "map:response",
    "securityDefinitions": "map:security",
}
"""The sections of shared objects at the top of a 2.0 document."""

_EXTENSIBLE: Final = frozenset({"map:path", "map:callback", "statuses", "callback"})
_CONTENTS: Final = frozenset({"response", "schema", "parameter", "header", "body", "media"})
_INNER: Final[Mapping[Kind, Kind]] = {"callback": "path", "statuses": "response"}


class Role(Struct, frozen=True):
    """How an object is used, seen from where its walk began.

    `turned` is true where the payload goes the other way (a response, seen from its operation). `status` is the key of
    the response it is, empty inside one and elsewhere, None while it is still that of the beginning. `path` and
    `operation` are the path item and the operation it lies in, where their names stand.
    """

    turned: bool = False
    status: str | None = None
    path: Place | None = None
    operation: Place | None = None


class Site(Struct, frozen=True):
    """An object met on a walk: what it is, where it is, how it is used there; `refers` when it is a reference."""

    kind: Kind
    place: Place
    role: Role
    refers: bool = False


def walk(kind: Kind, place: Place, role: Role, modern: bool, *, named: bool = False) -> Iterator[Site]:
    """Every object from a place on, in document order, references included and not followed.

    `modern` (3.1 and later) lets a schema say more beside its `$ref`; path items always may. `named` tells that the
    place stands for one that was met already under its name, and is not to be met again.
    """
    start = place if named else None
    stack: list[tuple[Kind, Place, Role]] = [(kind, place, role)]
    while stack:
        kind, place, role = stack.pop()
        node = place.node
        if type(node) is dict:
            refers = "$ref" in node and type(node["$ref"]) is str and kind != "components"
            if place is not start:
                if kind == "operation":
                    role = Role(role.turned, role.status, role.path, place)
                elif kind == "path":
                    role = Role(role.turned, role.status, place)
                yield Site(kind, place, role, refers)
            if not refers or kind == "path" or kind[:4] == "map:" or (modern and kind == "schema"):
                stack.extend(reversed(list(_below(kind, place, node, role))))
        elif type(node) is list and kind.startswith("list:"):
            inner = kind[5:]
            stack.extend((inner, child, role) for child in reversed(list(place.children())))
        elif kind == "schema" and type(node) is bool:
            yield Site(kind, place, role)


def _below(kind: Kind, place: Place, node: dict[str, Json], role: Role) -> Iterator[tuple[Kind, Place, Role]]:
    grammar = GRAMMAR.get(kind)
    if grammar is not None:
        for key, value in node.items():
            inner = grammar.get(key)
            if inner is not None and (type(value) is dict or type(value) is list or type(value) is bool):
                if inner == "schema" and type(value) is list:
                    inner = "list:schema"
                yield inner, Place(place.document, place, key, value), _role(kind, inner, role)
        return
    inner = _INNER.get(kind) or (kind[4:] if kind[:4] == "map:" else "")
    for key, value in node.items() if inner else ():
        if key[:2] == "x-" and kind in _EXTENSIBLE:
            continue
        under = Role(role.turned, key, role.path, role.operation) if kind == "statuses" else role
        yield inner, Place(place.document, place, key, value), under


def _role(outer: Kind, inner: Kind, role: Role) -> Role:
    """The role one step further down: responses and callbacks turn the direction, contents leave the status behind."""
    if outer == "operation":
        turned = role.turned ^ (inner in ("statuses", "map:callback"))
        return Role(turned, "", role.path, role.operation)
    if role.status != "" and outer in _CONTENTS:
        return Role(role.turned, "", role.path, role.operation)
    return role
