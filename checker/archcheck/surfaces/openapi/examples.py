"""Examples: values that a document shows for a body, a parameter, a header or a schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property

from archcheck.finding import Related
from archcheck.source import Location
from archcheck.surfaces.openapi.instances import Direction, Mismatch
from archcheck.surfaces.openapi.message import Header, MediaType, Parameter, Response
from archcheck.surfaces.openapi.mismatch import under
from archcheck.surfaces.openapi.place import Json, Place
from archcheck.surfaces.openapi.schema import Schema
from archcheck.surfaces.openapi.view import View

_REFUSED = re.compile(
    r"bad[-_ ]?request|not[-_ ]?found|invalid|malformed|missing|unprocessable|incorrect|(?:^|[-_ ])(?:wrong|fail)", re.I
)


class Example(View, frozen=True, eq=False):
    """One value that is shown. Its place is the value; `named` is where the object it belongs to asks for it."""

    schema: Place | None = None
    named: Place | None = None
    owner: str = ""
    textual: bool = False
    """Whether it travels as text, so that a number may be shown as one."""

    def __str__(self) -> str:
        return f"example of {self.owner}"

    @property
    def pointer(self) -> str:
        """Where it belongs, which tells two uses of a shared example apart."""
        return (self.named or self.place).pointer

    @cached_property
    def mismatch(self) -> Mismatch | None:
        """How it departs from its schema; None where it fits and where that cannot be known."""
        if self.schema is None:
            return None
        mismatch = self.api.instances.mismatch(self.schema, self.place.node, direction_of(self))
        if mismatch is not None and under(self.place, mismatch.path).reference is not None:
            # A reference inside an example is data; most bundlers put what it names in its place.
            return None
        if mismatch is not None and self.textual and type(self.place.node) is str:
            try:
                meant = json.loads(self.place.node)
            except ValueError:
                return mismatch
            if self.api.instances.mismatch(self.schema, meant, direction_of(self)) is None:
                return None
        return mismatch

    @cached_property
    def spot(self) -> Place:
        """The innermost value that departs."""
        return under(self.place, self.mismatch.path) if self.mismatch is not None else self.place

    @property
    def at(self) -> Location:
        """Where the value that departs stands; the reference, for an example that is shared."""
        if self.named is not None and self.named.reference is not None:
            return self.named.at
        return self.spot.at

    @cached_property
    def shared(self) -> tuple[Related, ...]:
        """The value that departs, where it stands behind a reference."""
        if self.named is None or self.named.reference is None:
            return ()
        return (Related(self.spot.at, "the value"),)


def direction_of(view: View) -> Direction:
    """The way that what is seen goes, where it goes but one."""
    return "" if view.in_request == view.in_response else "in" if view.in_request else "out"


def examples(view: View) -> Iterator[Example]:
    """The examples that an object holds itself."""
    if not view.has("example") and not view.has("examples"):
        return
    if isinstance(view, Schema):
        yield from _of_schema(view)
    elif isinstance(view, Response):
        yield from _of_old_response(view)
    elif isinstance(view, MediaType | Parameter | Header):
        schema = view.schema.place if view.schema is not None else None
        for named, place in _shown(view):
            if schema is not None and _comparable(view, place.node):
                textual = not isinstance(view, MediaType)
                yield Example(view.api, place, (), view.role, view.piece, schema, named, _owner(view), textual)


def _of_schema(view: Schema) -> Iterator[Example]:
    single = view.place.child("example")
    several = view.place.child("examples") if view.api.modern else None
    places = [single] if single is not None else []
    if several is not None and type(several.node) is list:
        places += several.children()
    for place in places:
        if place.node is not None:
            yield Example(view.api, place, (), view.role, view.piece, view.place, None, view.label)


def _of_old_response(view: Response) -> Iterator[Example]:
    schema = view.place.child("schema")
    for place in view.entries("examples") if view.api.version == "2.0" else ():
        media = MediaType(view.api, place, (), view.role, view.piece, name=str(place.key))
        if schema is not None and media.json and place.node is not None and type(place.node) is not str:
            yield Example(view.api, place, (), view.role, view.piece, schema, None, _owner(view))


def _shown(view: View) -> Iterator[tuple[Place | None, Place]]:
    single = view.place.child("example")
    if single is not None and single.node is not None and view.api.version != "2.0":
        yield None, single
    asks = view.in_request and not view.in_response
    for entry in view.entries("examples"):
        resolved = view.resolved(entry)
        if asks and resolved is not None and _refused(entry, resolved[0]):
            continue
        for key in ("value", "dataValue") if resolved is not None else ():
            value = resolved[0].child(key) if resolved is not None else None
            if value is not None and value.node is not None:
                yield entry, value


def _refused(entry: Place, example: Place) -> bool:
    """Whether a request is shown for how it is refused, as `bad_request` or `Order not found`: wrong on purpose."""
    summary = example.child("summary")
    told = (str(entry.key), summary.node if summary is not None else "")
    return any(isinstance(text, str) and _REFUSED.search(text) for text in told)


def _comparable(view: View, value: Json) -> bool:
    """Whether a value is shown as itself: text may be what a value is written as, in a query, a form or XML."""
    if isinstance(view, MediaType):
        return view.json
    if type(value) is not str:
        return True
    schema = view.schema if isinstance(view, Parameter | Header) else None
    return schema is not None and schema.types.isdisjoint({"array", "object"}) and not schema.alternatives


def _owner(view: View) -> str:
    operation = view.operation
    what = f"the parameter '{view}'" if isinstance(view, Parameter) else f"the header '{view}'"
    if isinstance(view, MediaType):
        return view.whose
    if isinstance(view, Response):
        what = f"the {view.place.key} response"
    return f"{what} of {operation}" if operation is not None else what
