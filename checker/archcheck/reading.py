"""Reading the units of a run: what is remembered is taken as it is, the rest goes to the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct, field

from archcheck import workers
from archcheck.cache import NoStore, Store, UnitEntry
from archcheck.files import UNREADABLE, Disk, ProjectFiles, ReadSet, Recall, digest
from archcheck.judge import (
    Former,
    Law,
    Linked,
    Options,
    Outcome,
    Reading,
    Remains,
    law,
    link_surface,
    meet_surfaces,
    read_unit,
)
from archcheck.packs import Entry
from archcheck.registry import CONTRACT, UNLINKED
from archcheck.surface import Gap, Settings, Surface, Unit
from archcheck.workers import Lost

_MET: Final = 2
"""So many surfaces must have something to tell before there is anything to compare."""


class Harvest(Struct):
    """What came of each unit and of each linked surface; the files of each unit, those of them that were read, and
    everything that was asked for it.
    """

    outcomes: dict[Unit, Outcome] = field(default_factory=dict)
    paths: dict[Unit, frozenset[str]] = field(default_factory=dict)
    read: dict[Unit, frozenset[str]] = field(default_factory=dict)
    read_sets: dict[Unit, ReadSet] = field(default_factory=dict)
    linked: dict[str, Outcome] = field(default_factory=dict)
    interfaces: dict[Unit, bytes] = field(default_factory=dict)

    def add(self, unit: Unit, outcome: Outcome, read_set: ReadSet) -> None:
        """Bring in one unit, whether it was read now or is remembered."""
        self.outcomes[unit] = outcome
        self.read_sets[unit] = read_set
        self.paths[unit] = frozenset((*unit.files, *(path for path, _ in read_set.opened)))
        self.read[unit] = frozenset(path for path, content in read_set.opened if content != UNREADABLE)


Told: TypeAlias = tuple[tuple[str, bytes], ...]
"""What units tell of themselves: name and bytes."""


class Task(Struct, frozen=True):
    """A unit to be read, or with `linking` a surface to be joined from the interfaces of its units, or with `meeting`
    surfaces to be compared.
    """

    unit: Unit
    former: Former | None = None
    linking: Told = ()
    meeting: tuple[tuple[str, Told], ...] = ()

    @property
    def reads(self) -> bool:
        """Whether it is a unit that is to be read."""
        return not self.linking and not self.meeting


class Work:
    """What a worker does with a task. It can be pickled, for systems that cannot fork."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        entries: Sequence[Entry],
        options: Options,
        instead: Mapping[str, bytes] | None = None,
    ) -> None:
        self.root = root
        self.instead = instead
        self.settings = settings
        self.entries = tuple(entries)
        self.options = options
        self.recall: Recall | None = None
        self.spare = 0  # the processors that have no task of their own
        self._laws: dict[tuple[str, bool], Law] = {}

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_laws": {}}  # rules are imported again where they are wanted

    def law(self, task: Task) -> Law:
        """The chosen rules that may have something to judge in a task."""
        key = (task.unit.surface, task.reads)
        if key not in self._laws:
            mine = [entry for entry in self.entries if entry.surface == task.unit.surface]
            self._laws[key] = law((each for each in mine if each.stage == "unit" or not task.reads), self.options)
        return self._laws[key]

    @property
    def meets(self) -> bool:
        """Whether any rule asks what surfaces have in common."""
        return any(entry.surface == CONTRACT for entry in self.entries)

    def __call__(self, task: Task) -> bytes:
        mine = self.law(task)
        if task.meeting:
            return msgspec.msgpack.encode(meet_surfaces(dict(task.meeting), mine, self.settings))
        if task.linking:
            return msgspec.msgpack.encode(link_surface(task.unit.surface, task.linking, mine, tells=self.meets))
        disk = Disk(self.root, self.settings.limits.file_size, self.instead)
        files = ProjectFiles(disk, recall=self.recall)
        reading = read_unit(task.unit, files, task.former, mine, self.settings, helpers=self.spare)
        return msgspec.msgpack.encode(reading)


class _Payload(Struct, frozen=True):
    """What is remembered of a unit and wanted on every run; `Remains` are wanted only after a change."""

    outcome: Outcome
    interface: bytes


