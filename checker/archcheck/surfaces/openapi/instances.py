"""Instances are values that a document itself shows: examples and defaults, held against its schemas.

A schema is carried over into JSON Schema 2020-12 with all that it refers to, and compiled once. What is carried over is
lenient where documents are: null passes what is nullable in the words of any version; one branch of `oneOf` is
enough, though several fit; a property that only the other direction carries is not demanded; an object is closed only
where its schema closes it; and what cannot be read, or is no schema, lets everything pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from archcheck.surfaces.openapi.keywords import fits, types_of
from archcheck.surfaces.openapi.mismatch import brief, meant, said
from archcheck.surfaces.openapi.place import Json, Place
from archcheck.surfaces.openapi.references import References

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

Direction: TypeAlias = str
"""`in` for what requests carry, `out` for what responses carry, empty for both."""

_TYPES: Final = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})
# An address without a host is one too in what people call a URI.
_FORMATS: Final = {
    **{name: name for name in ("date", "date-time", "uuid", "email", "ipv4", "ipv6")},
    "uri": "uri-reference",
}
_ONE: Final = frozenset(
    "not if then else contains propertyNames additionalProperties unevaluatedProperties unevaluatedItems".split()
)
_MANY: Final = frozenset({"allOf", "anyOf", "prefixItems"})
_MAPS: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
_SIMPLE: Final = frozenset(
    "type enum title description example examples default readOnly writeOnly deprecated nullable xml".split()
)
_COUNTS: Final = frozenset("minLength maxLength minItems maxItems minProperties maxProperties".split())


class Mismatch(Struct, frozen=True):
    """The first thing in which a value departs from its schema. `path` leads to it from the value.

    `demand` names the part of a schema that is not met, which may be shared by many.
    """

    path: tuple[str | int, ...]
    problem: str
    demand: str


class Instances:
    """Holds values against schemas, each schema compiled once for each direction."""

    __slots__ = ("_books", "_patterns", "_references", "_validators")

    def __init__(self, references: References) -> None:
        self._references = references
        self._books: dict[Direction, _Book] = {}
        self._validators: dict[tuple[int, Direction], Validator | None] = {}
        self._patterns: dict[str, bool] = {}

    def mismatch(self, schema: Place, value: Json, direction: Direction = "") -> Mismatch | None:
        """How a value departs from the schema at a place; None where it fits, and where that cannot be known."""
        if _plainly_fits(schema.node, value):
            return None
        validator = self._validator(schema, direction)
        if validator is None or validator.is_valid(value):
            return None
        errors = [inner for error in validator.iter_errors(value) for inner in meant(error)]
        if not errors:
            return None
        first = min(errors, key=lambda error: (error.kind.name in ("anyOf", "oneOf"), -len(error.instance_path)))
        demand = self._books[direction].origin(schema, first.schema_path)
        return Mismatch(tuple(first.instance_path), _sentence(first), demand)

    def _validator(self, schema: Place, direction: Direction) -> Validator | None:
        key = (id(schema.node), direction)
        if key not in self._validators:
            self._validators[key] = self._compiled(schema, direction)
        return self._validators[key]

    def _compiled(self, schema: Place, direction: Direction) -> Validator | None:
        import jsonschema_rs

        if direction not in self._books:
            self._books[direction] = _Book(self._references, direction, self._runs)
        whole = self._books[direction].whole(schema)
        try:
            return jsonschema_rs.Draft202012Validator(whole, validate_formats=True, offline=True)
        except (ValueError, jsonschema_rs.ReferencingError):
            return None

    def _runs(self, pattern: str) -> bool:
        """Whether a pattern can be matched at all: engines differ, and one they refuse lets everything pass."""
        if pattern not in self._patterns:
            import jsonschema_rs

            try:
                jsonschema_rs.Draft202012Validator({"pattern": pattern})
                self._patterns[pattern] = True
            except ValueError:
                self._patterns[pattern] = False
        return self._patterns[pattern]


def _plainly_fits(node: Json, value: Json) -> bool:
    """Whether a value fits a schema that says no more than its type: most do, and need no compiling."""
    if type(node) is not dict or type(value) in (dict, list) or not node.keys() <= _SIMPLE:
        return False
    if "enum" in node and (type(node["enum"]) is not list or value not in node["enum"]):
        return False
    return fits(value, types_of(node))


def _sentence(error: ValidationError) -> str:
    path = error.instance_path
    name = ".".join(str(part) for part in path)
    return f"{brief(name) if name else 'it'} {said(error)}"


class _Book:
    """The schemas that were carried over for one direction: each shared one once, with those it refers to."""

    __slots__ = ("_direction", "_inner", "_names", "_places", "_references", "_runs", "_texts")

    def __init__(self, references: References, direction: Direction, runs: Callable[[str], bool]) -> None:
        self._references = references
        self._direction = direction
        self._runs = runs
        self._names: dict[int, str] = {}
        self._places: dict[str, Place] = {}
        self._texts: dict[str, Json] = {}
        self._inner: dict[str, set[str]] = {}

    def whole(self, place: Place) -> dict[str, Json]:
        """A schema with everything that it needs."""
        used: set[str] = set()
        top = self._schema(place, used)
        defined: dict[str, Json] = {}
        waiting = list(used)
        while waiting:
            name = waiting.pop()
            if name not in defined:
                if name not in self._texts:
                    self._inner[name] = set()
                    self._texts[name] = self._schema(self._places[name], self._inner[name])
                defined[name] = self._texts[name]
                waiting.extend(self._inner[name])
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [top], "$defs": defined}

    def origin(self, schema: Place, path: Sequence[str | int]) -> str:
        """Where a part of what was carried over comes from, as a file and a pointer."""
        if len(path) > 1 and path[0] == "$defs":
            schema, path = self._places[str(path[1])], path[2:]
        return f"{schema.path}#{schema.pointer}/{'/'.join(str(part) for part in path)}"

    def _schema(self, place: Place, used: set[str]) -> Json:
        node = place.node
        if type(node) is bool:
            return node
        if type(node) is not dict:
            return {}
        made: dict[str, Json] = {}
        if place.reference is not None:
            target = self._references.follow(place).place
            if target is None or type(target.node) not in (dict, bool):
                return {}
            name = self._name(target)
            used.add(name)
            made["$ref"] = f"#/$defs/{name}"
        for key, value in node.items():
            if key in _ONE and type(value) in (dict, bool):
                made[key] = self._schema(Place(place.document, place, key, value), used)
            elif key in _MANY and type(value) is list and value:
                made[key] = self._list(Place(place.document, place, key, value), used)
            elif key == "oneOf" and type(value) is list and value and "anyOf" not in node:
                made["anyOf"] = self._list(Place(place.document, place, key, value), used)
            elif key in _MAPS and type(value) is dict:
                made[key] = self._map(Place(place.document, place, key, value), used)
            elif key == "items" and type(value) in (dict, bool):
                made[key] = self._schema(Place(place.document, place, key, value), used)
            else:
                self._plain(made, key, value, place)
        if node.get("nullable") is True or node.get("x-nullable") is True:
            return {"anyOf": [{"type": "null"}, made]}
        return made

    def _name(self, place: Place) -> str:
        key = id(place.node) if type(place.node) is dict else hash(("bool", place.node))
        name = self._names.setdefault(key, f"s{len(self._names)}")
        self._places[name] = place
        return name

    def _list(self, place: Place, used: set[str]) -> Json:
        return [self._schema(child, used) for child in place.children()]

    def _map(self, place: Place, used: set[str]) -> Json:
        return {
            str(child.key): self._schema(child, used)
            for child in place.children()
            if place.key != "patternProperties" or self._runs(str(child.key))
        }

    def _plain(self, made: dict[str, Json], key: str, value: Json, place: Place) -> None:
        """Carry over a keyword that holds no schema, where its value is what it has to be."""
        node: dict[str, Json] = place.node  # type: ignore[assignment]
        if key == "type":
            names = [name for name in (value if type(value) is list else [value]) if isinstance(name, str)]
            if names and _TYPES.issuperset(names):
                made["type"] = list(dict.fromkeys(names))
        elif key == "const" or (key == "enum" and type(value) is list and value):
            made[key] = value
        elif key == "required" and type(value) is list:
            made[key] = [name for name in dict.fromkeys(map(_text, value)) if name and not self._other_way(place, name)]
        elif isinstance(value, str):
            if key == "pattern" and self._runs(value):
                made[key] = value
            elif key == "format" and value in _FORMATS:
                made[key] = _FORMATS[value]
        elif type(value) is bool:
            if key == "uniqueItems":
                made[key] = value
        elif type(value) is int or type(value) is float:
            self._number(made, key, value, node)

    def _number(self, made: dict[str, Json], key: str, value: float, node: dict[str, Json]) -> None:
        if key in ("minimum", "maximum"):
            exclusive = f"exclusive{key.capitalize()}"
            made[exclusive if node.get(exclusive) is True else key] = value
        elif key in ("exclusiveMinimum", "exclusiveMaximum") or (key == "multipleOf" and value > 0):
            made.setdefault(key, value)
        elif key in _COUNTS and type(value) is int and value >= 0:
            made[key] = value

    def _other_way(self, place: Place, name: str) -> bool:
        """Whether a property may be carried in the other direction only, and so cannot be demanded here."""
        properties = place.child("properties")
        inner = properties.child(name) if properties is not None else None
        if inner is None:
            # It is defined elsewhere, perhaps as one of the other direction.
            return True
        words = {"in": ("readOnly",), "out": ("writeOnly",)}.get(self._direction, ("readOnly", "writeOnly"))
        behind = self._references.follow(inner).place
        nodes = [one.node for one in (inner, behind) if one is not None and type(one.node) is dict]
        return not nodes or any(node.get(word) is True for node in nodes for word in words)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
