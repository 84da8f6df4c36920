"""Random pairs of schemas, payloads for them, and what the comparison says of a pair."""

from __future__ import annotations

import copy
import json
from itertools import pairwise

from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from archcheck.files import MemoryFiles
from archcheck.surface import Coverage, Settings, Unit
from archcheck.surfaces.contract.changes import Addition, Change, Release
from archcheck.surfaces.contract.compat import compare
from archcheck.surfaces.openapi.surface import OpenApi

NAMES = ("a", "b", "c")
KINDS = st.sampled_from(["card", "cash", "note"])


def model(document: dict, path: str = "openapi.json"):
    files = MemoryFiles({path: json.dumps(document)})
    return OpenApi().read(Unit("openapi", path, (path,)), files, None, Settings())


def documents(schema: dict, side: str, version: str = "3.1.0") -> dict:
    content = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    operation = {"responses": {"200": {"description": "Done."}}}
    if side == "request":
        operation["requestBody"] = content
    else:
        operation["responses"]["200"] |= content
    return {
        "openapi": version,
        "info": {"title": "Shop", "version": "1"},
        "paths": {"/things": {"post": operation}},
        "components": {"schemas": {"Thing": schema}},
    }


def differences(before: dict, after: dict) -> tuple[list[Change], Coverage]:
    """What differs between two documents but for what is new, and how much was left undecided."""
    coverage = Coverage()
    changes = compare(model(before), model(after), coverage=coverage)
    return [one for one in changes if not isinstance(one, Addition | Release)], coverage


def valid(schema: dict, payload: object) -> bool:
    whole = {"$ref": "#/components/schemas/Thing", "components": {"schemas": {"Thing": schema}}}
    return Draft202012Validator(whole).is_valid(payload)


@st.composite
def leaves(draw) -> dict:
    kind = draw(st.sampled_from(["string", "integer", "number", "boolean", "enum", "types"]))
    if kind == "enum":
        values = draw(st.lists(st.sampled_from(["x", "y", "z", 1, 2.5, True, None]), min_size=1, max_size=4))
        return {"enum": [value for value, _ in {json.dumps(value): (value, 0) for value in values}.values()]}
    if kind == "types":
        types = ["string", "integer", "number", "boolean", "null"]
        return {"type": draw(st.lists(st.sampled_from(types), min_size=1, max_size=3, unique=True))}
    schema: dict = {"type": [kind, "null"] if draw(st.booleans()) and draw(st.booleans()) else kind}
    low, high = {"string": ("minLength", "maxLength"), "boolean": ("", "")}.get(kind, ("minimum", "maximum"))
    if low and draw(st.booleans()):
        schema[low] = draw(st.integers(0, 2))
    if low and draw(st.booleans()):
        schema[high] = draw(st.integers(4, 6))
    if kind in ("integer", "number") and draw(st.booleans()):
        schema |= draw(st.sampled_from([{"exclusiveMinimum": draw(st.integers(0, 2))}, {"exclusiveMaximum": 5}]))
    return schema


@st.composite
def schemas(draw, depth: int = 3) -> dict:
    kinds = ["leaf", "leaf", "object", "object", "array", "oneOf", "anyOf", "allOf", "tagged", "tree"]
    kind = draw(st.sampled_from(kinds)) if depth else "leaf"
    inner = schemas(depth - 1)
    if kind == "leaf":
        return draw(leaves())
    if kind == "array":
        schema: dict = {"type": "array", "items": draw(inner)}
        if draw(st.booleans()):
            schema["maxItems"] = draw(st.integers(1, 3))
        return schema
    if kind == "tree":
        child = {"$ref": "#/components/schemas/Thing"}
        return {"type": "object", "properties": {"a": draw(leaves()), "child": child}}
    if kind in ("oneOf", "anyOf", "allOf"):
        return {kind: draw(st.lists(inner, min_size=1, max_size=3))}
    if kind == "tagged":
        tags = draw(st.lists(KINDS, min_size=1, max_size=3, unique=True))
        return {"oneOf": [draw(objects(inner, {"kind": {"const": tag}}, ["kind"])) for tag in tags]}
    return draw(objects(inner, {}, []))


@st.composite
def objects(draw, inner, given: dict, required: list[str]) -> dict:
    names = draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))
    schema: dict = {"type": "object", "properties": given | {name: draw(inner) for name in names}}
    demanded = required + [name for name in names if draw(st.booleans())]
    if demanded:
        schema["required"] = demanded
    extra = draw(st.sampled_from(["none", "none", "closed", "map"]))
    if extra != "none":
        schema["additionalProperties"] = False if extra == "closed" else draw(leaves())
    return schema


