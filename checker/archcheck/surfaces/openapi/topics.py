"""What is counted over a whole API, topic by topic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol, TypeAlias

import msgspec

from archcheck.source import Location
from archcheck.surfaces.openapi.api import Api, Reference, SecurityScheme, Server
from archcheck.surfaces.openapi.examples import examples
from archcheck.surfaces.openapi.message import Header, MediaType, Parameter, RequestBody, Response
from archcheck.surfaces.openapi.newer import newer
from archcheck.surfaces.openapi.operation import Operation, PathItem
from archcheck.surfaces.openapi.pagination import plain
from archcheck.surfaces.openapi.path_parameters import guessable, mismatches
from archcheck.surfaces.openapi.place import Json, Place
from archcheck.surfaces.openapi.schema import Schema
from archcheck.surfaces.openapi.view import View


class HasLocation(Protocol):
    """A place or a view: what can be pointed at."""

    @property
    def at(self) -> Location:
        """Where it stands."""


Counted: TypeAlias = Iterator[tuple[str, HasLocation] | tuple[str, HasLocation, str] | None]
"""For each place that is owed something: None where it has it, else its name, the place that lacks it, the cause."""

_BOUNDED_FORMATS: Final = frozenset(
    "date date-time time duration uuid ipv4 ipv6 email hostname int32 int64 uint32 uint64 binary byte".split()
)
_SHOWING: Final = frozenset({"example", "examples", "const", "enum"})
_KEPT_BY_SERVER: Final = frozenset(
    "id createdat createdon updatedat updatedon deletedat isadmin issuperuser isstaff role".split()
)
_ACCOUNTS: Final = frozenset("user users account accounts me profile signup register registration".split())
# A body of so few fields names something that is there already.
_REFERRING: Final = 2
_KINDS: Final[Mapping[type, str]] = {
    Api: "api",
    PathItem: "path",
    Operation: "operation",
    Parameter: "parameter",
    Header: "header",
    Response: "response",
    MediaType: "media",
    Schema: "schema",
    Server: "server",
    SecurityScheme: "security",
}


class Topic(msgspec.Struct, frozen=True):
    """The subjects that are asked, and what is counted of each."""

    kinds: tuple[type, ...]
    count: Callable[[View], Counted]


def _described_operations(view: View) -> Counted:
    assert isinstance(view, Operation)
    item = view.item
    described = any(one.text("summary") or one.text("description") for one in (view, item) if one is not None)
    yield None if described else (str(view), view.named or view.place)


def _described_parameters(view: View) -> Counted:
    assert isinstance(view, Parameter)
    described = view.text("description") or (view.schema is not None and view.schema.word("description"))
    yield None if described or not view.name else (f"The parameter '{view.name}'", view.title)


def _exampled_bodies(view: View) -> Counted:
    """Every JSON body; in 2.0 a body is its response or parameter."""
    if isinstance(view, Response | RequestBody):
        if view.api.version != "2.0":
            return
        medias = [media for media in view.content.values() if media.json][:1]
        label = str(view) if isinstance(view, Response) else _of(view, "The body")
        shown = view.has("examples")
    else:
        assert isinstance(view, MediaType)
        medias = [view] if view.json else []
        label = f"The{view.whose[3:]}"
        shown = view.has("example") or view.has("examples")
    for media in medias:
        if media.schema is not None:
            yield None if shown or _exampled(media.schema, 0) else (label, view.place)


def _exampled(schema: Schema, depth: int) -> bool:
    """Whether a schema shows a value, itself or through its parts, or can have but few."""
    if any(type(part.node) is dict and part.node.keys() & _SHOWING for part in schema.parts):
        return True
    if depth > 3 or (not schema.types - {"string", "number", "integer", "boolean", "null"} and schema.types):
        return False
    inner = [*schema.properties.values(), *([schema.items] if schema.items is not None else []), *schema.alternatives]
    return any(_exampled(one, depth + 1) for one in inner)


def _bounded_inputs(view: View) -> Counted:
    assert isinstance(view, Schema)
    if not view.in_request or view.flag("readOnly"):
        return
    types = view.types - {"null"}
    if types not in ({"string"}, {"integer"}, {"array"}) or not view.has("type"):
        return
    kind = next(iter(types))
    label = f"The {kind} '{view.name}'" if view.name else f"The {kind} of {view.label}"
    place = view.place.child("name") if isinstance(view.place.key, int) and view.has("in") else None
    yield None if _bounded(view, kind) else (label, place or view.place)


def _bounded(schema: Schema, kind: str) -> bool:
    if schema.has("enum") or schema.has("const") or schema.text("format") in _BOUNDED_FORMATS:
        return True
    if kind == "string":
        return schema.has("maxLength") or schema.has("pattern")
    if kind == "array":
        return schema.has("maxItems")
    low = schema.has("minimum") or schema.value("exclusiveMinimum") not in (None, False, True)
    high = schema.has("maximum") or schema.value("exclusiveMaximum") not in (None, False, True)
    return low and high


def _settable_fields(view: View) -> Counted:
    assert isinstance(view, RequestBody)
    operation = view.operation
    method = operation.method if operation is not None else ""
    if operation is None or not operation.served or method not in ("POST", "PUT", "PATCH"):
        return
    schema = next((media.schema for media in view.content.values() if media.json and media.schema is not None), None)
    if schema is None or not schema.properties:
        return
    for name, inner in schema.properties.items():
        word = plain(name)
        kept = word in _KEPT_BY_SERVER and _kept_here(operation, word, len(schema.properties))
        if not kept or _read_only(inner) or _meant(operation, name, inner):
            continue
        yield f"{operation} lets a client set '{name}'", inner.chain[0] if inner.chain else inner.place
        return
    yield None


def _kept_here(operation: Operation, word: str, fields: int) -> bool:
    """Whether a field is the server's in this operation: a role is given to members, an id names what is attached."""
    if word == "role":
        return operation.ends_in(_ACCOUNTS)
    return word != "id" or operation.method == "PATCH" or (operation.creates and fields > _REFERRING)


