"""Fixing applies the fixes of a report in memory, and keeps only those that another check finds nothing wrong with.

In each round the fixes that do not overlap are applied together, the first by position before the others, and the whole
project is judged as if they were written. Where that goes wrong they are halved until those to blame stand alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from msgspec import Struct, field

from archcheck.finding import Edit, Fix, Verdict, together
from archcheck.report import Report
from archcheck.source import Source, Unread

Judge: TypeAlias = Callable[[Mapping[str, bytes]], Report]
"""Judges the project with some files taken to hold other bytes than they do."""

_ROUNDS: Final = 10
_CHECKS: Final = 100
_LEFT: Final = "it was left for another run: too many fixes of this one went wrong"

_Identity: TypeAlias = tuple[str, str, str]


class Project(Struct, frozen=True):
    """What is mended: `asked` reports what the user asked for, `whole` all that a fix may spoil.

    `open` gives a file as it is on the disk, `locked` says why a file is not to be written, `taken` why one is not to
    be made, or nothing.
    """

    asked: Judge
    whole: Judge
    open: Callable[[str], Source | None]
    locked: Callable[[str], str]
    taken: Callable[[str], str]


class Dropped(Struct, frozen=True):
    """A fix that was not applied, and why, in words that follow `was not fixed:`."""

    verdict: Verdict
    reason: str


class Mended(Struct):
    """What came of it: the new bytes by path and those `before`, which a new file has none of, the findings that were
    fixed, the fixes that were not applied, and the findings that only an unsafe fix would mend.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    before: dict[str, bytes] = field(default_factory=dict)
    fixed: list[Verdict] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    unsafe: list[Verdict] = field(default_factory=list)


def mend(project: Project, *, unsafe: bool) -> Mended:
    """Apply the safe fixes, with `unsafe` all of them, until none is left that can be applied."""
    return _Mending(project, unsafe).mend()


def edited(source: Source, edits: Iterable[Edit]) -> str:
    """The text of a file after edits, whose lines and columns are those before any of them.

    The line breaks that they bring become those of the file. Raises `ValueError` if two overlap.
    """
    text, starts = source.text, source.starts
    last: Edit | None = None
    parts: list[str] = []
    done = 0
    for edit in sorted(edits, key=_start):
        if last is not None and _overlap(last, edit):
            raise ValueError(f"{edit.path}:{edit.line}: two edits overlap")
        first = starts[edit.line - 1] + edit.column - 1
        parts += [text[done:first], edit.text.replace("\n", source.line_break)]
        done = starts[edit.end_line - 1] + edit.end_column - 1
        last = edit
    return "".join((*parts, text[done:]))


class _Mending:
    """The state of one mending: what is applied, how the project stands with it, and what did not work."""

    def __init__(self, project: Project, unsafe: bool) -> None:
        self._project = project
        self._unsafe = unsafe
        self._mended = Mended()
        self._tried: set[tuple[str, str]] = set()
        self._checks = 0
        self._now = project.whole({})

    def mend(self) -> Mended:
        mended = self._mended
        for _ in range(_ROUNDS):
            candidates = list(self._candidates())
            if not candidates:
                break
            base = dict(mended.files)
            mended.fixed += self._attempt(base, self._now, [], apart(candidates))
        mended.unsafe = [verdict for verdict, fix in self._fixes() if not (fix.safe or self._unsafe)]
        return mended

    def _fixes(self) -> Iterator[tuple[Verdict, Fix]]:
        project = self._project
        report = self._now if project.asked is project.whole else project.asked(self._mended.files)
        for verdict in report.verdicts:
            fix = verdict.finding.fix
            if fix is not None and (fix.edits or fix.files):
                yield verdict, fix

    def _candidates(self) -> Iterator[Verdict]:
        for verdict, fix in self._fixes():
            if not (fix.safe or self._unsafe) or _key(verdict) in self._tried:
                continue
            reasons = [self._project.locked(edit.path) for edit in fix.edits]
            reasons += [self._project.taken(file.path) for file in fix.files]
            if reason := next(filter(None, reasons), ""):
                self._drop(verdict, reason)
            else:
                yield verdict

    def _attempt(
        self, base: Mapping[str, bytes], before: Report, kept: list[Verdict], group: Sequence[Verdict]
    ) -> list[Verdict]:
        """The fixes that hold, of those that did already and a group of new ones; all are applied to `base`."""
        if self._checks >= _CHECKS:
            for verdict in group:
                self._drop(verdict, _LEFT)
            return kept
        trial = [*kept, *group]
        wrong = self._check(base, before, trial)
        if not wrong:
            return trial
        if len(group) == 1:
            self._drop(group[0], wrong)
            return kept
        middle = len(group) // 2
        return self._attempt(base, before, self._attempt(base, before, kept, group[:middle]), group[middle:])

    def _check(self, base: Mapping[str, bytes], before: Report, trial: Sequence[Verdict]) -> str:
        """What is wrong with the project after some fixes; where nothing is, this is how it stands from now on."""
        self._checks += 1
        try:
            files = self._applied(base, trial)
        except (Unread, UnicodeError) as error:
            return f"the file cannot be written in its encoding ({error})"
        except (ValueError, IndexError):
            return "its edits do not fit the file"
        after = self._project.whole(files)
        if wrong := worse(before, after, trial):
            return wrong
        self._mended.files, self._now = files, after
        return ""

    def _applied(self, base: Mapping[str, bytes], trial: Sequence[Verdict]) -> dict[str, bytes]:
        fixes = [fix for verdict in trial if (fix := verdict.finding.fix) is not None]
        edits: dict[str, list[Edit]] = {}
        for edit in (edit for fix in fixes for edit in fix.edits):
            edits.setdefault(edit.path, []).append(edit)
        files = dict(base)
        for path, text in together(file for fix in fixes for file in fix.files).items():
            if path in base:
                raise ValueError(path)
            files[path] = text.encode("utf-8")
        for path, mine in edits.items():
            source = Source(path, base[path]) if path in base else self._project.open(path)
            if source is None:
                raise ValueError(path)
            self._mended.before.setdefault(path, source.data)
            files[path] = source.with_text(edited(source, mine)).data
        return files

    def _drop(self, verdict: Verdict, reason: str) -> None:
        self._tried.add(_key(verdict))
        self._mended.dropped.append(Dropped(verdict, reason))


