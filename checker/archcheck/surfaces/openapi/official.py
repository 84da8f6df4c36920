"""The official schemas of the specification, for whole documents and for the objects of each kind.

They come with openapi-spec-validator, whose code stays unloaded: its semantic checks are done by rules. Operation ids
and path parameters by those about operations, repeated parameters by `duplicate-parameter`, undefined required
properties by `required-property-undefined`, defaults by `default-violates-schema`, references by `unresolved-ref`.

Three things are changed on the way. A `$ref` may stand wherever an object may, for tools resolve it there and what it
names is checked on its own. The schemas of 2.0 and 3.0 are lifted from draft 4 to draft 7, which knows `if`. And the
schema objects of 3.1 and later, which the official schema leaves open, are held to JSON Schema and to the few keywords
that OpenAPI adds to it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from archcheck.resources import resource
from archcheck.surfaces.openapi.grammar import Kind

if TYPE_CHECKING:
    from jsonschema_rs import Validator

_Tree: TypeAlias = "bool | int | float | str | list[_Tree] | dict[str, _Tree] | None"

_OLD: Final[Mapping[Kind, str]] = {
    "path": "pathItem",
    "statuses": "responses",
    "security": "securityDefinitions/additionalProperties",
    **{kind: kind for kind in ("operation", "parameter", "response", "header", "schema")},
}
_THREE: Final[Mapping[Kind, str]] = {
    "path": "PathItem",
    "operation": "Operation",
    "parameter": "Parameter",
    "response": "Response",
    "header": "Header",
    "schema": "Schema",
    "statuses": "Responses",
    "body": "RequestBody",
    "media": "MediaType",
    "example": "Example",
    "link": "Link",
    "callback": "Callback",
    "encoding": "Encoding",
    "security": "SecurityScheme",
    "server": "Server",
    "components": "Components",
}
_MODERN: Final[Mapping[Kind, str]] = {
    **{
        kind: kind for kind in ("operation", "parameter", "response", "header", "schema", "example", "link", "encoding")
    },
    "path": "path-item",
    "statuses": "responses",
    "body": "request-body",
    "media": "media-type",
    "callback": "callbacks",
    "security": "security-scheme",
    "server": "server",
    "components": "components",
}
_NAMES: Final = {"2.0": _OLD, "3.0": _THREE, "3.1": _MODERN, "3.2": _MODERN}
_REFERENCES: Final = frozenset({"jsonReference", "Reference", "reference"})
_MAPPINGS: Final = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependentSchemas"})
_REFERRING: Final[_Tree] = {"type": "object", "required": ["$ref"], "properties": {"$ref": {"type": "string"}}}
# What OpenAPI adds to JSON Schema, from section 4.8.24 of the specification of 3.1.
_ADDED: Final[_Tree] = {
    "type": ["object", "boolean"],
    "$dynamicAnchor": "meta",
    "allOf": [{"$ref": "https://json-schema.org/draft/2020-12/schema"}],
    "properties": {
        "discriminator": {
            "type": "object",
            "required": ["propertyName"],
            "properties": {
                "propertyName": {"type": "string"},
                "mapping": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
        "xml": {"type": "object"},
        "externalDocs": {"$ref": "#/$defs/external-documentation"},
    },
}


@cache
def validator(version: str, kind: Kind) -> Validator | None:
    """The validator for objects of a kind, `api` for a whole document; None where there is no such kind."""
    import jsonschema_rs

    uri = f"urn:openapi:{version}"
    kept = kind.partition(":")[0] in ("map", "list")
    inner = kind.rpartition(":")[2]
    name = _NAMES[version].get(inner)
    if kind != "api" and name is None:
        return None
    group = "definitions" if version in ("2.0", "3.0") else "$defs"
    first, slash, rest = (name or "").partition("/")
    if slash and "else" in schema_of(version)[group][first]:  # type: ignore[call-overload,index,operator]
        name = f"{first}/else/{rest}"
    schema: dict[str, _Tree] = {"$ref": uri if kind == "api" else f"{uri}#/{group}/{name}"}
    if kept:
        held = "additionalProperties" if kind.startswith("map:") else "items"
        schema = {"type": "object" if kind.startswith("map:") else "array", held: schema}
    made = jsonschema_rs.Draft7Validator if version in ("2.0", "3.0") else jsonschema_rs.Draft202012Validator
    registry = _registry(version)
    return made(schema, registry=registry, validate_formats=False, offline=True)  # type: ignore[arg-type]


@cache
def schema_of(version: str) -> dict[str, _Tree]:
    """The official schema of a version, as it is used here."""
    data = resource("openapi_spec_validator", "resources", "schemas", f"v{version}", "schema.json")
    raw: dict[str, _Tree] = json.loads(data)
    if version in ("2.0", "3.0"):
        raw = {"$schema": "http://json-schema.org/draft-07/schema#", **_without(_inlined(raw), "$schema", "id")}
        group = "definitions"
    else:
        raw = _without(raw, "$id")
        group = "$defs"
    definitions = raw[group]
    assert isinstance(definitions, dict)
    raw = {key: _adapted(value) for key, value in raw.items() if key != group}
    lifted = {
        name: value if name in _REFERENCES or name == "Draft4" else _open(name, _adapted(value))
        for name, value in definitions.items()
    }
    if group == "$defs":
        lifted["schema"] = _ADDED
    opened = [name for name, value in lifted.items() if isinstance(value, dict) and "else" in value and "then" in value]
    text = json.dumps({**raw, group: lifted})
    for name in opened:
        # Some schemas point into others.
        text = text.replace(f'"#/{group}/{name}/', f'"#/{group}/{name}/else/')
    whole: dict[str, _Tree] = json.loads(text)
    return whole


@cache
def _registry(version: str) -> object:
    import jsonschema_rs

    def refused(uri: str) -> object:
        raise LookupError(uri)

    return jsonschema_rs.Registry([(f"urn:openapi:{version}", schema_of(version))], retriever=refused)  # type: ignore[arg-type]


def _inlined(raw: dict[str, _Tree]) -> dict[str, _Tree]:
    """A schema with the parts of draft 4 that it borrows: they would not be at hand otherwise."""
    address = "http://json-schema.org/draft-04/schema#"
    data = resource("jsonschema_specifications", "schemas", "draft4", "metaschema.json")
    borrowed = json.loads(data.replace(b'"#/definitions/', b'"#/definitions/Draft4/definitions/'))
    text = json.dumps(raw).replace(f'"$ref": "{address}/', '"$ref": "#/definitions/Draft4/')
    whole: dict[str, _Tree] = json.loads(text)
    definitions = whole["definitions"]
    assert isinstance(definitions, dict)
    definitions["Draft4"] = {key: _mapped(borrowed[key]) for key in ("properties", "definitions")}
    return whole


def _open(name: str, schema: _Tree) -> _Tree:
    """A definition that also takes a reference in its place, where it is one of an object."""
    if name in ("specification-extensions", "examples", "ExampleXORExamples", "SchemaXORContent"):
        return schema
    if not isinstance(schema, dict) or not ("properties" in schema or "oneOf" in schema or name.lower() == "responses"):
        return schema
    return {"if": _REFERRING, "then": True, "else": schema}


def _adapted(node: _Tree) -> _Tree:
    if isinstance(node, list):
        return [_adapted(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _mapped(value) if key in _MAPPINGS else _adapted(value) for key, value in node.items()}
    if made.get("exclusiveMinimum") is True:
        # Draft 4 says "above zero" with a flag.
        made["exclusiveMinimum"] = made.pop("minimum")
    choices = made.get("oneOf")
    if isinstance(choices, list):
        others = [choice for choice in choices if not _refers(choice)]
        if len(others) < len(choices):
            del made["oneOf"]
            made = {**made, **({"anyOf": others} if len(others) > 1 else {"allOf": others})}
        elif all(isinstance(choice, dict) and "$ref" in choice for choice in choices):
            # A reference in place of the object fits each of them.
            made["anyOf"] = made.pop("oneOf")
    extra, properties = made.get("additionalProperties"), made.get("properties", {})
    if isinstance(extra, dict) and extra and isinstance(properties, dict):
        # A whole mapping may stand elsewhere, too.
        made["properties"] = {"$ref": {"if": {"type": "string"}, "then": True, "else": extra}, **properties}
    return made


def _mapped(node: _Tree) -> _Tree:
    """A mapping of names to schemas: a name may be spelt like a keyword."""
    return {name: _adapted(value) for name, value in node.items()} if isinstance(node, dict) else node


def _refers(choice: _Tree) -> bool:
    return isinstance(choice, dict) and str(choice.get("$ref")).rpartition("/")[2] in _REFERENCES


def _without(tree: dict[str, _Tree], *keys: str) -> dict[str, _Tree]:
    return {key: value for key, value in tree.items() if key not in keys}
