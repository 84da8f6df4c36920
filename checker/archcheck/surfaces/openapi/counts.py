"""Counts are what is remembered of a piece for facts of the whole API: what is owed, what lacks it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from archcheck.source import Location

_FEW: Final = 2
_MANY: Final = 40


class Spot(msgspec.Struct, frozen=True, array_like=True):
    """One place that counts, and what it is called. Those of one `group` have one cause."""

    label: str
    at: Location
    group: str = ""


class Part(msgspec.Struct, frozen=True, array_like=True):
    """The count of one piece in one topic."""

    owed: int = 0
    spots: tuple[Spot, ...] = ()


class Tally(msgspec.Struct, frozen=True):
    """The count of an API in one topic: how many places are owed something, and those that lack it."""

    owed: int
    spots: tuple[Spot, ...]

    @property
    def widespread(self) -> bool:
        """Whether most lack it, or very many, so that it is one defect of the API and not one of each place."""
        return len(self.spots) > _MANY or (len(self.spots) > _FEW and 2 * len(self.spots) > self.owed)

    @property
    def groups(self) -> tuple[tuple[Spot, ...], ...]:
        """The places by their cause, in the order of the first of each."""
        found: dict[str, list[Spot]] = {}
        for spot in self.spots:
            found.setdefault(spot.group or spot.label, []).append(spot)
        return tuple(tuple(spots) for spots in found.values())

    @property
    def outliers(self) -> tuple[Spot, ...]:
        """The places that lack it where most others have it."""
        return () if self.widespread else self.spots


class Repeat(msgspec.Struct, frozen=True, array_like=True):
    """A key that stands twice in one mapping, with both places."""

    key: str
    first: Location
    later: Location


def total(parts: Iterable[Part]) -> Tally:
    """The sum over all pieces, in their order."""
    known = list(parts)
    return Tally(sum(one.owed for one in known), tuple(spot for one in known for spot in one.spots))