class Reader(Struct, frozen=True, kw_only=True):
    """Reads units, with the store behind it and workers beside it.

    `base` is the digest of the tool and the packs, which keys what is kept of single files; `own` is over the chosen
    rules, options and settings too, and keys what units say. `digests` holds the
    content digests of the project's files as far as they are known.
    """

    work: Work
    store: Store | NoStore
    base: bytes
    own: bytes
    digests: Mapping[str, bytes]
    jobs: int
    started: Callable[[], None] | None = None
    progress: Callable[[int, int], None] | None = None

    def read(self, units: Sequence[Unit], surfaces: Sequence[Surface]) -> Harvest:
        """Read and judge the units, then link the surfaces."""
        harvest = Harvest()
        keys = {unit: digest(self.own + msgspec.msgpack.encode(unit)) for unit in units}
        entries = self.store.units(list(keys.values()))
        files = ProjectFiles(Disk(self.work.root, self.work.settings.limits.file_size))
        interfaces: dict[Unit, bytes] = {}
        stale: list[Task] = []
        for unit in units:
            entry = entries.get(keys[unit])
            changed = self.store.changed(entry.read_set, self.digests, files) if entry else frozenset()
            if entry is None or changed:
                stale.append(Task(unit, _former(entry, changed) if entry else None))
                continue
            payload = msgspec.msgpack.decode(entry.payload, type=_Payload)
            harvest.add(unit, payload.outcome, entry.read_set)
            interfaces[unit] = payload.interface
        self._read_stale(stale, keys, interfaces, harvest)
        harvest.interfaces = interfaces = {unit: interfaces.get(unit, b"") for unit in units}
        told: dict[str, Told] = {}
        for each in surfaces:
            mine = tuple((unit.name, interfaces[unit]) for unit in units if unit.surface == each.name)
            linked = self._link(each.name, tuple((name, data) for name, data in mine if data), harvest)
            told[each.name] = (("", linked),) if linked else mine
        if self.work.meets:
            self._meet(tuple((name, each) for name, each in told.items() if each), harvest)
        # Workers finish in any order; what is made of their results follows the plan.
        harvest.outcomes = {unit: harvest.outcomes[unit] for unit in units}
        return harvest

    def _read_stale(
        self, stale: Sequence[Task], keys: Mapping[Unit, bytes], interfaces: dict[Unit, bytes], harvest: Harvest
    ) -> None:
        """Read what is not remembered, and remember it."""
        done = len(keys) - len(stale)
        # Units of many files first: the run then ends with small ones, and no worker idles behind a big one.
        tasks = sorted(stale, key=lambda task: (-len(task.unit.files), task.unit.surface, task.unit.name))
        for task, result in self._results(tasks, self.started):
            done += 1
            if self.progress is not None:
                self.progress(done, len(keys))
            unit = task.unit
            if isinstance(result, Lost):
                harvest.add(unit, _lost(unit, result), ReadSet())
                continue
            reading = msgspec.msgpack.decode(result, type=Reading)
            harvest.add(unit, reading.outcome, reading.read_set)
            interfaces[unit] = reading.remains.interface
            self._remember(keys[unit], reading)

    def _results(
        self, tasks: Sequence[Task], started: Callable[[], None] | None = None
    ) -> Iterator[tuple[Task, bytes | Lost]]:
        if not tasks:
            return
        self.work.recall = self.store.recall(self.base)
        jobs = self.jobs or workers.default_jobs()
        self.work.spare = max(0, jobs - len(tasks))
        if len(tasks) > jobs:
            for task in {task.unit.surface: task for task in tasks}.values():
                self.work.law(task).load()  # imported once here, inherited by every forked worker
        limits = self.work.settings.limits
        results = workers.run(tasks, self.work, jobs=self.jobs, limits=limits, started=started)
        with closing(results):
            for index, result in results:
                yield tasks[index], result

    def _remember(self, key: bytes, reading: Reading) -> None:
        """Store a reading, unless something about it was transient."""
        if not any(gap.kind in ("timeout", "crash", "unreadable") for gap in reading.outcome.gaps):
            payload = msgspec.msgpack.encode(_Payload(reading.outcome, reading.remains.interface))
            self.store.put_unit(key, UnitEntry(reading.read_set, payload, msgspec.msgpack.encode(reading.remains)))
        self.store.keep(self.base, reading.kept)

    def _link(self, surface: str, told: Told, harvest: Harvest) -> bytes:
        """Join a surface's units, from the store where all their interfaces are as they were; and what it tells."""
        if not told or surface in UNLINKED:
            return b""
        return self._joined("link", Task(Unit(surface, f"all {surface} units", ()), linking=told), harvest)

    def _meet(self, told: tuple[tuple[str, Told], ...], harvest: Harvest) -> None:
        """Compare the surfaces, from the store where all that they tell is as it was."""
        if len(told) >= _MET:
            self._joined("meet", Task(Unit(CONTRACT, "all surfaces", ()), meeting=told), harvest)

    def _joined(self, kind: str, task: Task, harvest: Harvest) -> bytes:
        """Do a task whose whole input is in it, and keep it where nothing was lost in it; what it tells others."""
        key = digest(self.own + msgspec.msgpack.encode((task.linking, task.meeting)))
        surface = task.unit.surface
        result: bytes | Lost | None = self.store.get(kind, key)
        kept = result is not None
        if result is None:
            ((_, result),) = self._results([task])
        if isinstance(result, Lost):
            harvest.linked[surface] = _lost(Unit(surface, ".", ()), result)
            return b""
        linked = msgspec.msgpack.decode(result, type=Linked)
        harvest.linked[surface] = linked.outcome
        if not kept and not linked.outcome.gaps:
            self.store.put(kind, key, result)
        return linked.interface


def _former(entry: UnitEntry, changed: frozenset[str]) -> Former | None:
    if not entry.memory:  # it was damaged in the store
        return None
    payload = msgspec.msgpack.decode(entry.payload, type=_Payload)
    remains = msgspec.msgpack.decode(entry.memory, type=Remains)
    return Former(payload.outcome, remains, entry.read_set, changed)


def _lost(unit: Unit, lost: Lost) -> Outcome:
    return Outcome(gaps=(Gap(unit.name, 0, lost.kind, lost.reason, lost.way_out),))
