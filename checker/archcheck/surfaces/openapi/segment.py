"""A segment of a path as rules judge it: once, however many paths go through it."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from archcheck.source import Location
from archcheck.surfaces.openapi.operation import PathItem
from archcheck.surfaces.openapi.segments import PathSegment
from archcheck.surfaces.openapi.view import View
from archcheck.surfaces.openapi.words import IDENTIFIERS, countable, plural, split

_NO_SEGMENT: Final = PathSegment("", 0, "word", (), "")


class Segment(View, frozen=True, eq=False):
    """One segment of a path, judged once however many paths go through it. Its place is the path key that shows it."""

    segment: PathSegment = _NO_SEGMENT
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
    def word(self) -> str:
        """Its last word in lower case: the noun in `purchase-orders`."""
        return self.segment.word

    @property
    def prefix(self) -> str:
        """The path up to and with it, parameters unnamed."""
        return self.segment.prefix

    @cached_property
    def item_path(self) -> str:
        """The path of one item below it, where a parameter follows that identifies one (`{id}`, `{order_id}`)."""
        if self.segment.mixed:
            return ""
        own = {self.word, plural(self.word)}
        for name in self.segment.items:
            words = set(split(name)) - IDENTIFIERS
            if not words or not words.isdisjoint(own):
                return f"{self.path[: self.segment.start + len(self.segment.text)]}/{{{name}}}"
        return ""

    @property
    def singular(self) -> bool:
        """Whether it ends in a noun that is known to have a plural, and is not in it."""
        return self.segment.kind in ("collection", "word") and countable(self.word)

    @property
    def plural(self) -> str:
        """The segment with its last word in the plural."""
        text = self.segment.text
        at = text.lower().rfind(self.word)
        many = plural(self.word)
        written = many.upper() if text[at:].isupper() and len(self.word) > 1 else text[at : at + 1] + many[1:]
        return text[:at] + written + text[at + len(self.word) :]

    @property
    def beside_plural(self) -> bool:
        """Whether it and its plural are paths of their own: then the singular is another thing, and meant."""
        many = self.prefix[: -len(self.segment.text)] + self.plural
        return self.api.templates.is_path(self.prefix) and self.api.templates.is_path(many)

    @property
    def filters(self) -> bool:
        """Whether it narrows the collection before it, as in `/orders/customer/{id}`."""
        segments = self.item.segments if self.item is not None else ()
        before = segments[segments.index(self.segment) - 1] if self.segment in segments[1:] else None
        return before is not None and before.kind == "collection"

    @property
    def level(self) -> int:
        """How many resources the path goes through up to it; a collection and its items are one."""
        before = self._before
        tops = [segment.kind in ("version", "prefix") for segment in before]
        return 1 + sum(
            segment.kind != "parameter" and not top and below.kind == "parameter"
            for segment, below, top in zip(before, before[1:], tops, strict=False)
        )

    @property
    def opens_level(self) -> bool:
        """Whether it is the first collection below an item."""
        before = self._before
        items = [number for number, segment in enumerate(before) if segment.kind == "parameter"]
        between = before[items[-1] + 1 :] if items else before
        return self.segment.kind == "collection" and not any(one.kind == "collection" for one in between)

    @property
    def _before(self) -> tuple[PathSegment, ...]:
        segments = self.item.segments if self.item is not None else ()
        return segments[: segments.index(self.segment)] if self.segment in segments else ()

    @property
    def is_last(self) -> bool:
        """Whether the path ends with it."""
        return self.item is not None and self.item.segments[-1:] == (self.segment,)

    @property
    def lists(self) -> bool:
        """Whether a GET on it returns a list, by the shape of the answer alone."""
        operations = self.item.operations if self.is_last and self.item is not None else ()
        return any(operation.method == "GET" and operation.answers_list for operation in operations)