@st.composite
def pairs(draw) -> tuple[dict, dict]:
    """Two schemas: mostly one and the same with something changed, now and then two that have nothing in common."""
    before = draw(schemas())
    if draw(st.integers(0, 4)) == 0:
        return before, draw(schemas())
    after = copy.deepcopy(before)
    for _ in range(draw(st.integers(1, 2))):
        after = draw(tweaked(after))
    return (before, after) if draw(st.booleans()) else (after, before)


@st.composite
def tweaked(draw, schema: dict) -> dict:
    """The schema with one change somewhere in it."""
    places = list(below(schema))
    if places and draw(st.booleans()):
        holder, key = draw(st.sampled_from(places))
        holder[key] = draw(tweaked(holder[key]))
        return schema
    change = draw(st.sampled_from(["drop", "leaf", "require", "add", "wrap", "type", "swap"]))
    words = sorted(schema.keys() - {"type", "properties", "items", "$ref"})
    if change == "drop" and words and len(words) < len(schema):
        schema.pop(draw(st.sampled_from(words)))
    elif change == "require" and schema.get("properties"):
        schema["required"] = draw(st.lists(st.sampled_from(sorted(schema["properties"])), unique=True, min_size=1))
    elif change == "add" and "properties" in schema:
        schema["properties"][draw(st.sampled_from(NAMES))] = draw(leaves())
    elif change == "wrap":
        return {draw(st.sampled_from(["oneOf", "anyOf", "allOf"])): [schema]}
    elif change == "type" and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    elif change == "swap" and (group := next((word for word in ("oneOf", "anyOf") if word in schema), "")):
        schema[group] = schema[group][1:] or [draw(leaves())]
    elif change == "leaf" and "$ref" not in schema and "properties" not in schema:
        return draw(leaves())
    return schema or {"type": "string"}


def below(schema: dict):
    """Where the schemas within a schema are held."""
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield schema, word
    for holder in (schema.get("properties", {}), *(schema.get(word, []) for word in ("oneOf", "anyOf", "allOf"))):
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        yield from ((holder, key) for key in keys if "$ref" not in holder[key])


@st.composite
def payloads(draw, schema: dict, root: dict, depth: int = 0):
    """A value that most likely fits a schema, made of what it declares and of nothing else."""
    if "$ref" in schema:
        return draw(payloads(root, root, depth + 1)) if depth < 4 else None
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return draw(payloads(draw(st.sampled_from(schema[word])), root, depth))
    if "allOf" in schema:
        parts = [draw(payloads(member, root, depth)) for member in schema["allOf"]]
        if all(isinstance(part, dict) for part in parts):
            return {key: value for part in parts for key, value in part.items()}
        return draw(st.sampled_from(parts))
    if "enum" in schema or "const" in schema:
        return draw(st.sampled_from(schema.get("enum", [schema.get("const")])))
    types = schema.get("type", "string")
    kind = draw(st.sampled_from(types if isinstance(types, list) else [types]))
    if kind == "object":
        wanted = set(schema.get("required", ()))
        names = [name for name in schema.get("properties", {}) if name in wanted or draw(st.booleans())]
        names = [name for name in names if name in wanted or depth < 4]
        found = {name: draw(payloads(schema["properties"][name], root, depth + 1)) for name in names}
        if isinstance(schema.get("additionalProperties"), dict) and draw(st.booleans()):
            found |= {"more": draw(payloads(schema["additionalProperties"], root, depth + 1))}
        return found
    if kind == "array":
        return draw(st.lists(payloads(schema.get("items", {"type": "string"}), root, depth + 1), max_size=3))
    return draw(scalars(kind))


def closed(schema, joined: bool = False):
    """The schema as clients read it, who send nothing that is not declared; parts of a whole cannot be closed alone."""
    if isinstance(schema, list):
        return [closed(one, joined) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value, joined or key == "allOf") for key, value in schema.items()}
    if schema.get("type") == "object" and "additionalProperties" not in schema and not joined:
        found["additionalProperties"] = False
    return found


def scalars(kind: str):
    return {
        "string": st.text("ab", max_size=8),
        "integer": st.integers(-1, 8),
        "number": st.one_of(st.integers(-1, 8), st.sampled_from([0.5, 2.5, 3.5, 5.5])),
        "boolean": st.booleans(),
        "null": st.none(),
    }[kind]


def candidates(*given: dict) -> list[object]:
    """Values that tell simple schemas apart: each listed one, and those about every bound."""
    found: list[object] = [None, True, False, "", 0.5, [], {}]
    for schema in given:
        found += schema.get("enum", [])
        sizes = sorted(value for value in schema.values() if type(value) is int)
        sizes += [(low + high) / 2 for low, high in pairwise(sizes)]
        for size in [*sizes, 0, 1]:
            found += [size - 1, size - 0.5, size, size + 0.5, size + 1]
            found += ["a" * length for length in (int(size) - 1, int(size), int(size) + 1)]
    return found
