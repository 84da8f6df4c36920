"""A run over a tree in which nothing has changed says what the last one said.

Everything that a run depends on is either in the key (the tool, the rules and options, the settings, the list of files,
what is asked for) or in the read set, which is compared with the disk. What had gaps is never recalled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from archcheck.cache import Store
from archcheck.config import Config
from archcheck.files import Disk, ProjectFiles, ReadSet, digest
from archcheck.finding import Verdict
from archcheck.project import Listing
from archcheck.report import ChecklistLine, Report, RuleInfo, RunCoverage, SourceLines
from archcheck.source import Location


class _Core(Struct, frozen=True):
    """A report without the lines of the sources, which are read when they are shown."""

    version: str
    verdicts: tuple[Verdict, ...]
    rules: Mapping[str, RuleInfo]
    coverage: RunCoverage
    allowed: int
    checklist: tuple[ChecklistLine, ...]
    hidden: tuple[Location, ...]


class _Remembered(Struct, frozen=True):
    read_set: ReadSet
    core: _Core


def key_of(own: bytes, config: Config, listing: Listing, asked: Iterable[str] | None, touching: bool) -> bytes:
    """The key of a run. `own` is the digest over the tool, the chosen rules with their options, and the settings;
    `asked` are the files that are reported and owed, None for all; `touching` reports what touches them, too.
    """
    decided = {name: value for name, value in asdict(config).items() if name != "written"}
    named = None if asked is None else sorted(asked)
    parts = (decided, listing.paths, named, touching, sorted(listing.named), sorted(listing.passed_over.items()))
    return digest(own + msgspec.msgpack.encode(parts, order="sorted"))


def recalled(store: Store, key: bytes, digests: Mapping[str, bytes], disk: Disk, config: Config) -> Report | None:
    """The report of the last run with that key, if all that it read is as it was."""
    data = store.get("run", key)
    if data is None:
        return None
    remembered = msgspec.msgpack.decode(data, type=_Remembered)
    if store.changed(remembered.read_set, digests, ProjectFiles(disk)):
        return None
    core = remembered.core
    return Report(
        version=core.version,
        verdicts=core.verdicts,
        rules=core.rules,
        coverage=core.coverage,
        lines=SourceLines(ProjectFiles(disk).open, core.hidden),
        fail_on=config.fail_on,
        allowed=core.allowed,
        checklist=core.checklist,
        hidden=core.hidden,
    )


def remember(store: Store, key: bytes, report: Report, read_sets: Sequence[ReadSet]) -> None:
    """Remember a report with the union of everything that was read for it."""
    core = _Core(
        report.version,
        report.verdicts,
        report.rules,
        report.coverage,
        report.allowed,
        report.checklist,
        report.hidden,
    )
    opened: dict[str, bytes] = {}
    for read_set in read_sets:
        for path, content in read_set.opened:
            if opened.setdefault(path, content) != content:
                return  # it changed between two readings: nothing to rely on
    union = ReadSet(
        tuple(sorted(opened.items())),
        tuple(sorted({path for read_set in read_sets for path in read_set.absent})),
        tuple(sorted({path for read_set in read_sets for path in read_set.present} - opened.keys())),
        tuple(sorted({item for read_set in read_sets for item in read_set.listings})),
    )
    store.put("run", key, msgspec.msgpack.encode(_Remembered(union, core)))