def _meant(operation: Operation, name: str, field: Schema) -> bool:
    """Whether a field is explained that the answer does not show as well: clients are to set it, say to import."""
    shown = operation.answer.properties.get(name) if operation.answer is not None else None
    return bool(field.word("description")) and (shown is None or shown.place.node is not field.place.node)


def _read_only(schema: Schema) -> bool:
    nodes = [place.node for place in (*schema.parts, *schema.chain)]
    return any(type(node) is dict and node.get("readOnly") is True for node in nodes)


def _required_properties(view: View) -> Counted:
    """What schemas require and define nowhere."""
    assert isinstance(view, Schema)
    for place, name in view.undefined:
        yield f"'{name}' is required by {view.label}", place, f"{view.pointer} {name}"


def _completed_bases(view: View) -> Counted:
    """What a base requires and leaves to the schemas that are made of it, where one of these defines it."""
    assert isinstance(view, Reference)
    part = view.place.parent
    base = view.target.place if part is not None and part.key == "allOf" else None
    if base is None or part is None or part.parent is None or base.child("required") is None:
        return
    left = Schema(view.api, base).undefined
    defined = Schema(view.api, part.parent).properties if left else {}
    yield from ((name, place) for place, name in left if name in defined)


def _optional_bodies(view: View) -> Counted:
    assert isinstance(view, RequestBody)
    if view.demands:
        names = ", ".join(f"'{name}'" for name in sorted(view.demands)[:3])
        whose = (
            f"The body of {view.operation}" if view.operation is not None else f"The request body '{view.place.key}'"
        )
        yield None if view.required else (f"{whose} may be left out, though it requires {names}", view.place)


def _idle_keywords(view: View) -> Counted:
    assert isinstance(view, Schema)
    for place, problem in view.flaw("idle"):
        yield f"In {view.label}, {problem}", place, problem


def _misfit_examples(view: View) -> Counted:
    for example in examples(view):
        mismatch = example.mismatch
        if mismatch is not None:
            yield f"The {example} does not fit its schema: {mismatch.problem}", example, mismatch.demand


def _newer_keywords(view: View) -> Counted:
    yield from _newer(view, _KINDS[type(view)], view.place)
    if isinstance(view, Api) and (components := view.place.child("components")) is not None:
        yield from _newer(view, "components", components)


