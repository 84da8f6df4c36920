"""Judging what changed between two releases of one API, and examining such a pair in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import TypeAlias

from msgspec.structs import replace

from archcheck import __version__, packs
from archcheck.files import MemoryFiles, RecordedFiles
from archcheck.judge import Law, Options, Outcome, Spoken, gap_of, judge_whole, law
from archcheck.report import Report, RunCoverage, SourceLines
from archcheck.source import Location, Source, Unread
from archcheck.surface import Allow, Coverage, Gap, Piece, Settings, Unit
from archcheck.surfaces.contract.changes import Change
from archcheck.surfaces.contract.compat import compare
from archcheck.surfaces.openapi.model import OpenApiModel
from archcheck.surfaces.openapi.sniff import UNREADABLE
from archcheck.surfaces.openapi.surface import OpenApi
from archcheck.verdicts import judge_tool, verdicts_of

BEFORE, AFTER = "before/", "after/"
"""The folders that hold the two releases of an example."""

Names: TypeAlias = tuple[Callable[[Location], Location], Callable[[Location], Location]]


def _as_it_is(at: Location) -> Location:
    return at


PLAIN: Names = (_as_it_is, _as_it_is)


def judge_changes(
    base: OpenApiModel, revision: OpenApiModel, law: Law, *, today: date | None = None, named: Names = PLAIN
) -> tuple[Outcome, tuple[Change, ...]]:
    """What the rules say of everything that changed, and the changes; see `compat.compare` for the models and the day.

    `law` holds the chosen rules, those that ask for something else included; `named` how the places of the base and of
    the revision are called. The gaps are those of the rules alone. Raises `Unread` where a file that only the
    comparison opens cannot be read.
    """
    coverage = Coverage()
    changes = tuple(
        replace(change, base=named[0](change.base), revision=named[1](change.revision))
        for change in compare(base, revision, today=today, coverage=coverage)
    )
    return judge_whole(_Found(changes, coverage), law, revision.api.file), changes


class _Found:
    """Changes as a model that is judged at once."""

    def __init__(self, changes: tuple[Change, ...], coverage: Coverage) -> None:
        self.coverage = coverage
        self._changes = changes

    def pieces(self) -> Iterator[Piece]:
        yield Piece("all", True, self._subjects)

    def allows(self) -> tuple[Allow, ...]:
        return ()

    def interface(self) -> bytes:
        return b""

    def memory(self) -> bytes:
        return b""

    def _subjects(self, wanted: frozenset[type]) -> Iterator[Change]:
        return (change for change in self._changes if type(change) in wanted)


def examine_pair(files: Mapping[str, str | bytes], *, today: date, options: Options | None = None) -> Report:
    """The report on the files under `after/` as the next release of those under `before/`, by every rule of every pack.

    Documents that stand at the same path are releases of each other; so are two that stand alone.
    """
    index = packs.load()
    rules = law((entry for entry in index.rules.values()), options or {})
    door = MemoryFiles(files)
    opened: set[str] = set()
    door.on_open(lambda source: opened.add(source.path))
    spoken: list[Spoken] = []
    gaps: list[Gap] = []
    for before, after in _pairs(files):
        try:
            models = [read(path, door) for path in (before, after)]
            outcome, _ = judge_changes(models[0], models[1], rules, today=today)
            spoken += outcome.spoken
            gaps += [*models[0].coverage.gaps, *models[1].coverage.gaps, *outcome.gaps]
        except Unread as unread:
            gaps.append(gap_of(unread))
    spoken += judge_tool(rules, gaps)
    return Report(
        version=__version__,
        verdicts=tuple(verdicts_of(spoken, index)),
        rules={},
        coverage=RunCoverage(gaps=tuple(gaps), files=len(opened)),
        lines=SourceLines(door.open),
    )


def read(path: str, door: RecordedFiles, settings: Settings | None = None) -> OpenApiModel:
    """The document at a path with all that it refers to. Raises `Unread` where that one cannot be read."""
    model = OpenApi().read(Unit("openapi", path, (path,)), door, None, settings or Settings())
    for _ in model.pieces():  # what is left unread is known once they were all met
        pass
    return model


def _pairs(files: Mapping[str, str | bytes]) -> Iterator[tuple[str, str]]:
    before, after = (_roots(files, folder) for folder in (BEFORE, AFTER))
    if len(before) == len(after) == 1:
        yield before[0], after[0]
        return
    for path in before:
        twin = AFTER + path.removeprefix(BEFORE)
        if twin in after:
            yield path, twin


def _roots(files: Mapping[str, str | bytes], folder: str) -> list[str]:
    found: list[str] = []
    for path, content in sorted(files.items()):
        if path.startswith(folder) and path.endswith(OpenApi.suffixes):
            mark = OpenApi().sniff(Source(path, content.encode() if isinstance(content, str) else content))
            found += [path] if mark and mark not in UNREADABLE else []
    return found


def is_pair(paths: Collection[str]) -> bool:
    """Whether files are two releases of something, by the folders that they lie in."""
    inside = [path for path in paths if path.startswith((BEFORE, AFTER))]
    return {path.partition("/")[0] + "/" for path in inside} == {BEFORE, AFTER} and all(
        path in inside or "/" not in path for path in paths
    )
