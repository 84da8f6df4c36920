"""A path item and its operations: what a client can ask for, and what the document says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from archcheck.surfaces.openapi.bodies import lacks_body
from archcheck.surfaces.openapi.grammar import METHODS, Role
from archcheck.surfaces.openapi.graph import INWARD, Node, turn
from archcheck.surfaces.openapi.message import Parameter, RequestBody, Response, response_at
from archcheck.surfaces.openapi.pagination import Listed, Pagination, listed, paged, plain, wraps_list
from archcheck.surfaces.openapi.place import Place
from archcheck.surfaces.openapi.schema import Schema
from archcheck.surfaces.openapi.segments import PathSegment
from archcheck.surfaces.openapi.statuses import StatusKind, odd_statuses, succeeds
from archcheck.surfaces.openapi.verbs import READING, WRITING, changes, verb_of
from archcheck.surfaces.openapi.view import View
from archcheck.surfaces.openapi.words import is_plural, plural, split

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.api import Api

# What a POST to a collection does when it does not add one new item: it searches, checks, replaces, attaches.
_OTHERWISE: Final = frozenset(
    """
    apply assign associate attach authenticate batch bind bulk calculate check connect count delete detach
    estimate export filter find get link list login lookup match merge ping preview query read remove replace
    resolve search set simulate subscribe sync synchronize test update upsert validate verify
    """.split()
)  # fmt: skip
# The same, where the word is not what the collection is called.
_OTHERWISE_AFTER: Final = _OTHERWISE | {"review"}
_READS: Final = READING | frozenset("list show read search count check view status".split())
_REPLACES: Final = frozenset("set replace replaces reorder sync overwrite".split())
_JOINS: Final = frozenset("attach detach assign unassign associate".split())
_OTHERWISE_ANYWHERE: Final = frozenset("batch bulk upsert multiple many".split())


class PathItem(View, frozen=True, eq=False):
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


class Operation(View, frozen=True, eq=False):
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
    def repeated_parameters(self) -> tuple[tuple[Place, Parameter], ...]:
        """Parameters of its own list that stood there before, by name and place; header names have no case."""
        seen: set[tuple[str, str]] = set()
        found: list[tuple[Place, Parameter]] = []
        for entry in self.entries("parameters"):
            resolved = self.resolved(entry)
            if resolved is None or type(resolved[0].node) is not dict:
                continue
            parameter = Parameter(self.api, resolved[0], resolved[1], self.role, self.piece)
            location, name = parameter.location, parameter.name
            key = (location, name.lower() if location == "header" else name)
            if key in seen and location and name:
                found.append((entry, parameter))
            seen.add(key)
        return tuple(found)

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
    def changes_by_name(self) -> str:
        """The verb by which it says that it changes something, in its id or at the end of its path; empty for none."""
        if not self.served or not _READS.isdisjoint(split(self.id)):
            return ""
        last = self.last.text.rpartition(":")[2] if self.last is not None else ""
        verb = verb_of(last) if "{" not in last else None
        return verb.word if verb is not None and verb.word in WRITING else changes(self.id)

    @property
    def replaces_all(self) -> bool:
        """Whether its name says that it sets or replaces what there is."""
        return not _REPLACES.isdisjoint((*split(self.id), *split(self.text("summary"))))

    @property
    def lacks_body(self) -> bool:
        """Whether it is to change something and takes nothing that says how."""
        return lacks_body(self)

    @property
    def succeeds(self) -> bool:
        """Whether it tells of a success, or nothing at all; true of one that is gone, which has none."""
        return not self.statuses or succeeds(self.statuses)

    @property
    def odd_statuses(self) -> tuple[tuple[Place, StatusKind], ...]:
        """The keys of its responses that are no registered status."""
        return tuple(odd_statuses(self))

    def takes(self, names: Iterable[str]) -> bool:
        """Whether it has a parameter of one of these names, compared by letters and digits alone."""
        wanted = {plain(name) for name in names}
        return any(plain(parameter.name) in wanted for parameter in self.parameters)

    def ends_in(self, words: Iterable[str]) -> bool:
        """Whether the last word of its path is one of these."""
        return self.last is not None and self.last.word in frozenset(words)

    @property
    def creates(self) -> bool:
        """Whether it is a POST that adds an item to a collection."""
        last = self.last
        if not self.served or self.method != "POST" or last is None or last.kind != "collection" or not last.has_items:
            return False
        return not self.answers_list and not self.does_otherwise

    @property
    def does_otherwise(self) -> bool:
        """Whether its name or summary says that it does something else than create one item."""
        noun = self.last.word if self.last is not None else ""
        return any(_does_otherwise(split(told), noun) for told in (self.id, self.text("summary")))


def _does_otherwise(words: tuple[str, ...], noun: str) -> bool:
    """Whether the words of an id or a summary name something else than the creation of one item.

    Ids lead with the verb (`searchOrders`), with the resource (`orders_search`) or with a group (`tags-attach`).
    """
    if not _OTHERWISE_ANYWHERE.isdisjoint(words) or ("or" in words and not {"update", "replace"}.isdisjoint(words)):
        return True
    if words[:1] == ("add",) and ("ids" in words or (noun in words and is_plural(noun))):
        return True  # "add labels to an issue" and "add label ids" join what there is; "add a label" makes one
    if not _JOINS.isdisjoint(words[:2]):
        return True
    lead = [word for word in words if noun not in (word, plural(word))]
    return not _OTHERWISE.isdisjoint(words[:1]) or not _OTHERWISE_AFTER.isdisjoint(lead[:1])
