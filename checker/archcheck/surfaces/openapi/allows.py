"""Acceptances that are data: `x-archcheck-allow: {rule-id: reason}` on an object holds for the object's lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from archcheck.surface import Allow
from archcheck.surfaces.openapi.documents import Document
from archcheck.surfaces.openapi.place import Place

KEY: Final = "x-archcheck-allow"


def accepted(document: Document) -> Iterator[Allow]:
    """The acceptances in one document, in document order; nothing is looked at where the key does not occur."""
    if KEY not in document.source.text:
        return
    stack = [document.top]
    seen: set[int] = set()
    while stack:
        place = stack.pop()
        if id(place.node) in seen:
            continue
        seen.add(id(place.node))
        if (given := place.child(KEY)) is not None:
            yield from _allows(place, given, document)
        stack.extend(reversed([child for child in place.children() if type(child.node) in (dict, list)]))


def _allows(owner: Place, given: Place, document: Document) -> Iterator[Allow]:
    first, last = document.extent(owner)
    for entry in given.children():
        reason = entry.node if isinstance(entry.node, str) else ""
        if isinstance(entry.key, str):
            yield Allow(entry.at, (entry.key,), reason.strip(), first, last, whole_file=owner.parent is None)
