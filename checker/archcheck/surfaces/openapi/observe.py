"""What one piece leaves for the whole: its operations, errors, demands and page sizes as compact facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from archcheck.source import Location
from archcheck.surfaces.openapi.access import carries_key, demand, nature, requirements
from archcheck.surfaces.openapi.api import Api
from archcheck.surfaces.openapi.envelopes import Shape, shape_of
from archcheck.surfaces.openapi.facts import (
    BodyFact,
    ErrorFact,
    OperationFact,
    PageSizeFact,
    PieceFacts,
    PropertyFact,
    RequirementFact,
    SchemaFact,
)
from archcheck.surfaces.openapi.grammar import Site
from archcheck.surfaces.openapi.graph import Node
from archcheck.surfaces.openapi.message import Parameter, Response
from archcheck.surfaces.openapi.operation import Operation
from archcheck.surfaces.openapi.pagination import capped, leads_on, listing, page_sizes, plain, styles, told_maximum
from archcheck.surfaces.openapi.schema import Schema
from archcheck.surfaces.openapi.takes import body, controller, elsewhere, internal, parameters
from archcheck.surfaces.openapi.versions import versions

_QUOTA: Final = re.compile(r"(?:.+-)?rate-?limit(?:$|[-_].*)")
_THROTTLING: Final = re.compile(r"x-.*(?:rate-?limit|throttl)", re.I)
_CONSTRAINTS: Final = ("enum", "pattern", "format", "minimum", "maximum", "minLength", "maxLength")
_UNTIL: Final = re.compile(
    r"\b(?:19|20)\d\d-[01]\d\b|\b[A-Z][a-z]{2,8}\.? (?:\d{1,2}(?:st|nd|rd|th)?,? )?(?:19|20)\d\d\b|"
    r"\bQ[1-4] ?/?20\d\d\b|\b(?:in|with|by|from) (?:version |v)\d"
)
_SUNSET: Final = re.compile(r"sunset|remov|eol|end-of-life|deprecat", re.I)
_SIGNED: Final = re.compile(r"signature|hmac|digest|svix|secret|token|authorization|webhook-?id", re.I)
_IDEMPOTENT: Final = re.compile(r"idempot|clienttoken|requestid|dedup")


class Observer:
    """Looks at the pieces of one API. What several of them share is looked at once."""

    __slots__ = ("_api", "_bodies", "_quotas", "_shapes")

    def __init__(self, api: Api) -> None:
        self._api = api
        self._shapes: dict[int, Shape] = {}
        self._quotas: dict[int, bool] = {}
        self._bodies: dict[int, BodyFact] = {}

    def facts(self, node: Node, sites: Iterable[Site]) -> PieceFacts:
        """What one piece leaves: the operations of a path, a shared schema with properties, what the root demands."""
        if node.kind == "root":
            return PieceFacts(requirements=_demands([self._api]))
        if node.kind == "path" and not node.covered:
            return self._path(self._operations(node, sites))
        if node.kind == "schema" and not node.covered:
            first = next(iter(sites), None)
            if first is not None and not first.refers:
                return PieceFacts(schemas=tuple(_schema(Schema(self._api, first.place, piece=node))))
        return PieceFacts()

    def _operations(self, node: Node, sites: Iterable[Site]) -> list[Operation]:
        return [Operation.at_key(self._api, site.place, site.role, node) for site in sites if site.kind == "operation"]

    def _path(self, operations: list[Operation]) -> PieceFacts:
        served = [operation for operation in operations if operation.served]
        return PieceFacts(
            operations=tuple(self._operation(operation) for operation in operations),
            errors=tuple(self._errors(served)),
            requirements=_demands(operation for operation in served if operation.has("security")),
            page_sizes=_page_sizes(served),
        )

    def _operation(self, operation: Operation) -> OperationFact:
        answer = operation.answer if operation.lists else None
        return OperationFact(
            method=operation.method,
            path=operation.path,
            id=operation.id,
            at=operation.at,
            statuses=operation.statuses,
            secured=operation.secured,
            served=operation.served,
            demand=demand(operation),
            scoped=any(scopes for _, scopes, _ in requirements(_demanding(operation))),
            nature=nature(operation) if operation.served else "",
            lists=operation.lists,
            creates=operation.creates,
            body=operation.request_body is not None and not operation.request_body.vacant,
            constrained=any(_constrained(parameter) for parameter in operation.parameters),
            styles=styles(operation) if operation.lists else (),
            onward=operation.lists and leads_on(operation),
            bare=answer is not None and answer.is_array,
            quota=any(self._quota(response) for response in operation.responses.values()),
            deprecated=_deprecated(operation),
            versions=versions(operation),
            signed=not operation.served and _signed(operation),
            idempotent=operation.creates and _idempotent(operation),
            keyed=carries_key(operation),
            blind=operation.opaque_parameters,
            parameters=parameters(operation) if operation.served else (),
            takes=body(operation, self._bodies) if operation.served else None,
            tags=operation.strings("tags"),
            internal=internal(operation),
            elsewhere=elsewhere(operation),
            controller=controller(operation),
            listed=listing(operation) if operation.served else None,
            adds=operation.served and operation.method == "POST" and not operation.does_otherwise,
            throttled=_throttled(operation),
        )

    def _quota(self, response: Response) -> bool:
        key = id(response.place.node)
        if key not in self._quotas:
            named = any(_QUOTA.fullmatch(name) for name in response.headers)
            self._quotas[key] = named or response.opaque_headers
        return self._quotas[key]

    def _errors(self, operations: Iterable[Operation]) -> Iterator[ErrorFact]:
        """Each failing answer of a piece once, with all operations of the piece that give it."""
        given: dict[int, list[tuple[Response, str, str]]] = {}
        for operation in operations:
            for status, response in operation.responses.items():
                failed = status[:1] in ("4", "5") or (status == "default" and operation.successes)
                if failed and operation.method != "HEAD":
                    given.setdefault(id(response.place.node), []).append((response, status, str(operation)))
        for same in given.values():
            yield self._error(same)

    def _error(self, same: list[tuple[Response, str, str]]) -> ErrorFact:
        response = same[0][0]
        uses = tuple(dict.fromkeys(operation for _, _, operation in same))
        shared = bool(response.chain)
        name = response.place.key or response.file.rpartition("/")[2].rpartition(".")[0]
        media = [one for one in response.content.values() if one.json]
        schema = next((one.schema for one in media if one.schema is not None), None)
        content = response.place.child("content")
        described = (
            schema is not None
            or (content is not None and self._api.version != "2.0" and (not media or _unread(response, media)))
            or (self._api.version == "2.0" and response.place.child("schema") is not None)
        )
        return ErrorFact(
            owner=f"The response '{name}'" if shared else uses[0],
            shared=shared,
            at=response.at,
            statuses=tuple(dict.fromkeys(status for _, status, _ in same)),
            uses=uses,
            count=len(same),
            described=described,
            problem=any("problem+json" in name.lower() for name in response.content),
            shape=self._shape(schema) if schema is not None else (),
            schema=schema.name if schema is not None and schema.chain else "",
            schema_at=schema.at if schema is not None else None,
        )

    def _shape(self, schema: Schema) -> Shape:
        key = id(schema.place.node)
        if key not in self._shapes:
            self._shapes[key] = shape_of(schema)
        return self._shapes[key]


def _unread(response: Response, media: Iterable[object]) -> bool:
    """Whether a representation has a schema that leads nowhere."""
    return any(one.place.child("schema") is not None for one in response.content.values() if one in media)


def _demanding(operation: Operation) -> Operation | Api:
    return operation if operation.has("security") else operation.api


def _demands(views: Iterable[Operation | Api]) -> tuple[RequirementFact, ...]:
    found: dict[tuple[str, tuple[str, ...]], RequirementFact] = {}
    for view in views:
        for scheme, scopes, place in requirements(view):
            known = found.get((scheme, scopes))
            uses = known.uses + 1 if known is not None else 1
            found[scheme, scopes] = RequirementFact(scheme, scopes, known.at if known else place.at, uses)
    return tuple(found.values())


def _page_sizes(operations: Iterable[Operation]) -> tuple[PageSizeFact, ...]:
    found: dict[int, PageSizeFact] = {}
    for operation in operations:
        for parameter, bounded in page_sizes(operation) if operation.lists else ():
            known = found.get(id(parameter.place.node))
            owner = known.owner if known is not None else str(operation)
            uses = known.uses + 1 if known is not None else 1
            edits = known.edits if known is not None else () if bounded else capped(parameter)
            told = known.told if known is not None else 0 if bounded else told_maximum(parameter)
            fact = PageSizeFact(parameter.name, parameter.title.at, bounded, owner, uses, edits, told)
            found[id(parameter.place.node)] = fact
    return tuple(found.values())


def _constrained(parameter: Parameter) -> bool:
    """Whether a value can be refused: it is typed or limited, and no mere text."""
    schema = parameter.schema
    if schema is None or parameter.location == "path":
        return False
    if schema.types & {"integer", "number", "boolean"}:
        return True
    return any(part.child(key) is not None for part in schema.parts for key in _CONSTRAINTS)


def _deprecated(operation: Operation) -> Literal["", "dated", "undated"]:
    if not operation.flag("deprecated"):
        return ""
    node = operation.place.node
    texts = [operation.text("description"), operation.text("summary")]
    if isinstance(node, dict):
        told = {key: value for key, value in node.items() if key.startswith("x-") and _SUNSET.search(key)}
        if any("sunset" in key.lower() for key in told):
            return "dated"
        texts += [str(value) for value in told.values()]
    if any("sunset" in response.headers for response in operation.responses.values()):
        return "dated"
    return "dated" if any(_UNTIL.search(text) for text in texts) else "undated"


def _signed(operation: Operation) -> bool:
    if demand(operation) == "required" and operation.has("security"):
        return True
    if any(parameter.location != "path" and _SIGNED.search(parameter.name) for parameter in operation.parameters):
        return True
    return operation.opaque_parameters or any(_SIGNED.search(name) for name in _sent(operation, deep=True))


def _idempotent(operation: Operation) -> bool:
    names = [parameter.name for parameter in operation.parameters if parameter.location == "header"]
    if any(_IDEMPOTENT.search(plain(name)) for name in (*names, *_sent(operation, deep=False))):
        return True
    return operation.opaque_parameters or "idempoten" in operation.text("description").lower()


def _sent(operation: Operation, *, deep: bool) -> Iterator[str]:
    """The names of what a body has at its top, and one step below."""
    body = operation.request_body
    for media in body.content.values() if body is not None else ():
        for name, inner in media.schema.properties.items() if media.schema is not None else ():
            yield name
            if deep and inner.is_object:
                yield from inner.properties


def _schema(schema: Schema) -> Iterator[SchemaFact]:
    if not schema.name or not schema.properties:
        return
    properties = tuple(
        PropertyFact(
            name,
            tuple(sorted(inner.types - {"null"})),
            inner.word("format"),
            name in schema.required,
            inner.nullable,
            inner.number("maxLength"),
            inner.enum,
            _named_at(inner),
            _only(inner),
            any(part.child("pattern") is not None for part in inner.parts) or bool(inner.word("format")),
        )
        for name, inner in schema.properties.items()
    )
    yield SchemaFact(schema.name, _spot(schema), schema.in_request, schema.in_response, properties)


def _only(schema: Schema) -> Literal["", "in", "out"]:
    views = [Schema(schema.api, part) for part in schema.parts]
    if any(view.flag("writeOnly") for view in views):
        return "in"
    return "out" if any(view.flag("readOnly") for view in views) else ""


def _named_at(schema: Schema) -> Location:
    """Where a property stands, be it written there or referred to."""
    place = schema.chain[0] if schema.chain else schema.place
    return Location(place.path, *place.spot)


def _spot(schema: Schema) -> Location:
    return Location(schema.file, *schema.place.spot)


def _throttled(operation: Operation) -> bool:
    """Whether an extension of it, or of its path, speaks of a limit on requests and does not take it back."""
    places = (operation.place, operation.item.place if operation.item is not None else None)
    return any(
        isinstance(key, str) and _THROTTLING.match(key) and value not in (None, False)
        for place in places
        if place is not None and type(place.node) is dict
        for key, value in place.node.items()
    )
