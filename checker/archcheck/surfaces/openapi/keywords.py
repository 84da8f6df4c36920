"""What the keywords of one schema object say of each other, without a look at any other object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from archcheck.surfaces.openapi.mismatch import brief
from archcheck.surfaces.openapi.place import Json

_PAIRS: Final = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
)
BOUNDS: Final = frozenset(
    {"maximum", "exclusiveMaximum", "exclusiveMinimum", "minimum"} | {key for pair in _PAIRS for key in pair}
)
"""The keywords that limit a value."""
_NUMBERS: Final = frozenset({"number", "integer"})
_ANY: Final = frozenset({"string", "number", "integer", "boolean", "object", "array", "null", "file"})
_APPLIES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("minLength", "maxLength", "pattern"), frozenset({"string", "file"})),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), _NUMBERS),
    **dict.fromkeys(
        ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
        frozenset({"array"}),
    ),
    **dict.fromkeys(
        ("properties", "patternProperties", "additionalProperties", "minProperties", "maxProperties", "propertyNames"),
        frozenset({"object"}),
    ),
}
# Formats of the OpenAPI registry that only one kind of value can have. int64 in a string is how JSON keeps it exact.
_FORMATS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        "date date-time time duration email hostname ipv4 ipv6 uri uri-reference uuid byte binary password".split(),
        frozenset({"string", "file"}),
    ),
    **dict.fromkeys(("int32", "int64"), frozenset({"integer", "number", "string"})),
    **dict.fromkeys(("float", "double"), frozenset({"number", "string"})),
}


_SAYING: Final = _APPLIES.keys() | {"format"}


def types_of(node: Mapping[str, Json]) -> frozenset[str]:
    """The types a schema object names itself; empty where it names none, or one that does not exist."""
    named = node.get("type")
    names = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    known = frozenset(name for name in names if isinstance(name, str))
    return known if known <= _ANY else frozenset()


def contradictions(node: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Pairs of limits that no value can keep: the key to point at, and what is wrong."""
    for low, high in _PAIRS:
        least, most = node.get(low), node.get(high)
        if type(least) is int and type(most) is int and least > most:
            yield low, f"{low} {least} is above {high} {most}"
    least, least_key, open_low = _limit(node, "minimum", "exclusiveMinimum", max)
    most, most_key, open_high = _limit(node, "maximum", "exclusiveMaximum", min)
    if least is None or most is None:
        return
    if least > most:
        yield least_key, f"{least_key} {_number(least)} is above {most_key} {_number(most)}"
    elif least == most and (open_low or open_high):
        yield least_key, f"{least_key} and {most_key} are both {_number(least)}, and one of them excludes it"


def _limit(node: Mapping[str, Json], key: str, exclusive: str, tighter: object) -> tuple[float | None, str, bool]:
    inclusive, other = node.get(key), node.get(exclusive)
    bounds: list[tuple[float, str, bool]] = []
    if type(inclusive) in (int, float):
        bounds.append((inclusive, key, other is True))  # type: ignore[arg-type]
    if type(other) in (int, float):
        bounds.append((other, exclusive, True))  # type: ignore[arg-type]
    if not bounds:
        return None, key, False
    return (max if tighter is max else min)(bounds, key=lambda bound: bound[0])


def _number(value: float) -> str:
    return json.dumps(value)


def unlike(node: Mapping[str, Json]) -> Iterator[tuple[str, int, Json]]:
    """The values of `enum` and `const` that do not fit the type: the key, the index, the value."""
    types = types_of(node)
    if not types or "file" in types:
        return
    if node.get("nullable") is True or node.get("x-nullable") is True:
        types |= {"null"}
    values = node.get("enum")
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if not fits(value, types):
            yield "enum", index, value
    if "const" in node and not fits(node["const"], types):
        yield "const", 0, node["const"]


def fits(value: Json, types: frozenset[str]) -> bool:
    """Whether a value is of one of these types."""
    match value:
        case bool():
            return "boolean" in types
        case None:
            return "null" in types
        case int():
            return not _NUMBERS.isdisjoint(types)
        case float():
            return "number" in types or ("integer" in types and value.is_integer())
        case str():
            return "string" in types
        case list():
            return "array" in types
    return "object" in types


def repeated(node: Mapping[str, Json]) -> Iterator[tuple[int, Json]]:
    """The later ones of equal values in `enum`, with their index."""
    values = node.get("enum")
    seen: set[str] = set()
    for index, value in enumerate(values if isinstance(values, list) else ()):
        written = json.dumps(value, sort_keys=True, default=str)
        if written in seen:
            yield index, value
        seen.add(written)


def idle(node: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Keywords that cannot apply to the types the object names: the key, and what is wrong."""
    said = node.keys() & _SAYING
    types = types_of(node) - {"null"} if said else frozenset()
    if not types:
        return
    named = " or ".join(sorted(types))
    for key in sorted(said - {"format"}):
        applies = _APPLIES[key]
        if applies.isdisjoint(types):
            wanted = "numbers" if applies == _NUMBERS else " or ".join(f"{one}s" for one in sorted(applies - {"file"}))
            yield key, f"'{key}' is for {wanted}, and the type is {named}"
    form = node.get("format")
    if isinstance(form, str) and form in _FORMATS and _FORMATS[form].isdisjoint(types):
        yield "format", f"the format {brief(form)} does not fit the type {named}"
