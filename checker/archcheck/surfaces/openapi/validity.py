"""Where a document breaks the specification: the official schemas' errors, each at its line and said once.

The root document is held to the schema of a whole document, and what it refers to in other files to that of its role.
Errors that rules of their own speak of are left to them: repeated values and parameters, keywords of later versions,
keys that are no status, path parameters that are not required.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Final

from archcheck.finding import Edit, Severity
from archcheck.source import Location
from archcheck.surfaces.openapi.api import Api
from archcheck.surfaces.openapi.grammar import METHODS, Kind, Role, Site
from archcheck.surfaces.openapi.graph import INCLUDED, Node
from archcheck.surfaces.openapi.mismatch import brief, meant, named, said, under
from archcheck.surfaces.openapi.newer import newer_form, newer_keys
from archcheck.surfaces.openapi.official import schema_of, validator
from archcheck.surfaces.openapi.place import Place
from archcheck.surfaces.openapi.view import View

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_SECTIONS: Final = frozenset(
    "paths webhooks components definitions parameters responses securityDefinitions servers".split()
)
_UNKNOWN_VERSION: Final = re.compile(r"[3-9]\.[0-9]+(\.[0-9]+)?(-.+)?")
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Breach(View, frozen=True, eq=False):
    """One place that breaks the specification. `problem` says how, `cure` what to do, `subject` names it for good."""

    problem: str = ""
    cure: str = ""
    subject: str = ""
    severity: Severity | None = None
    edits: tuple[Edit, ...] = ()
    first: Location | None = None
    """Where it stands, when it is of many places."""

    def __str__(self) -> str:
        return self.problem

    @property
    def at(self) -> Location:
        """The key it stands under, or the first of many places."""
        return self.first or self.place.at


def breaches(api: Api, node: Node, sites: Iterable[Site]) -> Iterator[Breach]:
    """What one piece breaks. Pieces of the root document are seen with it, where its schema reaches them."""
    for kind, place in _starts(api, node, sites):
        yield from _told(api, node, place, _faults(api, kind, place))
    if node.kind == "root":
        yield from _unquoted(api, node)


def _unquoted(api: Api, node: Node) -> Iterator[Breach]:
    """Status keys without quotes, file by file: most tools take them for text, some stop at a key that is a number."""
    files: dict[str, dict[Location, str]] = {}
    for spot in api.tally("bare statuses").spots:
        files.setdefault(spot.at.path, {})[spot.at] = spot.label
    for path, keys in files.items():
        first = next(iter(keys))
        others = len(keys) - 1
        if others:
            more = f"{others} others" if others > 1 else "one other"
            problem = f"The status {keys[first]} and {more} stand without quotes, which YAML reads as numbers"
        else:
            problem = f"The status {keys[first]} stands without quotes, which YAML reads as a number"
        edits = tuple(Edit(path, at.line, at.column, at.line, at.end_column, f'"{key}"') for at, key in keys.items())
        cure, subject = "quote them" if others else "quote it", f"{path} status keys"
        yield Breach(api, api.place, (), Role(), node, problem, cure, subject, "note", edits, first)


def _starts(api: Api, node: Node, sites: Iterable[Site]) -> Iterator[tuple[Kind, Place]]:
    if node.kind == "root":
        yield "api", api.place
        return
    seen: set[int] = set()
    for number, site in enumerate(sites):
        place: Place | None = site.place if number == 0 else None
        if site.refers and site.kind in INCLUDED:
            place = api.references.follow(site.place).place
        if place is not None and id(place.node) not in seen and not _seen_with_root(api, place):
            seen.add(id(place.node))
            yield site.kind, place


def _seen_with_root(api: Api, place: Place) -> bool:
    return place.path == api.file and bool(parts := place.parts) and parts[0] in _SECTIONS


def _faults(api: Api, kind: Kind, place: Place) -> list[ValidationError]:
    checker = validator(api.version, kind)
    if checker is None or checker.is_valid(place.node):
        return []
    return [inner for error in checker.iter_errors(place.node) for inner in meant(error)]


def _told(api: Api, node: Node, start: Place, faults: list[ValidationError]) -> Iterator[Breach]:
    typos: set[tuple[str, str]] = set()
    told: set[tuple[str, str]] = set()
    for error in sorted(faults, key=lambda error: error.kind.name == "required"):
        for place, problem, cure in _spoken(api, under(start, error.instance_path), error, typos):
            if (place.pointer, problem) not in told:
                told.add((place.pointer, problem))
                yield Breach(api, place, (), Role(), node, problem, cure, place.pointer)


def _spoken(
    api: Api, place: Place, error: ValidationError, typos: set[tuple[str, str]]
) -> Iterator[tuple[Place, str, str]]:
    """Where an error is, what it is and what to do; nothing where another rule says it, or where it is none."""
    name = error.kind.name
    if _left_to_others(api, place, name) or _optional_in_path(place, error) or _resolves(api, place, error):
        return
    whole = f"OpenAPI {api.version}"
    if name in ("additionalProperties", "unevaluatedProperties"):
        yield from _unexpected(api, place, error, typos)
    elif name == "required":
        wanted = str(error.kind.property)  # type: ignore[attr-defined]
        if (place.pointer, wanted) not in typos:
            yield place, f"{_capital(named(place))} lacks '{wanted}', which {whole} demands", "add it"
    elif name == "not":
        listed = error.kind.schema.get("required") if isinstance(error.kind.schema, dict) else None  # type: ignore[attr-defined]
        if isinstance(listed, list) and len(listed) > 1:
            both = " and ".join(brief(one) for one in listed)
            yield place, f"{_capital(named(place))} has {both}, which exclude each other", "keep one of them"
        else:
            yield place, f"{_capital(named(place))} is not what {whole} allows here", "correct it"
    elif name == "propertyNames":
        key = str(error.kind.error.instance)  # type: ignore[attr-defined]
        if key != "$ref":
            yield (
                place.child(key) or place,
                f"{brief(key)} is no name for a shared object",
                "use letters and digits, . - _",
            )
    elif name in ("oneOf", "anyOf"):
        yield place, f"{_capital(named(place))} is not what {whole} allows here", "correct it"
    else:
        yield place, f"{_capital(named(place))} {said(error)}", f"write it as {whole} has it"


def _left_to_others(api: Api, place: Place, name: str) -> bool:
    """Whether an error belongs to `duplicate-parameter`, `duplicate-enum-value` or `newer-keyword`."""
    if name == "uniqueItems":
        return place.key in ("parameters", "enum")
    if place.pointer in ("/openapi", "/swagger") and isinstance(place.node, str):
        # A version that nobody knows yet is no mistake.
        return name == "pattern" and bool(_UNKNOWN_VERSION.fullmatch(place.node)) and place.node[:3] > "3.2"
    around = place.parent.parent if isinstance(place.key, int) and place.parent is not None else place.parent
    return around is not None and newer_form(api.version, str(place.key), place.node, around.node)


def _optional_in_path(place: Place, error: ValidationError) -> bool:
    """Whether a path parameter is not required, of which `path-parameter-mismatch` speaks."""
    if error.kind.name == "required":
        return str(error.kind.property) == "required" and _in_path(place)  # type: ignore[attr-defined]
    return place.key == "required" and place.parent is not None and _in_path(place.parent) and place.node is False


def _in_path(place: Place) -> bool:
    return isinstance(place.node, dict) and place.node.get("in") == "path"


def _is_status(place: Place) -> bool:
    """Whether a key stands among those of an operation's responses, of which `unknown-status` speaks."""
    around = place.parent
    return (
        around is not None and around.key == "responses" and around.parent is not None and around.parent.key in METHODS
    )


