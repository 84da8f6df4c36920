"""The mapping of a discriminator: which values stand for which alternative, before and after."""

from __future__ import annotations

from collections.abc import Iterator

from archcheck.surfaces.openapi.place import Json


def remapped(base: Json, revision: Json) -> Iterator[tuple[str, str]]:
    """The values that stand for another alternative now, and those that an alternative gave up for another value.

    A target that the other side has not may be the same schema under a new name, and nothing is said of it.
    """
    before, after = _mapping(base), _mapping(revision)
    if not before or not after:
        return
    ours, theirs = _alternatives(base, before), _alternatives(revision, after)
    for value, target in before.items():
        now = after.get(value)
        if now is not None and now != target and target in theirs and now in ours:
            yield f"'{value}' for {target}", f"'{value}' for {now}"
        elif now is None and value not in theirs:
            renamed = [each for each, other in after.items() if other == target and each not in before]
            if renamed and target in theirs:
                yield f"'{value}' for {target}", f"'{renamed[0]}' for {target}"


def _mapping(node: Json) -> dict[str, str]:
    """Values with the names of the schemas that they stand for."""
    discriminator = node.get("discriminator") if isinstance(node, dict) else None
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    if not isinstance(mapping, dict):
        return {}
    return {str(value): _named(target) for value, target in mapping.items() if isinstance(target, str)}


def _alternatives(node: Json, mapping: dict[str, str]) -> set[str]:
    """The names of the alternatives; those of the mapping where it lists none."""
    found: set[str] = set()
    for word in ("oneOf", "anyOf"):
        members = node.get(word) if isinstance(node, dict) else None
        for member in members if isinstance(members, list) else ():
            reference = member.get("$ref") if isinstance(member, dict) else None
            if isinstance(reference, str):
                found.add(_named(reference))
    return found or set(mapping.values())


def _named(reference: str) -> str:
    return reference.rpartition("/")[2]
