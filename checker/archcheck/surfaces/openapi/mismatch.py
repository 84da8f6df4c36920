"""What is wrong with a value, in words: the errors of a validator, brought down to those that were meant."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from archcheck.surfaces.openapi.place import Json, Place

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_TELLING: Final = frozenset({"type", "in", "flow"})
"""Keys that say which of several kinds an object is."""
_LONGEST: Final = 40
_COUNTED: Final = {"Items": ("item", "items"), "Length": ("character", "characters"), "Properties": ("key", "keys")}
_NAMES: Final = {"object": "an object", "array": "an array", "integer": "an integer", "null": "null"}


def meant(error: ValidationError) -> Iterator[ValidationError]:
    """The errors below a choice that belong to the branch that was meant; the error itself where there is no choice."""
    branches: list[list[ValidationError]] = getattr(error.kind, "context", None) or []
    branches = [branch for branch in branches if branch]
    if error.kind.name not in ("anyOf", "oneOf") or not branches:
        yield error
        return
    branch = min(branches, key=lambda errors: _distance(error, errors))
    for inner in branch:
        yield from meant(inner)


def _distance(choice: ValidationError, errors: Sequence[ValidationError]) -> tuple[bool, bool, bool, int, int]:
    """How far a branch is from being meant: another kind of object, another type of value, how much is wrong."""
    own = list(choice.instance_path)
    other_kind = any(
        inner.kind.name in ("enum", "const")
        and list(inner.instance_path[:-1]) == own
        and inner.instance_path[-1] in _TELLING
        for inner in errors
        if inner.instance_path
    )
    other_type = any(inner.kind.name == "type" and list(inner.instance_path) == own for inner in errors)
    deepest = max(len(inner.instance_path) for inner in errors)
    null = other_type and any(getattr(inner.kind, "types", None) == ["null"] for inner in errors)
    return null, other_type, other_kind, len(errors), -deepest


def said(error: ValidationError) -> str:
    """What is wrong with a value, to be put after its name: `is a string, and an integer is expected`."""
    kind, value = error.kind, error.instance
    name = kind.name
    match name:
        case "type":
            return f"is {shown(value)}, and {_either([_NAMES.get(one, f'a {one}') for one in kind.types])} is expected"  # type: ignore[attr-defined]
        case "enum":
            return f"is {brief(value)}, and {_wanted(value, kind.options)}"  # type: ignore[attr-defined]
        case "const":
            return f"is {brief(value)}, and {brief(kind.expected_value)} is expected"  # type: ignore[attr-defined]
        case "required":
            return f"lacks '{kind.property}'"  # type: ignore[attr-defined]
        case "format":
            return f"is {brief(value)}, which is no {kind.format}"  # type: ignore[attr-defined]
        case "pattern":
            return f"is {brief(value)}, which does not match {kind.pattern}"  # type: ignore[attr-defined]
        case "additionalProperties" | "unevaluatedProperties":
            return f"has '{kind.unexpected[0]}', which is not allowed"  # type: ignore[attr-defined]
        case "minItems" | "minLength" | "minProperties" if kind.limit == 1:  # type: ignore[attr-defined]
            return "is empty"
        case "minItems" | "minLength" | "minProperties":
            return f"has fewer than {_many(kind.limit, name)}"  # type: ignore[attr-defined]
        case "maxItems" | "maxLength" | "maxProperties":
            return f"has more than {_many(kind.limit, name)}"  # type: ignore[attr-defined]
        case "minimum" | "exclusiveMinimum":
            return f"is {brief(value)}, below {kind.limit}"  # type: ignore[attr-defined]
        case "maximum" | "exclusiveMaximum":
            return f"is {brief(value)}, above {kind.limit}"  # type: ignore[attr-defined]
        case "uniqueItems":
            return "holds the same value twice"
        case "falseSchema":
            return "is not allowed here"
    return f"does not satisfy '{name}'"


def shown(value: object) -> str:
    """A value by its kind, and itself where it is short."""
    match value:
        case bool():
            return f"the boolean {json.dumps(value)}"
        case None:
            return "null"
        case int() | float():
            return f"the number {brief(value)}"
        case str():
            return f"the string {brief(value)}"
        case list():
            return "an array"
    return "an object"


def brief(value: object) -> str:
    """A value as it would be written, cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    return f"'{text}'" if isinstance(value, str) else text


def named(place: Place) -> str:
    """A value by where it stands."""
    if place.parent is None:
        return "the document"
    if isinstance(place.key, int):
        return f"item {place.key + 1} of {named(place.parent)}" if place.parent.parent is not None else "an item"
    return f"'{place.key}'"


def under(place: Place, path: Sequence[str | int]) -> Place:
    """The place that a path of keys and indexes leads to, or the last one on the way that is there."""
    for part in path:
        node: Json = place.node
        if type(node) is dict and str(part) in node:
            place = Place(place.document, place, str(part), node[str(part)])
        elif type(node) is list and isinstance(part, int) and part < len(node):
            place = Place(place.document, place, part, node[part])
        else:
            break
    return place


def _wanted(value: object, options: list[object]) -> str:
    """What an enum allows: the value that was likely meant, or those it begins with."""
    texts = [option for option in options if isinstance(option, str)]
    near = get_close_matches(value, texts, 1) if isinstance(value, str) else []
    if near:
        return f"the nearest value is '{near[0]}'"
    return f"{', '.join(map(brief, options[:8]))}{' ...' if len(options) > 8 else ''} is expected"


def _many(limit: int, keyword: str) -> str:
    return f"{limit} {_COUNTED[keyword[3:]][limit != 1]}"


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
