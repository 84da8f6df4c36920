"""Workers are processes of our own that read one task at a time, so that a hang, a crash or a blow-up costs one task.

A stock pool cannot kill one hung task, and loses all of them when a worker dies. Here the kernel stops a task that uses
up its processor time or memory, even inside C code; the parent stops one that merely waits; and a worker that died
is replaced while its other tasks live on.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Final, Literal, Protocol, TypeAlias, TypeVar

from msgspec import Struct, field

from archcheck.source import GapKind
from archcheck.surface import Limits
from archcheck.tasks import CRASHED, DONE, STARVED, TOO_DEEP, Answer, Death, attempt

T = TypeVar("T")
Start: TypeAlias = Literal["fork", "spawn"]

# A task that waits instead of computing is stopped after this many times its processor time.
_PATIENCE: Final = 10
# Workers that die this often in a row without having begun a task are not replaced any more.
_FALSE_STARTS: Final = 8


class Lost(Struct, frozen=True):
    """A task without a result: why, as a gap tells it. The reason has no full stop."""

    kind: GapKind
    reason: str
    way_out: str = ""


class Crew(Protocol):
    """Workers in numbered slots, however they are started. `depth` is how many tasks may wait at one worker."""

    depth: int

    def send(self, slot: int, index: int) -> None:
        """Give a worker one more task."""

    def take_back(self, slot: int) -> int | None:
        """Take one task back that a worker has not taken yet; None when it was faster."""

    def events(self, seconds: float) -> Sequence[Answer | Death]:
        """What happened; waits for so long when nothing did. Raises `EOFError` when all workers are gone for good."""

    def kill(self, slot: int) -> None:
        """Kill a worker; its death follows as an event."""

    def renew(self, slot: int) -> None:
        """Start a worker anew in the slot of a dead one."""

    def close(self) -> None:
        """Kill every worker and wait for their end."""


def run(
    tasks: Sequence[T],
    work: Callable[[T], bytes],
    *,
    jobs: int,
    limits: Limits,
    started: Callable[[], None] | None = None,
    setup: Callable[[], None] | None = None,
    isolate: bool = True,
    start: Start | None = None,
) -> Generator[tuple[int, bytes | Lost], None, None]:
    """Do every task once, and yield its index with its result as they come.

    At most `jobs` workers (0: `default_jobs`) run at a time, each of which calls `setup` first. Workers are forked on
    Linux when the first result is asked for, which must be before the process has threads; `started` is called
    once they are at work. Elsewhere they are spawned: then `work`, `setup` and the tasks must be picklable.
    `isolate=False` runs everything in this process, without limits: for tests and examples.
    """
    if not isolate or not tasks:
        yield from _alone(tasks, work, setup, started, limits)
        return
    size = min(jobs or default_jobs(), len(tasks))
    crew = _crew(tasks, work, setup, size, limits, start)
    try:
        shift = _Shift(crew, len(tasks), size, limits)
        if started is not None:
            started()
        yield from shift.results()
    finally:
        crew.close()


def default_jobs() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def memory_limited() -> bool:
    """Whether the system can hold a worker to its memory limit."""
    return sys.platform.startswith(("linux", "freebsd"))


def _crew(
    tasks: Sequence[T],
    work: Callable[[T], bytes],
    setup: Callable[[], None] | None,
    size: int,
    limits: Limits,
    start: Start | None,
) -> Crew:
    if (start or ("fork" if sys.platform == "linux" else "spawn")) == "fork":
        from archcheck.forking import ForkedCrew

        return ForkedCrew(tasks, work, setup, size, limits)
    from archcheck.spawning import SpawnedCrew

    return SpawnedCrew(tasks, work, setup, size, limits)


def _alone(
    tasks: Sequence[T],
    work: Callable[[T], bytes],
    setup: Callable[[], None] | None,
    started: Callable[[], None] | None,
    limits: Limits,
) -> Iterator[tuple[int, bytes | Lost]]:
    if started is not None:
        started()
    if tasks and setup is not None:
        setup()
    for index, task in enumerate(tasks):
        status, data = attempt(work, task)
        yield index, data if status == DONE else _lost(status, data, limits)


class _Slot(Struct):
    """What the parent knows of one worker: its tasks, oldest first, and how long it has been waited for."""

    has: deque[int] = field(default_factory=deque)
    waited: float = 0.0
    overdue: bool = False


class _Shift:
    """One run of a crew over all tasks: hands out the first ones, then collects results and deals with the dead."""

    def __init__(self, crew: Crew, total: int, size: int, limits: Limits) -> None:
        self._crew = crew
        self._limits = limits
        self._queue = deque(range(total))
        self._slots = [_Slot() for _ in range(size)]
        self._false_starts = 0
        for slot in range(size):
            self._feed(slot)

    def results(self) -> Iterator[tuple[int, bytes | Lost]]:
        patience = self._limits.unit_seconds * _PATIENCE
        while any(slot.has for slot in self._slots):
            pause = min(patience, 1.0)
            before = time.monotonic()
            try:
                events = self._crew.events(pause)
            except EOFError:
                yield from self._abandon()
                return
            # Only time spent waiting here counts: neither a consumer that takes its time nor a laptop that slept.
            waited = min(time.monotonic() - before, pause)
            for each in self._slots:
                each.waited += waited
            for event in events:
                yield from self._answered(event) if isinstance(event, Answer) else self._died(event)
            if self._false_starts > _FALSE_STARTS:
                yield from self._abandon()
                return
            self._stop_idlers(patience)

    def _feed(self, number: int) -> None:
        slot = self._slots[number]
        while self._queue and len(slot.has) < self._crew.depth:
            self._give(number, self._queue.popleft())
        if not slot.has:
            # Nothing is left to hand out: relieve a worker that has a task waiting behind a long one.
            for other, loaded in enumerate(self._slots):
                if len(loaded.has) > 1 and (index := self._crew.take_back(other)) is not None:
                    loaded.has.remove(index)
                    self._give(number, index)
                    return

    def _give(self, number: int, index: int) -> None:
        slot = self._slots[number]
        if not slot.has:
            slot.waited = 0.0
        slot.has.append(index)
        self._crew.send(number, index)

    def _answered(self, answer: Answer) -> Iterator[tuple[int, bytes | Lost]]:
        slot = self._slots[answer.slot]
        slot.has.remove(answer.index)
        slot.waited = 0.0
        self._false_starts = 0
        self._feed(answer.slot)
        if answer.status == DONE:
            yield answer.index, answer.data
        else:
            yield answer.index, _lost(answer.status, answer.data, self._limits)

    def _died(self, death: Death) -> Iterator[tuple[int, bytes | Lost]]:
        slot = self._slots[death.slot]
        begun = [index for index in slot.has if index not in death.unread]
        self._queue.extendleft(reversed([index for index in slot.has if index in death.unread]))
        slot.has.clear()
        self._false_starts = 0 if begun else self._false_starts + 1
        if self._queue and self._false_starts <= _FALSE_STARTS:
            self._crew.renew(death.slot)
            self._feed(death.slot)
        for index in begun:
            yield index, self._fate(death.code, slot.overdue)
        slot.overdue = False

    def _stop_idlers(self, patience: float) -> None:
        for number, slot in enumerate(self._slots):
            if slot.has and not slot.overdue and slot.waited > patience:
                slot.overdue = True
                self._crew.kill(number)

    def _abandon(self) -> Iterator[tuple[int, bytes | Lost]]:
        """No worker can be had any more: whatever is left is lost."""
        left = sorted([*self._queue, *(index for slot in self._slots for index in slot.has)])
        for index in left:
            yield index, Lost("crash", "no process could be kept alive to read it", "free some memory, or lower --jobs")

    def _fate(self, code: int, overdue: bool) -> Lost:
        if overdue:
            seconds = self._limits.unit_seconds * _PATIENCE
            return Lost("timeout", f"reading it was not done after {seconds:g} s", "split it, or exclude it")
        if code < 0:
            return _killed(-code, self._limits)
        return Lost("crash", f"the process that read it ended with exit code {code}", "exclude it, and report it")


def _killed(number: int, limits: Limits) -> Lost:
    import signal

    name = signal.Signals(number).name if number in signal.valid_signals() and number < 32 else f"signal {number}"
    if name == "SIGPROF":
        reason = f"reading it took more than {limits.unit_seconds:g} s of processor time"
        return Lost("timeout", reason, "raise the limit, split it, or exclude it")
    way_out = "free some memory, or lower --jobs" if name == "SIGKILL" else "exclude it, and report it"
    return Lost("crash", f"the process that read it was killed by {name}", way_out)


def _lost(status: int, data: bytes, limits: Limits) -> Lost:
    if status == STARVED:
        reason = f"reading it took more than {limits.unit_memory:,} bytes of memory"
        return Lost("limit", reason, "raise the limit, split it, or exclude it")
    if status == TOO_DEEP:
        return Lost("limit", "it is nested too deeply to be read", "flatten it, or exclude it")
    assert status == CRASHED, status
    return Lost("crash", f"reading it failed: {data.decode('utf-8', 'replace')}", "exclude it, and report it")