def _resolves(api: Api, place: Place, error: ValidationError) -> bool:
    """Whether the object in the wrong place is a reference to what is expected there, such as prose in its own file.

    One to another file is taken for that: nothing else leads there, so a change of that file would not come back here.
    """
    if place.reference is None:
        return False
    if not place.reference.startswith("#"):
        return True
    target = api.references.follow(place).place
    return target is None or (error.kind.name == "type" and type(target.node) is not dict)


def _unexpected(
    api: Api, place: Place, error: ValidationError, typos: set[tuple[str, str]]
) -> Iterator[tuple[Place, str, str]]:
    path = tuple(error.schema_path[:-1])
    known = _keys(api.version, path)
    later = newer_keys(api.version)
    for key in error.kind.unexpected:  # type: ignore[attr-defined]
        child = place.child(str(key))
        if child is None or key in known or key in later or key == "$ref" or _is_status(child):
            # A known key is unexpected only because something under it is wrong, which is said there.
            continue
        near = get_close_matches(str(key), sorted(known), 1, 0.75)
        if near:
            typos.add((place.pointer, near[0]))
        if near and near[0] not in place.node:  # type: ignore[operator]
            cure = f"write '{near[0]}'"
        else:
            cure = "remove it" if _named_by_pattern(path) else f"remove it, or call it 'x-{key}'"
            cure = "put it under content" if "/" in str(key) and "content" in known else cure
        yield child, f"{brief(str(key))} is no key of {_kind(path)} in OpenAPI {api.version}", cure


def _named_by_pattern(path: tuple[str | int, ...]) -> bool:
    return len(path) > 1 and str(path[1]).lower() in ("responses", "paths", "components")


def _kind(path: tuple[str | int, ...]) -> str:
    """What an object is called, by the name of its definition."""
    if len(path) < 2 or path[0] not in ("definitions", "$defs"):
        return "the document" if not path else "this object"
    words = " ".join(word.lower() for word in _WORDS.findall(str(path[1])))
    if words.endswith("s"):
        return f"the {words}"
    return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"


@cache
def _keys(version: str, path: tuple[str | int, ...]) -> frozenset[str]:
    """The keys that a part of the official schema knows."""
    node: object = schema_of(version)
    for part in path:
        if isinstance(node, dict) and str(part) in node:
            node = node[str(part)]
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            node = node[part]
        else:
            return frozenset()
    return frozenset(_properties(version, node, 0))


def _properties(version: str, node: object, depth: int) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _properties(version, item, depth)
    if not isinstance(node, dict) or depth > 6:
        return
    yield from (key for key in node.get("properties", {}) if isinstance(node.get("properties"), dict))
    for pattern in node.get("patternProperties", {}):
        if isinstance(pattern, str) and (choice := re.fullmatch(r"\^\(([a-z|]+)\)\$", pattern)):
            yield from choice.group(1).split("|")
    for word in ("allOf", "anyOf", "oneOf", "then", "else", "if"):
        yield from _properties(version, node.get(word), depth + 1)
    for inner in (node.get("dependentSchemas") or {}).values():
        yield from _properties(version, inner, depth + 1)
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        yield from _keys(version, tuple(reference[2:].split("/")))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
