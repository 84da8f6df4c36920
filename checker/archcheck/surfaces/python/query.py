"""A query is a place where text becomes SQL, with that text as literal parts and holes."""

from __future__ import annotations

import re
from typing import ClassVar, Final, Literal, TypeAlias

from msgspec import Struct

from archcheck.finding import Stage
from archcheck.late import regex
from archcheck.source import Location

Origin: TypeAlias = Literal[
    "constant", "number", "placeholders", "quoted", "allowed", "unknown", "parameter", "request"
]
"""Where the value of a hole comes from.

`constant`: a name, an enum or a choice whose values stand in the source, or the deployment's own settings.
`number`: anything whose text is harmless by its type (numbers, UUIDs, dates). `placeholders`: marks for bound values.
`quoted`: passed through the driver's own quoting. `allowed`: compared with what is allowed before. `parameter`: an
argument of the function. `request`: what a client sent. `unknown`: anything else.
"""

Position: TypeAlias = Literal["value", "identifier", "fragment", "whole"]
"""What stands in the hole: a value, a name, a piece of SQL of its own, or the whole statement."""

Place: TypeAlias = Literal["service", "script", "command", "notebook", "test", "migration"]
"""What kind of code something stands in, told by evidence in the file.

`command` is a command line: click and its kin, Django's management commands. `script` is what is started by hand or by
a build. `service` is all the rest.
"""

SAFE: Final[frozenset[Origin]] = frozenset({"constant", "number", "placeholders", "quoted", "allowed"})


class Step(Struct, frozen=True):
    """One place on the way of a value from its source to the query."""

    at: Location
    label: str


class Hole(Struct, frozen=True):
    """A part of a query's text that is not literal.

    `text` is the expression as a person would name it, `at` its place, `trail` the way it came, source first.
    `open` names, dotted, what another module has to answer; it is empty on every hole a rule sees. `parameter` is that
    of a function which the value came in by (`Store.find:name`), with a dot behind it (`Store.find:filter.`) when the
    value is an attribute of what came in.
    """

    text: str
    at: Location
    origin: Origin
    position: Position = "whole"
    trail: tuple[Step, ...] = ()
    open: str = ""
    parameter: str = ""

    @property
    def safe(self) -> bool:
        """Whether no text of a stranger can stand here."""
        return self.origin in SAFE


Part: TypeAlias = str | Hole


class Query(Struct, frozen=True):
    """One call that hands text to a database.

    `at` is the call, `function` the qualified name of what it stands in (`app.api:create_user`), `sink` the call as
    it is written, `family` the library that takes it. `bound` says that the call also binds values, `keys` under which
    names, as far as they are known. Where several texts can reach the call, `parts` holds the most dangerous one.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    at: Location
    function: str
    sink: str
    family: str
    parts: tuple[Part, ...]
    bound: bool = False
    place: Place = "service"
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.sink

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The parts that are not literal, in the order they stand."""
        return tuple(part for part in self.parts if isinstance(part, Hole))

    @property
    def pasted(self) -> tuple[Hole, ...]:
        """The holes through which a stranger's text can change the statement, the most certain first.

        Names and whole pieces of SQL are not among them unless a request chooses them.
        """
        found = [hole for hole in self.holes if not hole.safe and _pastes(hole)]
        return tuple(sorted(found, key=lambda hole: _CERTAINTY[hole.origin]))

    @property
    def named(self) -> tuple[Hole, ...]:
        """The holes for names of tables and columns that nothing proves harmless, where there is no worse hole."""
        unsafe = [hole for hole in self.holes if not hole.safe]
        if self.pasted or any(hole.position != "identifier" for hole in unsafe):
            return ()
        return tuple({hole.text: hole for hole in reversed(unsafe)}.values())[::-1]

    @property
    def chosen(self) -> tuple[Hole, ...]:
        """The names that the caller of the function gives as they are."""
        return tuple(hole for hole in self.named if hole.parameter and self.direct(hole))

    def direct(self, hole: Hole) -> bool:
        """Whether the value is what the caller gives: not a part of it, nor what another method kept on the object."""
        own = self.function.partition(":")[2]
        kept = not own.startswith(hole.parameter.partition(":")[0])
        return hole.origin != "parameter" or not (kept or hole.parameter.endswith("."))

    def doubtful(self, hole: Hole) -> bool:
        """Whether it may well be that no stranger ever chooses the value, or that it is meant to be a statement."""
        if hole.origin == "unknown" or hole.position == "whole" or not self.direct(hole):
            return True
        return hole.origin == "parameter" and (self.place != "service" or self.defines)

    @property
    def reads_or_writes(self) -> bool:
        """Whether it is about rows, and not about the tables themselves or the session."""
        first = next((part for part in self.parts if isinstance(part, str) and part.strip()), "")
        return _ROWS.match(first) is not None

    @property
    def defines(self) -> bool:
        """Whether it is about tables, their keepers or the session, and not about rows."""
        first = next((part for part in self.parts if isinstance(part, str) and part.strip()), "")
        return _DEFINES.match(first) is not None

    @property
    def quoted(self) -> tuple[str, ...]:
        """The quoted literals that are exactly a mark for a bound value, and so no mark at all."""
        if not self.bound:
            return ()
        text = "".join(part if isinstance(part, str) else "\0" for part in self.parts)
        outside = _LITERAL.sub("", text)
        found = [m for m in _LITERAL.finditer(text) if _mark(m) and self._marks(m, text, outside)]
        return tuple(dict.fromkeys(match.group() for match in found))

    def _marks(self, match: re.Match[str], text: str, outside: str) -> bool:
        mark = _mark(match)
        if mark == "$1":
            return self.family == "asyncpg" and "$1" not in outside
        if mark not in ("%s", "?"):
            return mark.strip(":%()").removesuffix(")s") in self.keys
        # Where values are marked otherwise, `%s` is a format of dates, and a question mark is one.
        if self.family not in ("DB-API", "Django") or _OTHER_MARK.search(outside):
            return False
        return mark == "?" or not _FORMATS.search(text[: match.start()])


_ROWS: Final = regex(r"[\s(]*(?:--[^\n]*\s*)*(?:SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE|MERGE)\b", re.IGNORECASE)
_DEFINES: Final = regex(
    r"[\s(]*(?:--[^\n]*\s*)*(?:CREATE|ALTER|DROP|TRUNCATE|COMMENT|GRANT|REVOKE|PRAGMA|SHOW|ATTACH|DETACH|VACUUM|SET|USE)\b",
    re.IGNORECASE,
)
_LITERAL: Final = regex(
    # The marks, also between the wildcards of LIKE.
    r"'(?:(?:%%)?(?P<mark>%s|%\(\w+\)s)(?:%%)?|%?(?P<plain>:\w+|\?|\$1)%?)'|'(?:[^']|'')*'|\"(?P<double>%s)\""
)
_OTHER_MARK: Final = regex(r"\?|(?<![:\w]):[a-z_]\w*", re.IGNORECASE)
_FORMATS: Final = regex(r"(?:strftime|date_format|to_char|time_format|str_to_date)\s*\([^()]*$", re.IGNORECASE)
_CERTAINTY: Final = {"request": 0, "parameter": 1, "unknown": 2}


def _mark(match: re.Match[str]) -> str:
    return match.group("mark") or match.group("plain") or match.group("double") or ""


def _pastes(hole: Hole) -> bool:
    return hole.origin == "request" or hole.position == "value"