def _newer(view: View, kind: str, place: Place) -> Counted:
    found = list(newer(view.api.version, kind, place.node))
    for key, since in sorted(found) if found else ():
        yield f"{since} {key}", place.child(key) or place


def _siblings(view: View) -> Counted:
    assert isinstance(view, Reference)
    node = view.place.node
    if view.api.modern or view.kind in ("path", "operation") or type(node) is not dict:
        return
    beside = [key for key in node if key != "$ref" and not key.startswith("x-")]
    told = " and ".join(", ".join(beside).rsplit(", ", 1))
    yield (told, view.place.child(beside[0]) or view.place) if beside else None


def _references_out(view: View) -> Counted:
    assert isinstance(view, Reference)
    if view.target.outcome in ("remote", "outside"):
        yield str(view).partition("#")[0], view.place.child("$ref") or view.place


def _names_in_use(view: View) -> Counted:
    """The names by which schemes and schemas are used without a reference, or by one that only some tools follow."""
    node = view.place.node
    for key, value in node.items() if type(node) is dict else ():
        if key[:2] == "x-" and (type(value) is dict or type(value) is list):
            for name in _referred(value):
                yield name, view.place
    if isinstance(view, Schema):
        mapping = view.place.child("discriminator")
        mapping = mapping.child("mapping") if mapping is not None else None
        for entry in mapping.children() if mapping is not None else ():
            if isinstance(entry.node, str):
                yield entry.node.rpartition("/")[2], entry
        return
    for place in view.entries("security"):
        for entry in place.children():
            yield str(entry.key), entry


def _bare_statuses(view: View) -> Counted:
    """The status keys of YAML that are numbers there, for nothing quotes them."""
    assert isinstance(view, Operation)
    if view.api.version == "2.0":
        return
    for entry in view.entries("responses"):
        if isinstance(entry.key, str) and entry.key.isdigit() and entry.document.bare(entry):
            yield entry.key, entry


def _referred(node: Json) -> Iterator[str]:
    """The last parts of all references in a vendor extension."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if type(one) is dict:
            if isinstance(text := one.get("$ref"), str):
                yield text.rpartition("/")[2]
            waiting.extend(one.values())
        elif type(one) is list:
            waiting.extend(one)


def _discriminators(view: View) -> Counted:
    if view.has("discriminator"):
        yield None


def _of(view: View, what: str) -> str:
    return f"{what} of {view.operation}" if view.operation is not None else what


TOPICS: Final[Mapping[str, Topic]] = {
    "described operations": Topic((Operation,), _described_operations),
    "described parameters": Topic((Parameter,), _described_parameters),
    "exampled bodies": Topic(
        (
            MediaType,
            Response,
            RequestBody,
        ),
        _exampled_bodies,
    ),
    "bounded inputs": Topic((Schema,), _bounded_inputs),
    "settable fields": Topic((RequestBody,), _settable_fields),
    "optional bodies": Topic((RequestBody,), _optional_bodies),
    "idle keywords": Topic((Schema,), _idle_keywords),
    "misfit examples": Topic(
        (
            MediaType,
            Parameter,
            Header,
            Response,
            Schema,
        ),
        _misfit_examples,
    ),
    "newer keywords": Topic(tuple(_KINDS), _newer_keywords),
    "siblings": Topic((Reference,), _siblings),
    "references out": Topic((Reference,), _references_out),
    "names in use": Topic(
        (
            Api,
            Operation,
            Schema,
        ),
        _names_in_use,
    ),
    "bare statuses": Topic((Operation,), _bare_statuses),
    "discriminators": Topic((Schema,), _discriminators),
    "required properties": Topic((Schema,), _required_properties),
    "completed bases": Topic((Reference,), _completed_bases),
    "path parameters": Topic(
        (
            PathItem,
            Parameter,
        ),
        mismatches,
    ),
    "guessable ids": Topic((Parameter,), guessable),
}

KINDS: Final = frozenset(kind for topic in TOPICS.values() for kind in topic.kinds)
"""The subjects that some topic asks for."""
