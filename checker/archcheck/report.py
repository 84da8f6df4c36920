"""A report is what a run has to say, as plain data: every format is written from it and from nothing else.

It holds no parser, no rule code and no open file, so that a report can be made without importing a surface.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct, field

from archcheck.finding import Profile, Severity, Verdict
from archcheck.source import Location, Source, Unread
from archcheck.surface import Gap

Threshold: TypeAlias = Literal["error", "warning", "note", "never"]


class RunCoverage(Struct, frozen=True):
    """What a whole run read, and what it did not.

    `counts` has the surface's own nouns in plural, the unit's noun first: `{"openapi": {"specs": 2, "operations": 40},
    "sql": {"migrations": 18, "statements": 96}, "python": {"modules": 310}}`. `opaque` says per surface how many parts
    of which kind were delimited and not understood, `undecided` how many verdicts were withheld for which reason,
    `passed_over` how many files were of no concern, by reason. `notes` are sentences. `gaps` are exit code 3.
    `rules` counts the rules that ran, `files` the files that were read.
    """

    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    opaque: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    undecided: Mapping[str, int] = field(default_factory=dict)
    passed_over: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    rules: int = 0
    files: int = 0


class RuleInfo(Struct, frozen=True):
    """What reports say about a rule that ran. `docs` is its law in Markdown; `url` may be empty.

    `surface` is where its subject lives (`openapi`, `sql`, `python`, `contract`, `tool`), `pack` the name of the
    distribution or entry point it came from. `security` is a score from 0.0 to 10.0, None for other rules.
    `changes` tells that it judges what changed between two releases.
    """

    id: str
    checklist: str
    severity: Severity
    profile: Profile
    since: str
    precision: Literal["very-high", "high", "medium", "low"]
    surface: str
    pack: str
    docs: str
    security: float | None = None
    cwe: str = ""
    formerly: tuple[str, ...] = ()
    url: str = ""
    changes: bool = False

    @property
    def summary(self) -> str:
        """The first line of the docs: the problem in one short sentence."""
        return self.docs.strip().partition("\n")[0].strip()


class ChecklistLine(Struct, frozen=True):
    """One line of the checklist, and what stands behind it.

    `section` is the heading it stands under. `rules` holds the ids of all rules that answer to it, those that did not
    run too; without one no report can call the line passed. `unread` counts the files of its rules' surfaces that were
    not checked in full. `changes` tells that all of its rules judge what changed between two releases.
    """

    anchor: str
    title: str
    section: str = ""
    rules: tuple[str, ...] = ()
    unread: int = 0
    changes: bool = False

    @property
    def checkable(self) -> bool:
        """Whether any rule watches over the line."""
        return bool(self.rules)


class Changed(Struct, frozen=True):
    """One difference between two releases as a sentence, with its places on both sides.

    `breaking` tells that a client that relied on the former is certain to meet something else.
    """

    breaking: bool
    said: str
    base: Location
    revision: Location


class ReleaseNotes(Struct, frozen=True):
    """What changed between two releases of one document: its title, the two files, their versions, the differences."""

    title: str
    base: str
    revision: str
    before: str
    after: str
    changes: tuple[Changed, ...]


class Lines(Protocol):
    """Where reports get the text around a finding. Nothing here raises: a file that is gone has no lines."""

    def line(self, path: str, number: int) -> str:
        """Line `number`, counted from 1, as it may be shown, without its line break; empty when there is none."""

    def source(self, path: str) -> Source | None:
        """The whole file, for counting and hashing only; None when it cannot be read."""


class SourceLines:
    """Lines out of sources that are opened once each, when they are first asked for.

    The text at the `hidden` places is shown as asterisks, as many as it has characters, so that columns hold.
    """

    def __init__(self, open_source: Callable[[str], Source | None], hidden: Iterable[Location] = ()) -> None:
        self._open = open_source
        self._known: dict[str, Source | None] = {}
        self._hidden: dict[tuple[str, int], list[Location]] = {}
        for place in hidden:
            self._hidden.setdefault((place.path, place.line), []).append(place)

    def line(self, path: str, number: int) -> str:
        source = self.source(path)
        text = source.line(number) if source else ""
        for place in self._hidden.get((path, number), ()):
            start, end = place.column - 1, place.end_column - 1 if place.end_column else len(text)
            text = text[:start] + "*" * len(text[start:end]) + text[end:]
        return text

    def source(self, path: str) -> Source | None:
        if path not in self._known:
            self._known[path] = self._readable(path)
        return self._known[path]

    def _readable(self, path: str) -> Source | None:
        try:
            source = self._open(path)
            if source is not None:
                _ = source.text
        except Unread:
            return None
        return source


class Report(Struct, frozen=True):
    """Everything a report is made from. The same report gives the same bytes in every format.

    `verdicts` are those that are reported, sorted by place, rule and fingerprint; what was allowed is only counted,
    and what the baseline accepts is `debt`. `rules` holds the rules that ran, by id. `category` is SARIF's, empty for
    the default. `hidden` are the places that `lines` shows as asterisks. `checklist` holds its lines in their order.
    `compares` tells that the run was a comparison, `releases` what it found to have changed.
    """

    version: str
    verdicts: tuple[Verdict, ...]
    rules: Mapping[str, RuleInfo]
    coverage: RunCoverage
    lines: Lines
    exit_code: int = 0
    fail_on: Threshold = "error"
    allowed: int = 0
    debt: tuple[Verdict, ...] = ()
    category: str = ""
    hidden: tuple[Location, ...] = ()
    checklist: tuple[ChecklistLine, ...] = ()
    releases: tuple[ReleaseNotes, ...] = ()
    compares: bool = False
