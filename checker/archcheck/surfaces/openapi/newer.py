"""Keywords by the version of the specification that brought them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from archcheck.surfaces.openapi.grammar import Kind
from archcheck.surfaces.openapi.place import Json

# From the specification's own texts, section 4 of each version; a kind lists the keys that later versions gave it.
_SINCE: Final[Mapping[Kind, Mapping[str, str]]] = {
    "api": {
        "3.0": "components servers",
        "3.1": "webhooks jsonSchemaDialect",
        "3.2": "$self",
    },
    "components": {"3.1": "pathItems", "3.2": "mediaTypes"},
    "path": {"3.0": "servers trace", "3.2": "query additionalOperations"},
    "operation": {"3.0": "requestBody callbacks servers"},
    "parameter": {"3.0": "content style explode allowReserved deprecated example examples"},
    "header": {"3.0": "schema content style explode example examples"},
    "response": {"3.0": "content links", "3.2": "summary"},
    "media": {"3.2": "itemSchema prefixEncoding itemEncoding"},
    "server": {"3.2": "name"},
    "example": {"3.2": "dataValue serializedValue"},
    "security": {"3.2": "oauth2MetadataUrl"},
    "schema": {
        "3.0": "oneOf anyOf not nullable writeOnly deprecated",
        "3.1": "const examples $defs if then else prefixItems contains minContains maxContains propertyNames "
        "patternProperties dependentSchemas dependentRequired unevaluatedItems unevaluatedProperties "
        "contentEncoding contentMediaType contentSchema $id $schema $anchor $dynamicRef $dynamicAnchor $comment",
    },
}


_FORMS: Final = ("type", "exclusiveMinimum", "exclusiveMaximum")


@cache
def newer_than(version: str) -> Mapping[Kind, Mapping[str, str]]:
    """The keys of each kind that came after a version, with the version they came with."""
    return {
        kind: {key: since for since, keys in versions.items() if since > version for key in keys.split()}
        for kind, versions in _SINCE.items()
    }


@cache
def newer_keys(version: str) -> frozenset[str]:
    """All keys that came after a version, whatever they are keys of."""
    return frozenset(key for keys in newer_than(version).values() for key in keys)


def newer(version: str, kind: Kind, node: Json) -> Iterator[tuple[str, str]]:
    """The keys of an object that its version does not know yet, with the version that brought them."""
    later = newer_than(version).get(kind)
    if not later or type(node) is not dict or (node.keys().isdisjoint(later) and node.keys().isdisjoint(_FORMS)):
        return
    for key in node.keys() & later.keys() if kind != "schema" or "$ref" not in node else ():
        yield key, later[key]
    if kind == "schema":
        for key in _FORMS:
            if newer_form(version, key, node.get(key), node):
                yield key, "3.1"


def newer_form(version: str, key: str, value: Json, around: Json) -> bool:
    """Whether a value has a form that 3.1 brought: several types, the type null, a limit that excludes itself."""
    if version not in ("2.0", "3.0") or type(around) is not dict:
        return False
    if key == "type":
        return value == "null" or (type(value) is list and all(type(one) is str for one in value))
    return key in ("exclusiveMinimum", "exclusiveMaximum") and type(value) in (int, float)
