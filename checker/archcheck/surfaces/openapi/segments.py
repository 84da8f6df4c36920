"""The segments of a path, and what each one is: a version, a collection, one item of it, an action."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from archcheck.surfaces.openapi.verbs import ACTIONS
from archcheck.surfaces.openapi.words import is_plural, split

SegmentKind: TypeAlias = Literal[
    "version", "prefix", "parameter", "collection", "singleton", "action", "file", "mixed", "word"
]

_VERSION: Final = re.compile(
    r"v?\d+(?:[._-]\d+)*(?:-?(?:alpha|beta|rc)\d*)?|v\d+\w*|alpha|beta|latest|\d{4}-\d{2}(?:-\d{2})?", re.I
)
_BETWEEN: Final = re.compile(r"[^/]+")
_PARAMETER: Final = re.compile(r"\{[^{}]*\}|:[A-Za-z_]\w*")
_NAME: Final = re.compile(r"[{}:]|\.json$|\.xml$")
_FILE: Final = re.compile(
    r"\.(?:json|xml|ya?ml|csv|txt|html?|pdf|png|svg|ico|zip|gz|ics|rss|atom|js|css|wsdl|proto)$", re.I
)
_FORMAT: Final = re.compile(r"\.(?:json|xml|\{[^{}]*\}|\{\?[^{}]*\})$", re.I)
_PREFIXES: Final = frozenset(
    {"api", "apis", "rest", "public", "private", "internal", "external", "web", "graphql", "rpc", "ajax"}
)
_SINGLETONS: Final = frozenset(
    """
    about alive auth authorize config configuration count current dashboard default docs health healthz home
    index info latest live livez login logout me metadata metrics mine my next oauth oauth2 openapi ping
    preferences previous profile random ready readyz register root schema search self session settings signin
    signout signup sso statistics stats status summary swagger token total version whoami
    """.split()
)  # fmt: skip
# Singletons that belong to one thing and would be odd beside the items of a collection.
_ASPECTS: Final = frozenset(
    "profile settings preferences config configuration info about metadata stats statistics".split()
)


class PathSegment(Struct, frozen=True):
    """One segment of a path template, `start` characters into it.

    `prefix` is the template up to and with it, parameters written `{}`; `has_items` tells that some path goes on from
    there with a parameter, `items` how those parameters are called. `mixed` tells that fixed names stand there as well,
    so that it is perhaps no collection at all (`/registry/options`, `/registry/subscription`, `/registry/{name}`).
    """

    text: str
    start: int
    kind: SegmentKind
    words: tuple[str, ...]
    prefix: str
    items: tuple[str, ...] = ()
    mixed: bool = False

    @property
    def has_items(self) -> bool:
        """Whether some path goes on behind it with a parameter."""
        return bool(self.items)

    @property
    def plural(self) -> bool:
        """Whether its last word looks like many."""
        return bool(self.words) and is_plural(self.words[-1])

    @property
    def word(self) -> str:
        """Its last word in lower case: the noun, in `purchase-orders`."""
        return self.words[-1] if self.words else ""


class Templates:
    """All path templates of a document at once: what lies below what."""

    __slots__ = ("_first", "_fixed", "_items", "_segments")

    def __init__(self, paths: Iterable[str]) -> None:
        self._items: dict[str, dict[str, None]] = {}
        self._fixed: dict[str, set[str]] = {}
        self._first: dict[str, str] = {}
        self._segments: dict[str, tuple[PathSegment, ...]] = {}
        for path in paths:
            prefix = ""
            for _, text in parts(path):
                normal = shape(text)
                if normal == "{}":
                    self._items.setdefault(prefix, {})[_NAME.sub("", text)] = None
                elif normal.lower() in _ASPECTS or classify(normal, False, False) in ("word", "collection"):
                    self._fixed.setdefault(prefix, set()).add(normal)
                prefix += "/" + normal
                self._first.setdefault(prefix, path)
            if prefix and shape_of(self._first[prefix]) != prefix:
                self._first[prefix] = path

    def home(self, prefix: str) -> str:
        """The path that answers for a prefix: the one that is it, else the first that has it."""
        return self._first.get(prefix, "")

    def is_path(self, prefix: str) -> bool:
        """Whether a path ends there."""
        return bool(prefix) and shape_of(self.home(prefix)) == prefix

    def items(self, prefix: str) -> tuple[str, ...]:
        """The names of the parameters with which some path goes on behind the prefix."""
        return tuple(self._items.get(prefix, ()))

    def segments(self, path: str) -> tuple[PathSegment, ...]:
        """The segments of one of the paths."""
        if path not in self._segments:
            self._segments[path] = tuple(self._read(path))
        return self._segments[path]

    def _read(self, path: str) -> Iterator[PathSegment]:
        prefix = ""
        texts = parts(path)
        for number, (start, text) in enumerate(texts):
            prefix += "/" + shape(text)
            items = self.items(prefix)
            bare = _FORMAT.sub("", text)
            kind = classify(bare, bool(items), number == len(texts) - 1)
            yield PathSegment(
                text,
                start,
                kind,
                split(bare) if "{" not in bare else (),
                prefix,
                items,
                len(self._fixed.get(prefix, ())) > 1,
            )


def parts(path: str) -> list[tuple[int, str]]:
    """The texts between the slashes with their offsets, query and fragment left out."""
    bare = path.partition("?")[0].partition("#")[0]
    return [(match.start(), match.group()) for match in _BETWEEN.finditer(bare)]


def shape(text: str) -> str:
    """A segment as others are compared with it: a parameter without its name."""
    return "{}" if _PARAMETER.fullmatch(_FORMAT.sub("", text)) else _FORMAT.sub("", text)


def shape_of(path: str) -> str:
    """The template with its parameters unnamed."""
    return "".join("/" + shape(text) for _, text in parts(path))


def classify(text: str, items: bool, last: bool) -> SegmentKind:
    """What a segment is, from its text and from whether a parameter follows it somewhere."""
    words = split(text)
    if _PARAMETER.fullmatch(text):
        return "parameter"
    if "{" in text or "(" in text:
        return "mixed"
    if _VERSION.fullmatch(text):
        return "version"
    if ":" in text or (words and words[0] in ACTIONS and (len(words) > 1 or not items)):
        return "action"
    if text.startswith((".", "_", "@", "~")) or (last and _FILE.search(text)):
        return "file"
    if not words:
        return "word"
    if words[-1] in _PREFIXES and not items:
        return "prefix"
    if is_plural(words[-1]) and not (len(words) == 1 and words[0] in _SINGLETONS):
        return "collection"
    if words[-1] in _SINGLETONS and not items:
        return "singleton"
    return "collection" if items else "word"
