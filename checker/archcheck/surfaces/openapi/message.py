"""What an operation takes and gives: parameters, bodies, responses, their headers and media types."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from archcheck.surfaces.openapi.bodies import identifies
from archcheck.surfaces.openapi.graph import OUTWARD
from archcheck.surfaces.openapi.place import Place
from archcheck.surfaces.openapi.schema import Schema
from archcheck.surfaces.openapi.statuses import bodiless
from archcheck.surfaces.openapi.view import View

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.api import Api


_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class MediaType(View, frozen=True, eq=False):
    """One representation of a body. In a 2.0 document its place is the `schema` of the response or parameter."""

    name: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def whose(self) -> str:
        """The message it represents, in a sentence: `the body of POST /orders`, `the 200 response of GET /orders`."""
        message = self.place.parent.parent if self.place.parent is not None else None
        if message is None or self.api.version == "2.0":
            return f"the {self.name} body"
        name = message.key or self.file.rpartition("/")[2].rpartition(".")[0]
        if self.operation is None:
            return f"the request body '{name}'" if self.in_request else f"the response '{name}'"
        return f"the body of {self.operation}" if name == "requestBody" else f"the {name} response of {self.operation}"

    @property
    def json(self) -> bool:
        """Whether it is JSON, or may be."""
        base = self.name.partition(";")[0].strip().lower()
        return base.endswith(("json", "+json")) or base in ("*/*", "application/*")

    @property
    def structured(self) -> bool:
        """Whether it is JSON or a form, and no document that describes changes to one."""
        base = self.name.partition(";")[0].strip().lower()
        return (self.json and "patch" not in base) or base in _FORMS

    @property
    def bare(self) -> bool:
        """Whether it has no schema at all, not even one that cannot be read."""
        return self.api.version != "2.0" and not self.has("schema") and not self.has("itemSchema")

    @property
    def untyped(self) -> bool:
        """Whether its schema is missing, or lets anything pass without saying that it means to."""
        return self.bare or (self.schema is not None and self.schema.open and not self.has("itemSchema"))

    @cached_property
    def schema(self) -> Schema | None:
        """What the body is; None where it does not say or the reference leads nowhere."""
        return Schema.of(self.api, self.place if self.api.version == "2.0" else self.place.child("schema"))


class Header(View, frozen=True, eq=False):
    """A response header."""

    name: str = ""

    def __str__(self) -> str:
        return self.name or str(self.place.key)

    @cached_property
    def schema(self) -> Schema | None:
        """What its value is."""
        return Schema.of(self.api, self.place if self.api.version == "2.0" else self.place.child("schema"))


class Parameter(View, frozen=True, eq=False):
    """A value in the path, the query, a header, a cookie, or (2.0) a form."""

    def __str__(self) -> str:
        return self.name or str(self.place.key)

    @property
    def title(self) -> Place:
        """Where a list tells its name, be that first in it or not; its own key among the shared ones."""
        return (self.place.child("name") if isinstance(self.place.key, int) else None) or self.place

    @property
    def name(self) -> str:
        """Its name as the client writes it."""
        return self.text("name")

    @property
    def location(self) -> str:
        """`path`, `query`, `header`, `cookie`, `querystring` (3.2) or `formData` (2.0)."""
        return self.text("in")

    @property
    def required(self) -> bool:
        """Whether it must be given; a path parameter always must."""
        return self.location == "path" or self.flag("required")

    @cached_property
    def schema(self) -> Schema | None:
        """What its value is; that of its one representation where it has `content`."""
        if self.api.version == "2.0":
            return Schema.of(self.api, self.place.child("schema") or self.place)
        if (place := self.place.child("schema")) is not None:
            return Schema.of(self.api, place)
        media = next(iter(_content(self).values()), None)
        return media.schema if media is not None else None


class RequestBody(View, frozen=True, eq=False):
    """The body of a request: a `requestBody`, or in 2.0 the parameter that is `in: body`."""

    def __str__(self) -> str:
        return "the request body"

    @property
    def required(self) -> bool:
        """Whether it must be sent."""
        return self.flag("required")

    @cached_property
    def content(self) -> Mapping[str, MediaType]:
        """Its representations by media type."""
        return _content(self)

    @cached_property
    def untyped(self) -> tuple[MediaType, ...]:
        """The JSON and form representations that have no schema, or one that lets anything pass without saying so."""
        if self.api.version == "2.0" and self.place.child("schema") is None:
            return ()
        structured = [media for media in self.content.values() if media.structured]
        return tuple(media for media in structured[:1] if media.untyped)

    @property
    def vacant(self) -> bool:
        """Whether it can hold nothing: some generators give every operation a body, and close it."""
        medias = self.content.values()
        return bool(medias) and all(media.schema is not None and media.schema.vacant for media in medias)

    @cached_property
    def demands(self) -> frozenset[str]:
        """The properties that every representation of it requires."""
        schemas = [media.schema for media in self.content.values()]
        required = [schema.required if schema is not None else frozenset() for schema in schemas]
        return frozenset.intersection(*required) if required else frozenset()


class Response(View, frozen=True, eq=False):
    """One answer. `status` is the key it is used under (`429`, `4XX`, `default`); empty for a shared response."""

    status: str = ""

    def __str__(self) -> str:
        owner = self.operation
        if owner is not None:
            return f"{owner} {self.status or self.place.key}"
        name = self.place.key or self.file.rpartition("/")[2]
        return f"The response '{name}'"

    @cached_property
    def statuses(self) -> tuple[str, ...]:
        """The statuses it is used for."""
        if self.status:
            return (self.status,)
        return tuple(sorted({context.partition(":")[2] for context in self.contexts} - {""}))

    def answers(self, status: str) -> bool:
        """Whether the API answers with it under this very status."""
        return f"{OUTWARD}:{status}" in self.contexts

    @cached_property
    def undescribed(self) -> tuple[MediaType, ...]:
        """The JSON it answers with on success and does not describe."""
        if not any(status[:1] == "2" for status in self.statuses):
            return ()
        return tuple(media for name, media in self.content.items() if media.bare and media.json and "json" in name)

    @property
    def sharing(self) -> str:
        """How many operations share it, to be put into a sentence; empty for one of its own."""
        if self.operation is not None or self.reach < 2:
            return ""
        return f" once for the {self.reach} operations that use it"

    @property
    def bodiless(self) -> str:
        """The status it is used for that has no body by law; empty for none."""
        return bodiless(self.statuses)

    @property
    def body_place(self) -> Place | None:
        """Where it says that it has a body."""
        if self.api.version == "2.0":
            return self.place.child("schema")
        return self.place.child("content") if self.value("content") else None

    @property
    def identifies(self) -> bool:
        """Whether it says how to reach what was made: a Location, an id, a link; or cannot be read."""
        return identifies(self)

    @property
    def opaque_headers(self) -> bool:
        """Whether its headers are referred to and could not be read."""
        headers = self.place.child("headers")
        return headers is not None and self.resolved(headers) is None

    @cached_property
    def headers(self) -> Mapping[str, Header]:
        """Its headers by name in lower case: case means nothing in them."""
        found: dict[str, Header] = {}
        for entry in self.entries("headers"):
            resolved = self.resolved(entry)
            place, chain = resolved if resolved is not None else (entry, ())
            found[str(entry.key).lower()] = Header(self.api, place, chain, name=str(entry.key))
        return found

    @cached_property
    def content(self) -> Mapping[str, MediaType]:
        """Its representations by media type."""
        return _content(self)


def _content(view: View) -> Mapping[str, MediaType]:
    if view.api.version == "2.0":
        schema = view.place.child("schema")
        if schema is None:
            return {}
        names = _media_types(view)
        return {name: MediaType(view.api, schema, name=name) for name in names}
    found: dict[str, MediaType] = {}
    for entry in view.entries("content"):
        resolved = view.resolved(entry)
        if resolved is not None:
            found[str(entry.key)] = MediaType(view.api, resolved[0], resolved[1], name=str(entry.key))
    return found


def _media_types(view: View) -> tuple[str, ...]:
    """The media types of a 2.0 message: the operation's, else the document's, else JSON."""
    key = "consumes" if isinstance(view, RequestBody) else "produces"
    owner = view.operation
    own = owner.strings(key) if owner is not None else ()
    return own or view.api.strings(key) or ("application/json",)


def response_at(api: Api, entry: Place, operation: View) -> Response | None:
    """The response an operation gives under one status key; None where its reference leads nowhere."""
    resolved = operation.resolved(entry)
    if resolved is None or type(resolved[0].node) is not dict:
        return None
    place, chain = resolved
    role = operation.role
    return Response(api, place, chain, role, operation.piece, status=str(entry.key))
