"""What the subjects of this surface have in common: when they are judged, and that some of them are one fact each."""

from __future__ import annotations

from typing import ClassVar, Generic, Protocol, TypeVar

from msgspec import Struct

from archcheck.finding import Stage
from archcheck.source import Location


class Judged(Struct, frozen=True, eq=False):
    """Something of a history that rules judge, as soon as the history is read."""

    surface: ClassVar[str] = "sql"
    stage: ClassVar[Stage] = "unit"


class Placed(Protocol):
    """A fact that remembers the place that made it."""

    @property
    def at(self) -> Location:
        """The statement, or the part of it."""


class Written(Placed, Protocol):
    """A fact whose name is remembered as it was written."""

    @property
    def text(self) -> str:
        """The name."""


Fact = TypeVar("Fact", bound=Placed)
Known = TypeVar("Known", bound=Written)


class Stated(Judged, Generic[Fact], frozen=True, eq=False):
    """A subject that is one fact of the final catalog."""

    fact: Fact

    @property
    def at(self) -> Location:
        """The place that made it: its name where it was defined, or the statement where it has none."""
        return self.fact.at


class Named(Stated[Known], frozen=True, eq=False):
    """A subject that is one fact with a name of its own."""

    def __str__(self) -> str:
        return self.fact.text
