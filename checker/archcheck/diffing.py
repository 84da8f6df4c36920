"""Comparing two sides: documents are put together in pairs, each pair is judged in a worker, and the rest is told.

A pair that cannot be read, or takes too much time or memory, costs itself; the other pairs are compared.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from typing import Final

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from archcheck import __version__, workers
from archcheck.allow import scan
from archcheck.comparing import judge_changes, read
from archcheck.config import UNREAD, Config
from archcheck.files import RecordedFiles
from archcheck.judge import Law, Outcome, gap_of, law
from archcheck.packs import Entry, Index
from archcheck.report import Changed, ChecklistLine, Lines, ReleaseNotes, Report, RunCoverage, SourceLines
from archcheck.settling import info_of, policy_of
from archcheck.sides import Side
from archcheck.source import Source, Unread
from archcheck.surface import Gap, Limits, Settings
from archcheck.surfaces.contract.changelog import told
from archcheck.surfaces.contract.changes import Change, Release
from archcheck.surfaces.openapi.model import OpenApiModel
from archcheck.verdicts import judge_tool, settle, verdicts_of
from archcheck.workers import Lost

_SURFACE: Final = "contract"
_TWO: Final = 2
"""A comparison reads two documents, and may take what two may take."""


class Couple(Struct, frozen=True):
    """Two documents to be compared; where one of them is empty, the title of the other is asked for."""

    base: str = ""
    revision: str = ""


class Bar(Struct, frozen=True, kw_only=True):
    """Who judges what. `entries` are the rules on changes; `changed` the files of the revision that differ, None for
    all: a pair that reads none of them is passed over. With `lenient` a base that cannot be read is told and no gap.
    """

    index: Index
    config: Config
    entries: tuple[Entry, ...]
    base: Side
    revision: Side
    today: date
    limits: Limits = Limits()
    changed: frozenset[str] | None = None
    lenient: bool = False

    def open(self, path: str) -> Source | None:
        """The source that reports name so. Raises `Unread`."""
        # The project itself has no label, and so would take what is of the other side.
        sides = sorted((self.base, self.revision), key=lambda side: -len(side.label))
        return next((side.open(path) for side in sides if path.startswith(side.label)), None)


class Found(Struct):
    """What came of the pairs. Gaps and notes name files as reports do."""

    outcomes: list[Outcome] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    releases: list[ReleaseNotes] = field(default_factory=list)
    files: int = 0


def pairs_of(base: Sequence[str], revision: Sequence[str], folders: tuple[str, str] = ("", "")) -> Iterator[Couple]:
    """The documents of two sides by their paths below two folders, one without a twin alone.

    Where each side has a single document, those two belong together, however they are called.
    """
    if len(base) == len(revision) == 1:
        yield Couple(base[0], revision[0])
        return
    twins = {path.removeprefix(folders[1]): path for path in revision}
    for path in base:
        yield Couple(path, twins.pop(path.removeprefix(folders[0]), ""))
    for path in twins.values():
        yield Couple(revision=path)


def compare_pairs(bar: Bar, pairs: Iterable[Couple]) -> Found:
    """Judge every pair, and those left alone that have the same title."""
    found = Found()
    work = _Work(bar)
    whole = list(pairs)
    together = [pair for pair in whole if pair.base and pair.revision]
    together += _by_title(bar, work, [pair for pair in whole if not (pair.base and pair.revision)], found)
    for pair, result in _results(work, together):
        if isinstance(result, Lost):
            reason = f"comparing it with {bar.base.label}{pair.base} failed: {result.reason}"
            found.gaps.append(Gap(bar.revision.label + pair.revision, 0, result.kind, reason, result.way_out))
            continue
        _take(msgspec.msgpack.decode(result, type=_Compared), bar, found)
    return found


def report_of(bar: Bar, found: Found) -> Report:
    """The report on what was found."""
    tool = tuple(entry for entry in bar.index.rules.values() if entry.id == UNREAD)
    entries = (*bar.entries, *tool)
    policy = policy_of(bar.config, entries)
    settled = settle(
        (spoken for outcome in found.outcomes for spoken in outcome.spoken),
        (allow for outcome in found.outcomes for allow in outcome.allows),
        bar.index,
        policy,
        chosen={entry.id for entry in entries},
        incomplete=(),
    )
    gaps = tuple(sorted(set(found.gaps), key=lambda gap: (gap.path, gap.line, gap.reason)))
    unread = verdicts_of(judge_tool(law(tool, bar.config.options), gaps), bar.index)
    verdicts = [*settled.verdicts, *(policy.heard(verdict) for verdict in unread)]
    verdicts.sort(key=lambda verdict: (verdict.at, verdict.rule, verdict.fingerprint))
    return Report(
        version=__version__,
        verdicts=tuple(verdicts),
        rules={entry.id: info_of(entry) for entry in entries},
        coverage=_coverage(found, gaps, len(entries)),
        lines=SourceLines(bar.open),
        fail_on=bar.config.fail_on,
        allowed=len(settled.allowed),
        checklist=tuple(_checklist(bar.index, len(gaps))),
        releases=tuple(found.releases),
        compares=True,
    )


def joined(report: Report, compared: Report, bar: Bar) -> Report:
    """A report with what a comparison of some of its documents found; what both could not read is told once."""
    known = {(verdict.rule, verdict.at, verdict.finding.message) for verdict in report.verdicts}
    more = [
        verdict for verdict in compared.verdicts if (verdict.rule, verdict.at, verdict.finding.message) not in known
    ]
    ours, theirs = report.coverage, compared.coverage
    contract = {**ours.counts.get(_SURFACE, {}), **theirs.counts.get(_SURFACE, {})}
    undecided = Counter(ours.undecided) + Counter(theirs.undecided)
    coverage = replace(
        ours,
        counts={**ours.counts, **({_SURFACE: contract} if contract else {})},
        undecided=dict(sorted(undecided.items())),
        notes=(*ours.notes, *theirs.notes),
        gaps=tuple(dict.fromkeys((*ours.gaps, *theirs.gaps))),
        rules=ours.rules + len(bar.entries),
    )
    verdicts = sorted([*report.verdicts, *more], key=lambda verdict: (verdict.at, verdict.rule, verdict.fingerprint))
    return replace(
        report,
        verdicts=tuple(verdicts),
        rules={**report.rules, **compared.rules},
        coverage=coverage,
        lines=_Both(report.lines, compared.lines, bar.base.label),
        allowed=report.allowed + compared.allowed,
    )


class _Both:
    """The lines of a project, and of a side whose label stands before its paths."""

    def __init__(self, project: Lines, side: Lines, label: str) -> None:
        self._project = project
        self._side = side
        self._label = label

    def line(self, path: str, number: int) -> str:
        return self._of(path).line(path, number)

    def source(self, path: str) -> Source | None:
        return self._of(path).source(path)

    def _of(self, path: str) -> Lines:
        return self._side if path.startswith(self._label) else self._project


class _Compared(Struct, frozen=True):
    """What a worker sends back for a pair: gaps by side, and nothing else where a side could not be read.

    `astray` are the files that the revision refers to and lacks: a check has a rule for them, a comparison has none.
    """

    title: str = ""
    outcome: Outcome | None = None
    notes: ReleaseNotes | None = None
    former: tuple[Gap, ...] = ()
    gaps: tuple[Gap, ...] = ()
    astray: tuple[Gap, ...] = ()
    files: int = 0


class _Work:
    """What a worker does with a pair. It can be pickled, for systems that cannot fork."""

    def __init__(self, bar: Bar) -> None:
        self._sides = (bar.base, bar.revision)
        self._entries = bar.entries
        self._options = bar.config.options
        self._settings = Settings(limits=bar.limits)
        self._today = bar.today
        self._changed = bar.changed
        self._law: Law | None = None

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_law": None}  # rules are imported again where they are wanted

    @property
    def law(self) -> Law:
        """The rules, imported when they are first asked for."""
        if self._law is None:
            self._law = law(self._entries, self._options)
        return self._law

    def __call__(self, pair: Couple) -> bytes:
        enabled = gc.isenabled()
        gc.disable()
        try:
            made = self._compared(pair) if pair.base and pair.revision else self._titled(pair)
            return msgspec.msgpack.encode(made)
        finally:
            for side in self._sides:
                side.close()
            if enabled:
                gc.enable()

    def _titled(self, pair: Couple) -> _Compared:
        side, path = (self._sides[0], pair.base) if pair.base else (self._sides[1], pair.revision)
        try:
            return _Compared(title=read(path, side.files(), self._settings).api.title)
        except Unread:
            return _Compared()

    def _compared(self, pair: Couple) -> _Compared:
        base, revision = self._sides
        doors = base.files(), revision.files()
        opened: dict[str, Source] = {}
        doors[1].on_open(lambda source: opened.setdefault(source.path, source))
        new, gaps = _model(pair.revision, doors[1], self._settings)
        asked = doors[1].read_set()
        if self._changed is not None and self._changed.isdisjoint((*asked.absent, *opened)):
            return _Compared()
        old, former = _model(pair.base, doors[0], self._settings)
        told = (tuple(map(base.gap, former)), tuple(map(revision.gap, gaps)))
        if old is None or new is None:
            return _Compared(former=told[0], gaps=told[1])
        astray = tuple(revision.gap(gap) for gap in _astray(doors[1]))
        told = ((*told[0], *(base.gap(gap) for gap in _astray(doors[0]))), told[1])
        names = (base.named, revision.named)
        outcome, changes = judge_changes(old, new, self.law, today=self._today, named=names)
        written = [*new.allows(), *(allow for source in opened.values() for allow in scan(source))]
        return _Compared(
            outcome=replace(outcome, allows=tuple(replace(allow, at=revision.named(allow.at)) for allow in written)),
            notes=_notes(pair, self._sides, changes),
            former=told[0],
            gaps=(*told[1], *outcome.gaps),
            astray=astray,
            files=len(opened) + len(doors[0].read_set().opened),
        )


def _model(path: str, files: RecordedFiles, settings: Settings) -> tuple[OpenApiModel | None, list[Gap]]:
    try:
        model = read(path, files, settings)
    except Unread as unread:
        return None, [gap_of(unread)]
    return model, list(dict.fromkeys(model.coverage.gaps))


def _astray(files: RecordedFiles) -> Iterator[Gap]:
    """The files that were referred to and are not there: what they would say is compared with nothing."""
    for path in files.read_set().absent:
        yield Gap(path, 0, "missing", "a reference leads to it, and there is no such file", "restore it")


def _notes(pair: Couple, sides: tuple[Side, Side], changes: Sequence[Change]) -> ReleaseNotes:
    (whole,) = (change for change in changes if isinstance(change, Release))
    return ReleaseNotes(
        title=whole.name,
        base=sides[0].label + pair.base,
        revision=sides[1].label + pair.revision,
        before=whole.before,
        after=whole.after,
        changes=tuple(
            Changed(change.breaking, sentence, change.base, change.revision)
            for change in changes
            if (sentence := told(change))
        ),
    )


def _results(work: _Work, tasks: Sequence[Couple]) -> Iterator[tuple[Couple, bytes | Lost]]:
    """The results of the pairs in their order, whatever the order in which workers end."""
    if not tasks:
        return
    work.law.load()  # imported once here, inherited by every forked worker
    limits = work._settings.limits
    twofold = replace(limits, unit_seconds=_TWO * limits.unit_seconds, unit_memory=_TWO * limits.unit_memory)
    with closing(workers.run(tasks, work, jobs=0, limits=twofold)) as results:
        done = dict(results)
    yield from ((task, done[index]) for index, task in enumerate(tasks))


def _by_title(bar: Bar, work: _Work, alone: Sequence[Couple], found: Found) -> list[Couple]:
    """Those that have no twin by their paths, put together by titles that stand once on each side; the rest is told."""
    asked = alone if any(pair.base for pair in alone) and any(pair.revision for pair in alone) else ()
    titles: Mapping[Couple, str] = {
        pair: msgspec.msgpack.decode(result, type=_Compared).title
        for pair, result in _results(work, asked)
        if not isinstance(result, Lost)
    }
    counted = Counter((titles.get(pair, ""), bool(pair.base)) for pair in alone)
    together = []
    for pair in alone:
        title = titles.get(pair, "")
        unique = title and counted[title, True] == counted[title, False] == 1
        if unique and pair.base:
            twin = next(each for each in alone if each.revision and titles.get(each) == title)
            together.append(Couple(pair.base, twin.revision))
            found.notes.append(f"{_called(bar, twin)} is compared with {_called(bar, pair)}, which has the same title")
        elif not unique:
            told = (
                "is gone: nothing stands in its place" if pair.base else "is new: there is nothing to compare it with"
            )
            found.notes.append(f"{_called(bar, pair)} {told}")
    return together


def _called(bar: Bar, pair: Couple) -> str:
    return bar.base.label + pair.base if pair.base else bar.revision.label + pair.revision


def _take(compared: _Compared, bar: Bar, found: Found) -> None:
    """Bring in what a worker made of a pair."""
    found.gaps += compared.gaps
    if bar.lenient:
        missed = (*compared.former, *compared.astray)
        found.notes += [f"{gap.path} could not be compared: {gap.reason}" for gap in missed]
    else:
        found.gaps += (*compared.former, *compared.astray)
    if compared.outcome is not None and compared.notes is not None:
        found.outcomes.append(compared.outcome)
        found.releases.append(compared.notes)
        found.files += compared.files


def _coverage(found: Found, gaps: tuple[Gap, ...], rules: int) -> RunCoverage:
    counts = Counter(releases=len(found.outcomes))
    undecided: Counter[str] = Counter()
    for outcome in found.outcomes:
        counts.update(outcome.counts)
        undecided.update(outcome.undecided)
    return RunCoverage(
        counts={_SURFACE: dict(counts)} if found.outcomes else {},
        undecided=dict(sorted(undecided.items())),
        notes=tuple(found.notes),
        gaps=gaps,
        rules=rules,
        files=found.files,
    )


def _checklist(index: Index, unread: int) -> Iterator[ChecklistLine]:
    """The lines that speak of changes: a comparison says nothing of the others."""
    answering: dict[str, list[str]] = {}
    for entry in index.rules.values():
        if entry.stage == "change":
            answering.setdefault(entry.checklist, []).append(entry.id)
    for line in index.checklist:
        if names := answering.get(line.anchor):
            yield ChecklistLine(line.anchor, line.title, line.section, tuple(names), unread, changes=True)
