"""A path item and its operations: what a client can ask for, and what the document says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from archcheck.source import Location
from archcheck.surfaces.openapi.grammar import METHODS, Role
from archcheck.surfaces.openapi.graph import INWARD, Node, turn
from archcheck.surfaces.openapi.message import Parameter, RequestBody, Response, response_at
from archcheck.surfaces.openapi.pagination import Listed, Pagination, listed, paged, wraps_list
from archcheck.surfaces.openapi.place import Place
from archcheck.surfaces.openapi.schema import Schema
from archcheck.surfaces.openapi.segments import PathSegment
from archcheck.surfaces.openapi.view import View

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.api import Api

# What a POST to a collection does when it does not add one item: it searches, checks, replaces or takes many.
_OTHERWISE: Final = re.compile(
    r"(?:^|[._\-/])(?:search|query|list|find|get|filter|check|validate|verify|batch|bulk|upsert|sync|test|preview|count|"
    r"estimate|calculate|update|replace|set|delete|remove|createOrUpdate|create_or_update|addOrUpdate|login|export)"
    r"(?=$|[A-Z._\-/])|(?:Bulk|Batch|OrUpdate|Upsert|Multiple)(?=$|[A-Z])"
)
_OTHERWISE_TOLD: Final = re.compile(
    r"\s*(?:search|query|list|find|get|filter|check|validate|verify|batch|bulk|upsert|sync|test|preview|count|estimate|"
    r"calculate|update|replace|set|delete|remove|create or (?:update|replace)|add or update|log in|export)\w*\b",
    re.I,
)


@dataclass(frozen=True, eq=False)
class PathItem(View):
    """What stands under one path (or webhook, or callback expression). `named` is the place of that key."""

    named: Place | None = None

    def __str__(self) -> str:
        return self.path

    @staticmethod
    def at_key(api: Api, named: Place, role: Role, piece: Node) -> PathItem:
        """The path item under a key, its `$ref` followed where it has one."""
        followed = api.references.follow(named)
        place = followed.place if followed.place is not None and type(followed.place.node) is dict else named
        return PathItem(api, place, followed.chain if place is not named else (), role, piece, named=named)

    @property
    def path(self) -> str:
        """The template as it is written, such as `/orders/{id}`."""
        return str((self.named or self.place).key)

    @property
    def served(self) -> bool:
        """Whether the API itself answers it: it is no webhook and no callback."""
        return any(turn(context, self.role.turned, "") == INWARD for context in self.piece.contexts)

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Its operations, those beside a `$ref` included."""
        return tuple(
            Operation.at_key(self.api, place, Role(self.role.turned, "", self.named, place), self.piece)
            for place in self._operation_places()
        )

    def _operation_places(self) -> Iterator[Place]:
        for whole in dict.fromkeys((self.named or self.place, self.place)):
            for method in whole.children():
                if method.key in METHODS and type(method.node) is dict:
                    yield method
            more = whole.child("additionalOperations")
            if more is not None:
                yield from (place for place in more.children() if type(place.node) is dict)

    @cached_property
    def segments(self) -> tuple[PathSegment, ...]:
        """What its path consists of."""
        return self.api.templates.segments(self.path)


