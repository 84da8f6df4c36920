"""Layers as rules see them: what a module does by what stands in it, and imports against the declared order."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct

from archcheck.finding import Stage
from archcheck.source import Location

Role: TypeAlias = Literal["controller", "repository"]


class Mixture(Struct, frozen=True):
    """A module of one role that does the work of another: a controller that queries, or a repository that speaks HTTP.

    `what` is the query or the name of the framework at `at`, `count` how many functions ask the database. `layered`
    says that the project keeps most of its queries in `repositories`, modules of their own; where it does not, one
    module stands for all of its role, and `others` counts the rest.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    role: Role
    module: str
    at: Location
    what: str
    function: str
    count: int
    layered: bool
    repositories: tuple[str, ...]
    others: int = 0


class Breach(Struct, frozen=True):
    """An import that leads from a layer to one above it, or to one beside it that is kept apart.

    `at` is the import that does it, `chain` the modules on the way, importer first, with the imports between them.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    at: Location
    chain: tuple[str, ...]
    steps: tuple[Location, ...]
    lower: str
    higher: str
    beside: bool
    others: int
