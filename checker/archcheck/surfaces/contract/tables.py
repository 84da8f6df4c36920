"""What a schema and the table behind it tell differently: the subjects of the rules about tables.

Each has a property and its column. `others` are further schemas of which the same is true: they are said once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Final

from msgspec import Struct

from archcheck.finding import Stage
from archcheck.source import Location
from archcheck.surfaces.openapi.facts import PropertyFact
from archcheck.surfaces.sql.interface import ColumnView

_NAMED: Final = 4
_NULL: Final = re.compile(r"\(*\s*(?:CAST\s*\(\s*)?NULL\b", re.IGNORECASE)


class _Clash(Struct, frozen=True):
    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "project"

    schema: str
    table: str
    field: PropertyFact
    column: ColumnView
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        more = f" (and of {len(self.others)} more)" if self.others else ""
        return f"'{self.field.name}' of {self.schema}{more}"

    @property
    def at(self) -> Location:
        """Where the property is defined."""
        return self.field.at

    @property
    def place(self) -> str:
        """The column with its table."""
        return f"{self.table}.{self.column.name}"


class NullableRequired(_Clash, frozen=True):
    """A property that a response always has and that is never null, and a column that may be."""

    @property
    def filled(self) -> bool:
        """Whether a default fills the column where nobody gives it a value."""
        return self.column.default not in (None, "") and not _NULL.match(str(self.column.default))


class LengthClash(_Clash, frozen=True):
    """A request may be longer than its column."""


class TypeClash(_Clash, frozen=True, kw_only=True):
    """A property and a column of different families. `told` and `held` say what the two are."""

    told: str
    held: str


class EnumClash(_Clash, frozen=True, kw_only=True):
    """Texts that are allowed on one side only: `promised` by the schema, `kept` by the column."""

    promised: tuple[str, ...]
    kept: tuple[str, ...]

    @staticmethod
    def listed(values: Sequence[str]) -> str:
        """The first of some values in quotation marks."""
        named = ", ".join(f"'{value}'" for value in values[:_NAMED])
        return f"{named} and {len(values) - _NAMED} more" if len(values) > _NAMED else named


class ExposedSecret(_Clash, frozen=True):
    """A column that holds a secret, and a response that has it."""