@dataclass(frozen=True, eq=False)
class Operation(View):
    """One method on one path. `named` is the place of the method key, `place` where the operation is written."""

    named: Place | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @staticmethod
    def at_key(api: Api, named: Place, role: Role, piece: Node) -> Operation:
        """The operation under a method key, its `$ref` followed where it has one."""
        followed = api.references.follow(named)
        place = followed.place if followed.place is not None and type(followed.place.node) is dict else named
        return Operation(api, place, followed.chain if place is not named else (), role, piece, named=named)

    @property
    def method(self) -> str:
        """The method in upper case."""
        return str((self.named or self.place).key).upper()

    @property
    def path(self) -> str:
        """The template as it is written; the name of a webhook, the expression of a callback."""
        return str(self.role.path.key) if self.role.path is not None else ""

    @cached_property
    def item(self) -> PathItem | None:
        """The path item it belongs to."""
        if self.role.path is None:
            return None
        return PathItem.at_key(self.api, self.role.path, self.role, self.piece)

    @property
    def served(self) -> bool:
        """Whether the API itself answers it: it belongs to no webhook and no callback."""
        return any(turn(context, self.role.turned, "") == INWARD for context in self.piece.contexts)

    @property
    def id(self) -> str:
        """Its operationId, empty where it has none."""
        return self.text("operationId")

    @cached_property
    def segments(self) -> tuple[PathSegment, ...]:
        """What its path consists of."""
        return self.api.templates.segments(self.path)

    @property
    def last(self) -> PathSegment | None:
        """The last segment of its path."""
        return self.segments[-1] if self.segments else None

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """All it takes outside the body, its path's included; its own win over those of the same name and place."""
        found: dict[tuple[str, str], Parameter] = {}
        for view in (self, self.item):
            for entry in view.entries("parameters") if view is not None else ():
                resolved = self.resolved(entry)
                if resolved is not None and type(resolved[0].node) is dict:
                    parameter = Parameter(self.api, resolved[0], resolved[1], self.role, self.piece)
                    if parameter.location != "body":
                        found.setdefault((parameter.location, parameter.name), parameter)
        return tuple(found.values())

    @cached_property
    def opaque_parameters(self) -> bool:
        """Whether a parameter could not be read, so that nobody knows what it takes."""
        return any(
            self.resolved(entry) is None
            for view in (self, self.item)
            for entry in (view.entries("parameters") if view is not None else ())
        )

    @cached_property
    def request_body(self) -> RequestBody | None:
        """What it takes as a body."""
        if self.api.version == "2.0":
            for entry in self.entries("parameters"):
                resolved = self.resolved(entry)
                if resolved is not None and type(resolved[0].node) is dict and resolved[0].node.get("in") == "body":
                    return RequestBody(self.api, resolved[0], resolved[1], self.role, self.piece)
            return None
        body = self.place.child("requestBody")
        resolved = self.resolved(body) if body is not None else None
        return RequestBody(self.api, *resolved, self.role, self.piece) if resolved is not None else None

    @cached_property
    def responses(self) -> Mapping[str, Response]:
        """Its answers by status key; those whose reference leads nowhere are left out."""
        found = {str(entry.key): response_at(self.api, entry, self) for entry in self.entries("responses")}
        return {status: response for status, response in found.items() if response is not None}

    @cached_property
    def statuses(self) -> tuple[str, ...]:
        """The status keys it declares, readable or not."""
        return tuple(str(entry.key) for entry in self.entries("responses"))

    @cached_property
    def secured(self) -> bool | None:
        """Whether it demands credentials; None where the document says nothing about security at all."""
        declared = self.value("security") if self.has("security") else self.api.value("security")
        if isinstance(declared, list):
            return bool(declared) and all(isinstance(one, dict) and bool(one) for one in declared)
        return False if self.api.security_schemes else None

    @property
    def successes(self) -> tuple[str, ...]:
        """The status keys of success it declares, `2XX` included."""
        return tuple(status for status in self.statuses if status[:1] == "2")

    @cached_property
    def answer(self) -> Schema | None:
        """What it answers with on success, as JSON; None where it does not say."""
        for status in ("200", "2XX", "2xx", *self.successes, "default"):
            response = self.responses.get(status)
            for media in response.content.values() if response is not None else ():
                if media.json and media.schema is not None:
                    return media.schema
            if response is not None and status != "default":
                return None
        return None

    @cached_property
    def listed(self) -> Listed | None:
        """The collection it answers with, for a GET that returns one."""
        return listed(self)

    @cached_property
    def answers_list(self) -> bool:
        """Whether it answers with a list, by the shape of the answer alone: an array of objects, or such a `data`."""
        return self.answer is not None and wraps_list(self.answer)

    @property
    def lists(self) -> bool:
        """Whether it is a GET that returns a collection."""
        return self.listed is not None

    @cached_property
    def pagination(self) -> Pagination | None:
        """How a client gets a part of the collection, and the next one; None where it cannot."""
        return paged(self)

    @property
    def creates(self) -> bool:
        """Whether it is a POST that adds an item to a collection."""
        last = self.last
        if not self.served or self.method != "POST" or last is None or last.kind != "collection" or not last.has_items:
            return False
        return not _OTHERWISE.search(self.id) and not _OTHERWISE_TOLD.match(self.text("summary"))


@dataclass(frozen=True, eq=False)
class Segment(View):
    """One segment of a path, judged once however many paths go through it. Its place is the path key that shows it."""

    segment: PathSegment = PathSegment("", 0, "word", (), "", False)
    item: PathItem | None = None

    def __str__(self) -> str:
        return self.segment.text

    @property
    def at(self) -> Location:
        """The segment inside the path key."""
        return self.place.document.within(self.place, self.segment.start, len(self.segment.text))

    @property
    def path(self) -> str:
        """The path it is shown in."""
        return str(self.place.key)

    @property
    def is_last(self) -> bool:
        """Whether the path ends with it."""
        return self.item is not None and self.item.segments[-1:] == (self.segment,)

    @property
    def lists(self) -> bool:
        """Whether a GET on it returns a list, by the shape of the answer alone."""
        operations = self.item.operations if self.is_last and self.item is not None else ()
        return any(operation.method == "GET" and operation.answers_list for operation in operations)
