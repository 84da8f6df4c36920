"""Required properties that no part of a schema defines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from archcheck.surfaces.openapi.place import Place
from archcheck.surfaces.openapi.references import References

_BRANCHES: Final = ("allOf", "anyOf", "oneOf")
_CONDITIONS: Final = ("then", "else", "if")
_OPEN: Final = ("patternProperties", "unevaluatedProperties", "propertyNames", "$dynamicRef", "dependentSchemas")
_DEMANDING: Final = frozenset({"required", *_BRANCHES, *_CONDITIONS})
_MOST: Final = 200


def undefined(references: References, place: Place) -> Iterator[tuple[Place, str]]:
    """The names that a schema requires in its own words and defines nowhere, with the places of its `required`.

    Own words are those of the object and of what is written inline in its branches. A member of a branch is judged with
    the whole, for its siblings may define what it requires; so is a schema that defines nothing, which is made to be
    added to others; and one that takes properties of any name says nothing.
    """
    if type(place.node) is not dict or not place.node.keys() & _DEMANDING or _is_branch(place):
        return
    defined: set[str] = set()
    wanted: list[tuple[Place, str]] = []
    if not _gather(references, place, defined, wanted) or not defined:
        return
    seen: set[str] = set()
    for at, name in wanted:
        if name not in defined and name not in seen:
            seen.add(name)
            yield at, name


def _is_branch(place: Place) -> bool:
    """Whether it is part of another schema, which is judged as a whole."""
    parent = place.parent
    if parent is None:
        return False
    if place.key in (*_CONDITIONS, "not", "contains"):
        return True
    return isinstance(place.key, int) and parent.key in _BRANCHES


def _gather(references: References, start: Place, defined: set[str], wanted: list[tuple[Place, str]]) -> bool:
    """Collect names from all parts; False where some part is out of sight or takes any name."""
    waiting = [(start, True)]
    seen: set[int] = set()
    while waiting:
        place, own = waiting.pop()
        node = place.node
        if type(node) is not dict or id(node) in seen:
            continue
        seen.add(id(node))
        extra = node.get("additionalProperties")
        if len(seen) > _MOST or any(key in node for key in _OPEN) or (extra is not None and extra is not False):
            return False
        if place.reference is not None:
            target = references.follow(place).place
            if target is None:
                return False
            waiting.append((target, False))
        properties = place.child("properties")
        if properties is not None:
            if properties.reference is not None or type(properties.node) is not dict:
                return False
            defined.update(properties.node)
        required = place.child("required")
        if own and required is not None:
            wanted += [(child, child.node) for child in required.children() if isinstance(child.node, str)]
        for key in _BRANCHES:
            members = place.child(key)
            waiting += [(member, own) for member in members.children()] if members is not None else []
        waiting += [(part, own) for key in _CONDITIONS if (part := place.child(key)) is not None]
    return True
