"""A finding is what is said: one sentence about one place, and perhaps a way to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from msgspec import Struct

from archcheck.source import Location

Severity: TypeAlias = Literal["error", "warning", "note"]
Profile: TypeAlias = Literal["regular", "strict", "audit"]
Precision: TypeAlias = Literal["very-high", "high", "medium", "low"]
Stage: TypeAlias = Literal["unit", "surface", "project", "change"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
PROFILES: tuple[Profile, ...] = ("regular", "strict", "audit")


class Related(Struct, frozen=True):
    """Another place that belongs to a finding, with a label that says what it is."""

    at: Location
    label: str


class Edit(Struct, frozen=True):
    """Replace the text from (line, column) up to (end_line, end_column) by `text`.

    Lines and columns count from 1 in code points; the end is exclusive. An insertion starts where it ends.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class NewFile(Struct, frozen=True):
    """A file that a fix makes: its `parts` between the pieces of a `frame`, which has one piece more.

    Fixes that make a file of one path and one frame make it together: the parts of each stand below those of the other.
    """

    path: str
    frame: tuple[str, ...]
    parts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is in it when this fix alone makes it."""
        return together((self,))[self.path]


def together(files: Iterable[NewFile]) -> dict[str, str]:
    """New files of several fixes with their texts. Raises `ValueError` for two that are not one."""
    frames: dict[str, tuple[str, ...]] = {}
    parts: dict[str, dict[tuple[str, ...], None]] = {}
    for file in files:
        if len(file.frame) != len(file.parts) + 1 or frames.setdefault(file.path, file.frame) != file.frame:
            raise ValueError(f"{file.path}: two fixes make it in two ways")
        parts.setdefault(file.path, {})[file.parts] = None
    made = {}
    for path, (first, *rest) in frames.items():
        columns = zip(*parts[path], strict=True)
        made[path] = first + "".join("".join(column) + piece for column, piece in zip(columns, rest, strict=True))
    return made


class Fix(Struct, frozen=True):
    """A way to mend a finding: edits of files and files to make.

    It is `safe` when no reader of the files can tell a difference in meaning.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False
    files: tuple[NewFile, ...] = ()


class Finding(Struct, frozen=True):
    """What a rule yields.

    `message` is one or two sentences with the user's own names, what is wrong first and what to do
    second, ending in a full stop. `subject` is the stable name of what is judged (`GET /orders`,
    `orders.user_id`, `app.api:create_user`); it is part of the fingerprint, so it holds no line numbers.
    `severity` may be lower and `profile` later than the rule's own, never the reverse: less proof, said more quietly.
    `hidden` are places, such as a password, whose text no report shows. `flow` says that the related places are the
    steps, in order, by which something came to `at`.
    """

    at: Location
    message: str
    subject: str = ""
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None
    profile: Profile | None = None
    hidden: tuple[Location, ...] = ()
    flow: bool = False


Findings: TypeAlias = Iterator[Finding]


class Verdict(Struct, frozen=True):
    """A finding as it is reported: with its rule, its effective severity and profile, and its fingerprint.

    `fingerprint` is 16 hexadecimal digits over rule, path, subject and an ordinal among equals. It survives moved
    lines, and baselines hold nothing else.
    """

    rule: str
    severity: Severity
    profile: Profile
    finding: Finding
    fingerprint: str

    @property
    def at(self) -> Location:
        """The primary place."""
        return self.finding.at
