"""The API as a whole, from the facts that its pieces left: what it has, and what most of it does.

Only the facts are read, never the operations themselves, so that after an edit the whole costs no more than its parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sized
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from msgspec.structs import replace

from archcheck.source import Location
from archcheck.surfaces.openapi.envelopes import Shape, prevailing
from archcheck.surfaces.openapi.facts import ErrorFact, OperationFact, PageSizeFact, PieceFacts, RequirementFact
from archcheck.surfaces.openapi.view import View

Fact = TypeVar("Fact")
Style = TypeVar("Style", bound=Hashable)

LEAST = 3
"""Fewer than this are no habit."""


def most(part: Sized, whole: Sized) -> bool:
    """Whether a part is what the whole does: more than half of it, and three at least."""
    return len(part) >= LEAST and 2 * len(part) > len(whole)


@dataclass(frozen=True, eq=False)
class Census(View):
    """The whole of an API. Its place is that of the root document; it is settled after all pieces are known."""

    facts: tuple[PieceFacts, ...] = ()
    whole: bool = True
    """Whether every piece was read, so that what is not there is absent."""

    def __str__(self) -> str:
        return str(self.api)

    @property
    def at(self) -> Location:
        """Where the root document names its paths: the anchor of what is said of all of them."""
        place = self.place.child("paths") or self.place.child("webhooks") or self.place
        return place.at

    @cached_property
    def operations(self) -> tuple[OperationFact, ...]:
        """What it serves, in document order."""
        return tuple(fact for part in self.facts for fact in part.operations if fact.served)

    @cached_property
    def messages(self) -> tuple[OperationFact, ...]:
        """What it sends of its own accord: webhooks and callbacks."""
        return tuple(fact for part in self.facts for fact in part.operations if not fact.served)

    @cached_property
    def errors(self) -> tuple[ErrorFact, ...]:
        """How it answers requests that fail: each answer once, wherever it is used."""
        return _joined(
            (fact for part in self.facts for fact in part.errors),
            lambda fact: fact.at,
            _error,
        )

    @cached_property
    def requirements(self) -> tuple[RequirementFact, ...]:
        """The credentials that operations name: each scheme with the same scopes once, where it stands first."""
        return _joined(
            (fact for part in self.facts for fact in part.requirements),
            lambda fact: (fact.scheme, fact.scopes),
            lambda same: replace(same[0], uses=sum(fact.uses for fact in same)),
        )

    @cached_property
    def page_sizes(self) -> tuple[PageSizeFact, ...]:
        """The parameters that say how long a page is, each once."""
        return _joined(
            (fact for part in self.facts for fact in part.page_sizes),
            lambda fact: fact.at,
            lambda same: replace(same[0], uses=sum(fact.uses for fact in same)),
        )

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The paths it serves, each once."""
        return tuple(dict.fromkeys(operation.path for operation in self.operations))

    @cached_property
    def envelope(self) -> Shape:
        """The shape that most of its errors have; empty where there is none."""
        shapes: Counter[Shape] = Counter()
        for error in self.errors:
            if error.shape:
                shapes[error.shape] += len(error.uses)
        return prevailing(shapes)

    @cached_property
    def paging(self) -> str:
        """The style in which most of its lists are paged; empty where there is none."""
        strict = [style for operation in self.operations if operation.lists for style in operation.styles[:1]]
        return self.habit(strict, lambda style: style) or ""

    def habit(self, facts: Iterable[Fact], style: Callable[[Fact], Style | None]) -> Style | None:
        """The style that most facts have: more than half of those that have one, and three at least; else None."""
        counts = Counter(found for fact in facts if (found := style(fact)) is not None)
        common = counts.most_common(1)
        if not common or common[0][1] < LEAST or 2 * common[0][1] <= counts.total():
            return None
        return common[0][0]


def _joined(
    facts: Iterable[Fact], key: Callable[[Fact], Hashable], join: Callable[[list[Fact]], Fact]
) -> tuple[Fact, ...]:
    """Facts of several pieces about the same thing as one."""
    found: dict[Hashable, list[Fact]] = {}
    for fact in facts:
        found.setdefault(key(fact), []).append(fact)
    return tuple(join(same) if len(same) > 1 else same[0] for same in found.values())


def _error(same: list[ErrorFact]) -> ErrorFact:
    statuses = dict.fromkeys(status for fact in same for status in fact.statuses)
    return replace(same[0], statuses=tuple(sorted(statuses)), uses=tuple(use for fact in same for use in fact.uses))
