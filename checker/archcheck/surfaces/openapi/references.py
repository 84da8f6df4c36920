"""References say what a `$ref` names, and why where it names nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote

from msgspec import Struct

from archcheck.source import Unread
from archcheck.surfaces.openapi.documents import Document, Documents, relative
from archcheck.surfaces.openapi.place import Place

Outcome: TypeAlias = Literal["found", "missing", "remote", "outside", "unread", "undecided", "circular"]

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_LONGEST_CHAIN: Final = 50


class Target(Struct, frozen=True):
    """Where a `$ref` leads.

    `place` is what it names, when it was found. `touched` are the files that decide the answer, absent ones included.
    `reason` completes "it cannot be followed:" where nothing was found; `nearest` is a name that was perhaps meant.
    """

    outcome: Outcome
    place: Place | None = None
    touched: tuple[str, ...] = ()
    reason: str = ""
    nearest: str = ""
    unread: Unread | None = None

    @property
    def plain(self) -> bool:
        """Whether the reference alone says which place it is: no name was looked up, nothing followed on the way."""
        return self.outcome == "found" and len(self.touched) == 1


class Followed(Struct, frozen=True):
    """What stands at the end of a chain of references: the last place, the references on the way, the last answer."""

    place: Place | None
    chain: tuple[Place, ...] = ()
    target: Target | None = None


class References:
    """Follows references between the documents of one unit. Each distinct reference of a file is resolved once."""

    __slots__ = ("_targets", "documents")

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self._targets: dict[tuple[str, str], Target] = {}

    def resolve(self, base: str, text: str) -> Target:
        """The target of a reference that stands in the file `base`."""
        key = (base, text)
        if key not in self._targets:
            # What is asked for again while it is being answered leads in a circle.
            self._targets[key] = Target("circular", reason="it leads back to itself")
            self._targets[key] = self._resolve(base, text)
        return self._targets[key]

    def follow(self, place: Place) -> Followed:
        """Go from reference to reference until something else stands there. Circles end with an empty place."""
        chain: list[Place] = []
        seen: set[tuple[str, str]] = set()
        target: Target | None = None
        while (text := place.reference) is not None:
            chain.append(place)
            key = (place.path, text)
            if key in seen or len(chain) > _LONGEST_CHAIN:
                return Followed(None, tuple(chain), Target("circular", reason="it leads back to itself"))
            seen.add(key)
            target = self.resolve(place.path, text)
            if target.place is None:
                return Followed(None, tuple(chain), target)
            place = target.place
        return Followed(place, tuple(chain), target)

    def _resolve(self, base: str, text: str) -> Target:
        uri, _, fragment = text.strip().partition("#")
        fragment = unquote(fragment)
        if not uri:
            return self._within(self.documents.open(base), fragment, (base,))
        if _SCHEME.match(uri):
            named = self.documents.open(base).anchored(text) or self.documents.open(base).anchored(uri)
            return Target("found", named, (base,)) if named else Target("remote", reason="it leads to the network")
        path = relative(base, unquote(uri.partition("?")[0]))
        if uri.startswith("/") or path == ".." or path.startswith("../"):
            return Target("outside", reason="it leads outside the project")
        if path != base and not self.documents.exists(path):
            return self._absent(base, uri, path)
        try:
            return self._within(self.documents.open(path), fragment, (path,))
        except Unread as unread:
            if self.documents.is_folder(path):
                return Target("missing", None, (base, path), f"{path} is a folder")
            return Target("unread", None, (path,), unread.reason, unread=unread)

    def _absent(self, base: str, uri: str, path: str) -> Target:
        document = self.documents.open(base)
        if (named := document.anchored(uri)) is not None:
            return Target("found", named, (base,))
        if document.identified:
            return Target("undecided", None, (base, path), "it is read against an $id")
        return Target("missing", None, (base, path), f"there is no file {path}")

    def _within(self, document: Document, fragment: str, touched: tuple[str, ...]) -> Target:
        if fragment and not fragment.startswith("/"):
            named = document.anchored(fragment)
            if named is not None:
                return Target("found", named, (*touched, document.path))
            return Target("missing", None, touched, f"nothing in {document.path} is named '{fragment}'")
        place = document.top
        parts = [part.replace("~1", "/").replace("~0", "~") for part in fragment.split("/")[1:]]
        for depth, part in enumerate(parts):
            step = _step(place, part)
            if step is None and place.reference is not None:
                # Strictly a pointer ends at a reference; every bundler goes on behind it.
                beyond = self.resolve(place.path, place.reference)
                touched += beyond.touched
                if beyond.place is not None:
                    place = self.follow(beyond.place).place or beyond.place
                    step = _step(place, part)
            if step is None:
                return self._short(document, place, parts, depth, touched)
            place = step
        return Target("found", place, touched)

    def _short(
        self, document: Document, place: Place, parts: list[str], depth: int, touched: tuple[str, ...]
    ) -> Target:
        if document.identified:
            return Target("undecided", None, touched, "it is read against an $id")
        names = [str(child.key) for child in place.children()]
        nearest = get_close_matches(parts[depth], names, 1)
        where = f"under {'/'.join(('#', *parts[:depth]))}" if depth else "at its top"
        reason = f"{document.path} has no '{parts[depth]}' {where}"
        return Target("missing", None, touched, reason, nearest[0] if nearest else "")


def _step(place: Place, part: str) -> Place | None:
    if type(place.node) is list:
        if part.isascii() and part.isdigit() and len(part) < 9 and int(part) < len(place.node):
            return Place(place.document, place, int(part), place.node[int(part)])
        return None
    return place.child(part)


def steps(pointer: str) -> Iterator[str]:
    """The unescaped parts of a JSON pointer."""
    for part in pointer.split("/")[1:]:
        yield part.replace("~1", "/").replace("~0", "~")


def locate(document: Document, pointer: str) -> Place | None:
    """The place a pointer names within one document, references not followed."""
    place: Place | None = document.top
    for part in steps(pointer):
        place = _step(place, part) if place is not None else None
    return place