def apart(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Those findings whose fixes do not overlap; of two that do, the one whose first edit comes first.

    Files that several make in the same way do not; of two ways to make one, the first is taken.
    """
    taken: dict[str, list[Edit]] = {}
    made: dict[str, tuple[str, ...]] = {}
    chosen = []
    fixes = [(verdict, fix) for verdict in verdicts if (fix := verdict.finding.fix) is not None]
    for verdict, fix in sorted(fixes, key=lambda pair: min(map(_start, pair[1].edits), default=_place(pair[0]))):
        if any(_overlap(one, other) for one in fix.edits for other in taken.get(one.path, ())):
            continue
        if any(made.get(file.path, file.frame) != file.frame for file in fix.files):
            continue
        for edit in fix.edits:
            taken.setdefault(edit.path, []).append(edit)
        made.update({file.path: file.frame for file in fix.files})
        chosen.append(verdict)
    return chosen


def worse(before: Report, after: Report, fixed: Iterable[Verdict]) -> str:
    """Why a project is no better after some fixes than it was before; nothing when it is.

    Lines move, so findings are told apart by rule, file and subject, and counted.
    """
    known = {(gap.path, gap.reason) for gap in before.coverage.gaps}
    gap = next((gap for gap in after.coverage.gaps if (gap.path, gap.reason) not in known), None)
    if gap is not None:
        return f"{gap.path} could not be read any more: {gap.reason}"
    if _less_read(before, after):
        return "less of the project could be read than before"
    was, now = (Counter(map(_identity, report.verdicts)) for report in (before, after))
    allowed = was - Counter(map(_identity, fixed))
    for verdict in after.verdicts:
        identity = _identity(verdict)
        if now[identity] > was[identity]:
            return f"it would bring a finding of {verdict.rule} at {verdict.at.path}:{verdict.at.line}"
        if now[identity] > allowed[identity]:
            return "the finding would remain"
    return ""


def _less_read(before: Report, after: Report) -> bool:
    """Whether something that was checked is none of the checker's business any more, such as a document by its name."""
    if after.coverage.files < before.coverage.files:
        return True
    counted = after.coverage.counts
    return any(
        counted.get(surface, {}).get(noun, 0) < number
        for surface, counts in before.coverage.counts.items()
        for noun, number in counts.items()
    )


def _identity(verdict: Verdict) -> _Identity:
    return verdict.rule, verdict.at.path, verdict.finding.subject or verdict.finding.message


def _key(verdict: Verdict) -> tuple[str, str]:
    return verdict.rule, verdict.fingerprint


def _place(verdict: Verdict) -> tuple[str, int, int]:
    return verdict.at.path, verdict.at.line, verdict.at.column


def _start(edit: Edit) -> tuple[str, int, int]:
    return edit.path, edit.line, edit.column


def _overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits share text, or begin at one point, so that nobody can say which comes first."""
    if one.path != other.path:
        return False
    first, second = sorted((one, other), key=_start)
    return _start(first) == _start(second) or (first.end_line, first.end_column) > (second.line, second.column)
