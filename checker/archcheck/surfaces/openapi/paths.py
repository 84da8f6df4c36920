"""The paths of an API beside each other: how they are spelt, which of them end in a slash, which are the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from archcheck.source import Location
from archcheck.surfaces.openapi.segments import PathSegment
from archcheck.surfaces.openapi.verbs import Verb, verb_of

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.api import Api
    from archcheck.surfaces.openapi.census import Census

_LEAST: Final = 3
_FEW: Final = 5
_SPELT: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_CASINGS: Final[Mapping[str, re.Pattern[str]]] = {
    "kebab-case": re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+"),
    "snake_case": re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+"),
    "camelCase": re.compile(r"[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+"),
    "PascalCase": re.compile(r"(?:[A-Z]+[a-z][a-z0-9]*)+[A-Z]*"),
    "Train-Case": re.compile(r"[A-Z][a-z0-9]*(?:-[A-Z][a-z0-9]*)+"),
}
_STANDARD: Final = frozenset({".well-known", "scim"})
_PARAMETER: Final = re.compile(r"\{[^{}]*\}")
_FORMAT: Final = re.compile(r"\.(?:json|xml)$")
_CHANGING: Final = frozenset({"POST", "PUT", "PATCH"})
# Where a method says the same, a verb below an item is no action that would need a name.
_NEVER_ACTIONS: Final = frozenset("get fetch retrieve create delete destroy list".split())
_ALONE_NO_ACTIONS: Final = frozenset("update remove edit modify".split())


class Odd(Struct, frozen=True):
    """A segment or path that is not as the others: the text, where it stands, its style, that of the others."""

    text: str
    path: str
    at: Location
    style: str
    usual: str
    count: int = 1


class Twins(Struct, frozen=True):
    """Two paths that match the same requests."""

    first: str
    first_at: Location
    second: str
    second_at: Location


class Deed(Struct, frozen=True):
    """A segment that says what is done. `action` tells that it is done to something, as in `/orders/{id}/cancel`."""

    text: str
    path: str
    prefix: str
    at: Location
    verb: Verb
    action: bool


def segment_at(api: Api, path: str, segment: PathSegment) -> Location:
    """Where a segment stands in the key of its path."""
    place = api.keys[path]
    return place.document.within(place, segment.start, len(segment.text))


def casing(text: str) -> str:
    """The style in which a name is written; empty for one word in lower case, which fits most, and for no style."""
    return next((name for name, pattern in _CASINGS.items() if pattern.fullmatch(text)), "")


def odd_casings(api: Api, style: str) -> Iterator[Odd]:
    """The segments that are written in another style than most, each spelling once."""
    found: dict[str, list[tuple[str, PathSegment]]] = {}
    for path, segment in _fixed(api):
        text = _FORMAT.sub("", segment.text)
        if _SPELT.fullmatch(text) and not text.isupper():
            found.setdefault(text, []).append((path, segment))
    styles = {text: casing(text) for text in found}
    usual = style or _usual(styles.values())
    for text, places in found.items():
        if usual and styles[text] not in ("", usual):
            path, segment = places[0]
            yield Odd(text, path, segment_at(api, path, segment), styles[text], usual, len(places))


def _usual(styles: Iterable[str]) -> str:
    counts = Counter(style for style in styles if style)
    common = counts.most_common(1)
    return common[0][0] if common and common[0][1] >= _LEAST and 2 * common[0][1] > counts.total() else ""


def _fixed(api: Api) -> Iterator[tuple[str, PathSegment]]:
    """Every fixed segment once, in the path that shows it first; what a standard puts there is not ours to name."""
    for path in api.paths:
        for segment in api.templates.segments(path):
            if segment.text in _STANDARD:
                break
            if api.templates.home(segment.prefix) == path and segment.kind not in ("parameter", "version", "file"):
                yield path, segment


def odd_slashes(api: Api) -> Iterator[Odd]:
    """The paths that end in a slash where most do not, or the reverse."""
    endings = {path: "a slash" if path.endswith("/") else "no slash" for path in api.paths if len(path) > 1}
    usual = _usual(endings.values())
    for path, ending in endings.items() if usual else ():
        if ending != usual:
            yield Odd(path, path, api.keys[path].at, ending, usual)


def twins(api: Api) -> Iterator[Twins]:
    """The paths that differ in the names of their parameters alone."""
    known: dict[str, str] = {}
    for path in api.paths:
        shape = _PARAMETER.sub("{}", path)
        # A parameter with a pattern (`{id:[0-9]+}`) matches less than all, and a query is no part of a path.
        if "?" in path or "#" in path or any(":" in name for name in _PARAMETER.findall(path)):
            continue
        first = known.setdefault(shape, path)
        if first != path:
            yield Twins(first, api.keys[first].at, path, api.keys[path].at)


def deeds(census: Census) -> Iterator[Deed]:
    """The segments that lead with a verb, each once."""
    api = census.api
    methods: dict[str, set[str]] = {}
    for operation in census.operations:
        segments = api.templates.segments(operation.path)
        for segment in segments[-1:]:
            methods.setdefault(segment.prefix, set()).add(operation.method)
    for path, segment in _fixed(api):
        _, colon, after = segment.text.rpartition(":")
        verb = None if "{" in after or "(" in after else verb_of(after)
        if verb is None:
            continue
        used = methods.get(segment.prefix, set())
        action = bool(colon) or _is_action(verb, used, _below_item(api, path, segment))
        yield Deed(segment.text, path, segment.prefix, segment_at(api, path, segment), verb, action)


def _below_item(api: Api, path: str, segment: PathSegment) -> bool:
    segments = api.templates.segments(path)
    place = segments.index(segment)
    return place > 0 and segments[place - 1].kind in ("parameter", "singleton", "mixed")


def _is_action(verb: Verb, methods: set[str], below_item: bool) -> bool:
    """Whether a verb names what a method cannot say: done to one item, or one word for what is done to them all."""
    if verb.many:
        return True
    if not methods & _CHANGING or verb.word in _NEVER_ACTIONS or (verb.word in _ALONE_NO_ACTIONS and not verb.rest):
        return False
    return below_item or not verb.rest


def ruled_by_verbs(found: Iterable[Deed], paths: int) -> bool:
    """Whether most paths say what is done: then it is the style of the API and not a slip."""
    named = {deed.path for deed in found}
    return len(named) >= _FEW and 2 * len(named) > paths
