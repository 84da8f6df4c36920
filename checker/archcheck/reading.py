"""Reading the units of a run: what is remembered is taken as it is, the rest goes to the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from archcheck.registry import CONTRACT, HUB, UNLINKED
from archcheck.surface import Gap, Settings, Surface, Unit
from archcheck.workers import Lost

_MET: Final = 2
"""So many surfaces must have units before there is anything to compare."""


class Harvest(Struct):
    """What came of each unit and of each linked surface; the files of each unit, those of them that were read, and
    everything that was asked for it.

    `marks` holds the digest of what each unit tells others, empty where it tells nothing; `interfaces` is what those
    tell that were read now.
    """

    outcomes: dict[Unit, Outcome] = field(default_factory=dict)
    paths: dict[Unit, frozenset[str]] = field(default_factory=dict)
    read: dict[Unit, frozenset[str]] = field(default_factory=dict)
    read_sets: dict[Unit, ReadSet] = field(default_factory=dict)
    linked: dict[str, Outcome] = field(default_factory=dict)
    marks: dict[Unit, bytes] = field(default_factory=dict)
    interfaces: dict[Unit, bytes] = field(default_factory=dict)

    def add(self, unit: Unit, outcome: Outcome, read_set: ReadSet, mark: bytes = b"") -> None:
        """Bring in one unit, whether it was read now or is remembered."""
        self.outcomes[unit] = outcome
        self.marks[unit] = mark
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
    """What is remembered of a unit and wanted on every run; `Remains` are wanted only after a change, and what the unit
    tells, of which `mark` is the digest, only when something is joined anew.
    """

    outcome: Outcome
    mark: bytes


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
        keys = {unit: self._key(unit) for unit in units}
        entries = self.store.units(list(keys.values()))
        files = ProjectFiles(Disk(self.work.root, self.work.settings.limits.file_size))
        stale: list[Task] = []
        fresh: list[tuple[Unit, UnitEntry]] = []
        for unit in units:
            entry = entries.get(keys[unit])
            changed = self.store.changed(entry.read_set, self.digests, files) if entry else frozenset()
            if entry is None or changed:
                stale.append(Task(unit, _former(entry, changed) if entry else None))
            else:
                fresh.append((unit, entry))
        self._read_stale(stale, harvest, fresh)
        # Workers finish in any order; what is made of their results follows the plan.
        harvest.outcomes = {unit: harvest.outcomes[unit] for unit in units}
        sides = [_Side(each.name, [unit for unit in units if unit.surface == each.name]) for each in surfaces]
        for side in sides:
            self._link(side, harvest)
        if self.work.meets:
            self._meet([side for side in sides if side.units], harvest)
        return harvest

    def told(self, units: Iterable[Unit], harvest: Harvest) -> Told:
        """What units tell, of those that tell anything; what is remembered and was lost is read again."""
        telling = [unit for unit in units if harvest.marks[unit]]
        missing = {unit: self._key(unit) for unit in telling if unit not in harvest.interfaces}
        found = self.store.get_all("told", missing.values())
        known = {unit: found.get(key, b"") for unit, key in missing.items()}
        lost = [unit for unit in known if digest(known[unit]) != harvest.marks[unit]]
        self._read_stale([Task(unit) for unit in lost], harvest)
        known |= dict.fromkeys(lost, b"")  # what was remembered is wrong, whatever came of reading it again
        known |= harvest.interfaces
        return tuple((unit.name, known[unit]) for unit in telling if known[unit])

    def _key(self, unit: Unit) -> bytes:
        return digest(self.own + msgspec.msgpack.encode(unit))

    def _read_stale(
        self, stale: Sequence[Task], harvest: Harvest, fresh: Iterable[tuple[Unit, UnitEntry]] = ()
    ) -> None:
        """Read what is not remembered, and remember it; what is fresh is brought in while the workers read."""

        def recall() -> None:
            if self.started is not None and stale:
                self.started()
            for unit, entry in fresh:
                payload = msgspec.msgpack.decode(entry.payload, type=_Payload)
                harvest.add(unit, payload.outcome, entry.read_set, payload.mark)

        if not stale:
            recall()
        # Units of many files first: the run then ends with small ones, and no worker idles behind a big one.
        tasks = sorted(stale, key=lambda task: (-len(task.unit.files), task.unit.surface, task.unit.name))
        for left, (task, result) in zip(range(len(tasks) - 1, -1, -1), self._results(tasks, recall), strict=True):
            if self.progress is not None:
                done = len(harvest.outcomes) + 1
                self.progress(done, done + left)
            unit = task.unit
            if isinstance(result, Lost):
                harvest.add(unit, _lost(unit, result), ReadSet())
                continue
            reading = msgspec.msgpack.decode(result, type=Reading)
            told = reading.interface
            harvest.add(unit, reading.outcome, reading.read_set, digest(told) if told else b"")
            harvest.interfaces[unit] = told
            self._remember(unit, reading, harvest.marks[unit])

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

    def _remember(self, unit: Unit, reading: Reading, mark: bytes) -> None:
        """Store a reading, unless something about it was transient."""
        if not any(gap.kind in ("timeout", "crash", "unreadable") for gap in reading.outcome.gaps):
            payload = msgspec.msgpack.encode(_Payload(reading.outcome, mark))
            key = self._key(unit)
            self.store.put_unit(key, UnitEntry(reading.read_set, payload, msgspec.msgpack.encode(reading.remains)))
            if mark:
                self.store.put("told", key, reading.interface)
        self.store.keep(self.base, reading.kept)

    def _link(self, side: _Side, harvest: Harvest) -> None:
        """Join a surface's units."""
        if side.name in UNLINKED or not any(harvest.marks[unit] for unit in side.units):
            return

        def task() -> Task:
            return Task(Unit(side.name, f"all {side.name} units", ()), linking=self.told(side.units, harvest))

        side.linked = self._joined("link", (side,), task, harvest)

    def _meet(self, sides: Sequence[_Side], harvest: Harvest) -> None:
        """Compare the surfaces, where there is anything that they are compared with, or the settings say so."""
        described = any(harvest.marks[unit] for side in sides if side.name == HUB for unit in side.units)
        if not sides or not (self.work.settings.pairs or (len(sides) >= _MET and described)):
            return

        def task() -> Task:
            told = (
                (side.name, (("", side.linked),) if side.linked else self.told(side.units, harvest)) for side in sides
            )
            return Task(Unit(CONTRACT, "all surfaces", ()), meeting=tuple(told))

        self._joined("meet", sides, task, harvest)

    def _joined(self, kind: str, sides: Sequence[_Side], make: Callable[[], Task], harvest: Harvest) -> bytes:
        """What comes of joining, from the store where all that is told is as it was; and what it tells others."""
        result: bytes | Lost | None = self.store.get(kind, self._joint(sides, harvest))
        kept = result is not None
        if result is None:
            ((_, result),) = self._results([make()])
        surface = sides[0].name if kind == "link" else CONTRACT
        if isinstance(result, Lost):
            harvest.linked[surface] = _lost(Unit(surface, ".", ()), result)
            return b""
        linked = msgspec.msgpack.decode(result, type=Linked)
        harvest.linked[surface] = linked.outcome
        if not kept and not linked.outcome.gaps:
            self.store.put(kind, self._joint(sides, harvest), result)
        return linked.interface

    def _joint(self, sides: Iterable[_Side], harvest: Harvest) -> bytes:
        """The key of what is joined: everything that goes into it, by its digest."""
        told = [(side.name, side.linked or [(unit.name, harvest.marks[unit]) for unit in side.units]) for side in sides]
        return digest(self.own + msgspec.msgpack.encode(told))


class _Side(Struct):
    """One surface as it is joined: its units, and what it tells of itself once they are linked."""

    name: str
    units: Sequence[Unit]
    linked: bytes = b""


def _former(entry: UnitEntry, changed: frozenset[str]) -> Former | None:
    if not entry.memory:  # it was damaged in the store
        return None
    payload = msgspec.msgpack.decode(entry.payload, type=_Payload)
    remains = msgspec.msgpack.decode(entry.memory, type=Remains)
    return Former(payload.outcome, remains, entry.read_set, changed)


def _lost(unit: Unit, lost: Lost) -> Outcome:
    return Outcome(gaps=(Gap(unit.name, 0, lost.kind, lost.reason, lost.way_out),))
