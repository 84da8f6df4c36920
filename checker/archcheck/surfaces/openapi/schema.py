"""A schema, read through its references and its `allOf`, whatever the version of the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from archcheck.surfaces.openapi.instances import Mismatch
from archcheck.surfaces.openapi.keywords import BOUNDS, contradictions, idle, repeated, unlike
from archcheck.surfaces.openapi.mismatch import brief
from archcheck.surfaces.openapi.patterns import fault
from archcheck.surfaces.openapi.place import Json, Place
from archcheck.surfaces.openapi.required import undefined
from archcheck.surfaces.openapi.view import View

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.api import Api

_MOST_PARTS = 64
_LIMITING = frozenset(
    "properties patternProperties additionalProperties required enum const items oneOf anyOf not if discriminator "
    "propertyNames minProperties maxProperties unevaluatedProperties dependentSchemas format $dynamicRef".split()
)
_INNER: Mapping[str | int | None, str] = {"items": "the items", "additionalProperties": "the values"}
_BRANCHES: Mapping[str | int | None, str] = {"allOf": "a part", "anyOf": "a branch", "oneOf": "a branch"}
_NAMING = ("properties", "patternProperties", "anyOf", "oneOf")
_OBJECT_WORDS = ("properties", "additionalProperties", "patternProperties", "required")


class Schema(View, frozen=True, eq=False):
    """What a value may be. Facts speak of the schema as a whole: its own words, those behind `$ref` and in `allOf`."""

    def __str__(self) -> str:
        return self.name or f"the schema at {self.pointer or self.file}"

    @property
    def label(self) -> str:
        """What it is called in a sentence: by its name, or by what it describes."""
        if self.name:
            return f"'{self.name}'"
        parent, key = self.place.parent, self.place.key
        if parent is None:
            return "this schema"
        whose = parent.node.get("name") if type(parent.node) is dict else None
        if key == "schema" and isinstance(whose, str):
            return f"the parameter '{whose}'"
        if isinstance(whose := self.value("name"), str) and self.has("in"):
            return f"the parameter '{whose}'"
        if key == "schema" and parent.parent is not None and parent.parent.key in ("content", "responses"):
            return "the body"
        if key in _INNER:
            return f"{_INNER[key]} of {Schema(self.api, parent).label}"
        if parent.key in _BRANCHES and parent.parent is not None:
            whole = Schema(self.api, parent.parent).label
            return f"{_BRANCHES[parent.key]} of {whole}" if whole != "this schema" else whole
        return "this schema"

    @staticmethod
    def of(api: Api, place: Place | None) -> Schema | None:
        """The schema at a place, a reference followed unless the version lets it say more than the reference does."""
        if place is None:
            return None
        followed = api.references.follow(place)
        if api.modern and place.reference is not None and len(place.node) > 1:  # type: ignore[arg-type]
            return Schema(api, place)
        if followed.place is None or type(followed.place.node) not in (dict, bool):
            return None
        return Schema(api, followed.place, followed.chain)

    @property
    def name(self) -> str:
        """Its name among the shared schemas, or its key where it stands; empty where it has none."""
        parent = self.place.parent
        if parent is None:
            return self.file.rpartition("/")[2].rpartition(".")[0]
        if parent.key in ("schemas", "definitions", "$defs", "properties") or parent.parent is None:
            return str(self.place.key)
        return ""

    @cached_property
    def parts(self) -> tuple[Place, ...]:
        """The places that together say what holds: this one, what it refers to, and every member of `allOf`."""
        return tuple(self._parts())

    def _parts(self) -> Iterator[Place]:
        seen: set[int] = set()
        waiting = [self.place]
        while waiting and len(seen) < _MOST_PARTS:
            place = waiting.pop(0)
            if type(place.node) is not dict or id(place.node) in seen:
                continue
            seen.add(id(place.node))
            yield place
            if place.reference is not None:
                target = self.api.references.resolve(place.path, place.reference)
                waiting += [target.place] if target.place is not None else []
            members = place.child("allOf")
            waiting += list(members.children()) if members is not None and type(members.node) is list else []

    @cached_property
    def types(self) -> frozenset[str]:
        """The types it allows by name; where none is named, what its other words imply; empty when it does not say."""
        for place in self.parts:
            named = place.node["type"] if type(place.node) is dict and "type" in place.node else None
            if isinstance(named, str):
                return frozenset({named})
            if isinstance(named, list):
                return frozenset(name for name in named if isinstance(name, str))
        if any(place.child(word) is not None for place in self.parts for word in _OBJECT_WORDS):
            return frozenset({"object"})
        if any(place.child("items") is not None for place in self.parts):
            return frozenset({"array"})
        return frozenset()

    @property
    def is_array(self) -> bool:
        """Whether its values are arrays, null aside."""
        return self.types - {"null"} == {"array"}

    @property
    def is_object(self) -> bool:
        """Whether its values are objects, null aside."""
        return self.types - {"null"} == {"object"}

    @cached_property
    def properties(self) -> Mapping[str, Schema]:
        """The properties it names, resolved; those whose reference leads nowhere are left out."""
        found: dict[str, Schema] = {}
        for part in self.parts:
            for entry in Schema(self.api, part).entries("properties"):
                schema = Schema.of(self.api, entry)
                if schema is not None and isinstance(entry.key, str):
                    found.setdefault(entry.key, schema)
        return found

    @cached_property
    def required(self) -> frozenset[str]:
        """The properties that must be there."""
        return frozenset(name for part in self.parts for name in Schema(self.api, part).strings("required"))

    @cached_property
    def items(self) -> Schema | None:
        """What the items of an array are."""
        for part in self.parts:
            if (place := part.child("items")) is not None:
                return Schema.of(self.api, place)
        return None

    @cached_property
    def alternatives(self) -> tuple[Schema, ...]:
        """The members of its `oneOf` and `anyOf`."""
        return tuple(
            schema
            for part in self.parts
            for word in ("oneOf", "anyOf")
            for place in Schema(self.api, part).entries(word)
            if (schema := Schema.of(self.api, place)) is not None
        )

    @cached_property
    def nullable(self) -> bool:
        """Whether null is a value of it, in the words of any version."""
        return "null" in self.types or any(
            Schema(self.api, part).flag(word) for part in self.parts for word in ("nullable", "x-nullable")
        )

    @property
    def flaws(self) -> tuple[tuple[str, Place, str], ...]:
        """What its own keywords get wrong: the kind of flaw, the place, and what is wrong there."""
        node = self.place.node
        if type(node) is not dict:
            return ()
        known = self.api.flaws.get(id(node))
        if known is None:
            known = self.api.flaws[id(node)] = tuple(self._flaws(node))
        return known

    def flaw(self, kind: str) -> Iterator[tuple[Place, str]]:
        """The flaws of one kind: `bounds`, `pattern`, `unlike` the type, `repeated` values, `idle` keys."""
        return ((place, problem) for found, place, problem in self.flaws if found == kind)

    def _flaws(self, node: dict[str, Json]) -> Iterator[tuple[str, Place, str]]:
        keys = node.keys()
        if keys & BOUNDS:
            for key, problem in contradictions(node):
                yield "bounds", self.place.child(key) or self.place, problem
        if "type" in node:
            for key, problem in idle(node):
                yield "idle", self.place.child(key) or self.place, problem
        if "enum" in node or "const" in node:
            for key, index, value in unlike(node):
                yield "unlike", self._member(key, index), brief(value)
            for index, value in repeated(node):
                yield "repeated", self._member("enum", index), brief(value)
        if isinstance(pattern := node.get("pattern"), str) and (reason := fault(pattern)):
            yield "pattern", self.place.child("pattern") or self.place, f"{brief(pattern)} is no pattern: {reason}"
        for entry in self.entries("patternProperties") if "patternProperties" in node else ():
            if reason := fault(str(entry.key)):
                yield "pattern", entry, f"{brief(str(entry.key))} is no pattern: {reason}"

    def _member(self, key: str, index: int) -> Place:
        whole = self.place.child(key) or self.place
        return next((child for child in whole.children() if child.key == index), whole)

    @property
    def lacks_items(self) -> bool:
        """Whether it says in its own words that it is an array, and nowhere what of; 3.1 does not demand it.

        A member of `allOf` may leave that to the others.
        """
        if self.api.modern or self.text("type") != "array":
            return False
        parent = self.place.parent
        around = parent.parent if parent is not None and parent.key == "allOf" else None
        return not self._has("items") and not (around is not None and Schema(self.api, around)._has("items"))

    def _has(self, key: str) -> bool:
        return any(part.child(key) is not None for part in self.parts)

    @cached_property
    def default(self) -> Mismatch | None:
        """How its default departs from it."""
        if not self.has("default"):
            return None
        return self.api.instances.mismatch(self.place, self.value("default"))

    @cached_property
    def undefined(self) -> tuple[tuple[Place, str], ...]:
        """The properties it requires and defines nowhere, with the places that require them. See `required`."""
        return tuple(undefined(self.api.references, self.place))

    @property
    def open(self) -> bool:
        """Whether it lets any value pass, or any object, without saying that it means to."""
        return all(
            type(part.node) is bool or (type(part.node) is dict and not part.node.keys() & _LIMITING)
            for part in self.parts
        ) and (not self.types or self.is_object)

    @property
    def vacant(self) -> bool:
        """Whether nothing fits it but an object without properties, as generators write it where there is no body."""
        nodes = [part.node for part in self.parts if type(part.node) is dict]
        closed = any(node.get("additionalProperties") is False for node in nodes)
        return closed and self.is_object and not any(node.get(key) for node in nodes for key in _NAMING)

    def number(self, key: str) -> int | None:
        """The integer under a keyword, such as `maxLength` or `maxItems`."""
        for part in self.parts:
            value = part.node.get(key) if type(part.node) is dict else None
            if type(value) is int:
                return value
        return None

    def word(self, key: str) -> str:
        """The string under a keyword, such as `format` or `title`."""
        return next((text for part in self.parts if (text := Schema(self.api, part).text(key))), "")

    @cached_property
    def enum(self) -> tuple[str, ...]:
        """The strings it is limited to, `const` included."""
        for part in self.parts:
            view = Schema(self.api, part)
            if view.has("enum"):
                return view.strings("enum")
            if view.has("const"):
                return (view.text("const"),) if view.text("const") else ()
        return ()
