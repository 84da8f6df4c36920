"""Forked workers come from a nursery: one process, forked before there are threads, that forks and replaces them.

The parent may start threads (a progress bar) while the run goes on, and a process with threads cannot be forked
safely; the nursery has none. It also reaps the workers, so nobody ever kills a stranger who was given their number.

Each slot has two pipes that outlive its workers: tasks go down one as numbers of four bytes, answers come up the other
as frames. A worker takes one number at a time, so the numbers left in the pipe of a dead one are those it never began.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NoReturn, TypeVar

from msgspec import Struct, field

from archcheck.surface import Limits
from archcheck.tasks import STARVED, WORN_OUT, Answer, Bench, Death, silence

T = TypeVar("T")

_FRAME: Final = struct.Struct("<IIB")  # length of the data, task, how it ended
_TASK: Final = struct.Struct("<I")
_ORDER: Final = struct.Struct("<cH")  # what to do, slot
_REPORT: Final = struct.Struct("<Hi")  # slot, exit code or negative signal
_RENEW: Final = b"r"
_KILL: Final = b"k"

_PIPE_SIZE: Final = 1 << 20
_CHUNK: Final = 1 << 16
_NO_FORK: Final = 71
_LITTER: Final = 50_000
"""So many objects may be left of earlier tasks before a worker clears up."""


class _Lane(Struct):
    """The two pipes of a slot, and what has arrived of the next frame."""

    tasks_out: int
    tasks_in: int
    answers_out: int
    answers_in: int
    arrived: bytearray = field(default_factory=bytearray)


class ForkedCrew:
    """Workers forked by a nursery."""

    depth = 2

    def __init__(
        self,
        tasks: Sequence[T],
        work: Callable[[T], bytes],
        setup: Callable[[], None] | None,
        size: int,
        limits: Limits,
    ) -> None:
        self._lanes = [_lane() for _ in range(size)]
        self._orders_out, self._orders_in = os.pipe()
        self._reports_out, self._reports_in = os.pipe()
        self._poll = select.poll()
        self._slots = {lane.answers_out: slot for slot, lane in enumerate(self._lanes)}
        for descriptor in (*self._slots, self._reports_out):
            self._poll.register(descriptor, select.POLLIN)
        self._open = [
            *(end for lane in self._lanes for end in (lane.tasks_out, lane.tasks_in, lane.answers_out)),
            self._orders_in,
            self._reports_out,
        ]
        self._nursery = self._fork(tasks, work, setup, limits)
        for descriptor in (self._orders_out, self._reports_in, *(lane.answers_in for lane in self._lanes)):
            os.close(descriptor)

    def send(self, slot: int, index: int) -> None:
        os.write(self._lanes[slot].tasks_in, _TASK.pack(index))

    def take_back(self, slot: int) -> int | None:
        try:
            return int(_TASK.unpack(os.read(self._lanes[slot].tasks_out, _TASK.size))[0])
        except BlockingIOError:
            return None

    def events(self, seconds: float) -> list[Answer | Death]:
        events: list[Answer | Death] = []
        reported = False
        for descriptor, _ in self._poll.poll(max(1, int(seconds * 1000))):
            if descriptor == self._reports_out:
                reported = True
            else:
                events += self._answers(self._slots[descriptor])
        if reported:
            reports = os.read(self._reports_out, _REPORT.size * len(self._lanes))
            if not reports:
                raise EOFError
            for slot, code in _REPORT.iter_unpack(reports):
                events += self._last_of(slot, code)
        return events

    def kill(self, slot: int) -> None:
        self._order(_KILL, slot)

    def renew(self, slot: int) -> None:
        self._order(_RENEW, slot)

    def close(self) -> None:
        # The end of the orders is the order to kill everyone and leave; so is our own death.
        for descriptor in (self._orders_in, *(each for each in self._open if each != self._orders_in)):
            os.close(descriptor)
        self._open.clear()
        if self._nursery > 0:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._nursery, 0)

    def _fork(
        self, tasks: Sequence[T], work: Callable[[T], bytes], setup: Callable[[], None] | None, limits: Limits
    ) -> int:
        frozen = gc.get_freeze_count()
        gc.freeze()  # what exists now is never collected in a worker, and its memory stays shared
        try:
            pid = os.fork()
        except OSError:
            pid = -1  # too many processes, or no memory: the reports end at once, and the run gives up in good order
        if pid == 0:
            for lane in self._lanes:
                os.close(lane.tasks_in)
                os.close(lane.answers_out)
            os.close(self._orders_in)
            os.close(self._reports_out)
            _in_child(
                lambda: _nurse(self._lanes, self._orders_out, self._reports_in, Bench(tasks, work, setup, limits))
            )
        if not frozen:
            gc.unfreeze()
        return pid

    def _order(self, order: bytes, slot: int) -> None:
        with contextlib.suppress(BrokenPipeError):  # no nursery any more: the end of its reports says so
            os.write(self._orders_in, _ORDER.pack(order, slot))

    def _answers(self, slot: int) -> Iterator[Answer]:
        """What has come up the pipe of a slot: one read, and the frames it completes."""
        lane = self._lanes[slot]
        arrived = lane.arrived
        try:
            arrived += os.read(lane.answers_out, _PIPE_SIZE if arrived else _CHUNK)
        except BlockingIOError:
            return
        while len(arrived) >= _FRAME.size:
            size, index, status = _FRAME.unpack_from(arrived)
            end = _FRAME.size + size
            if len(arrived) < end:
                return
            data = bytes(memoryview(arrived)[_FRAME.size : end])
            del arrived[:end]
            yield Answer(slot, index, status, data)

    def _last_of(self, slot: int, code: int) -> Iterator[Answer | Death]:
        """The answers that a dead worker left behind, then its death. Half an answer is dropped."""
        lane = self._lanes[slot]
        while _readable(lane.answers_out):
            yield from self._answers(slot)
        lane.arrived.clear()
        unread = []
        while (index := self.take_back(slot)) is not None:
            unread.append(index)
        yield Death(slot, code, tuple(unread))


def _lane() -> _Lane:
    tasks_out, tasks_in = os.pipe()
    answers_out, answers_in = os.pipe()
    # The parent takes tasks back from the very end that the worker reads: whoever finds none goes on waiting.
    os.set_blocking(tasks_out, False)
    os.set_blocking(answers_out, False)
    with contextlib.suppress(OSError, ImportError, AttributeError):
        import fcntl

        fcntl.fcntl(answers_out, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
    return _Lane(tasks_out, tasks_in, answers_out, answers_in)


def _readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return any(events & select.POLLIN for _, events in poll.poll(0))


def _in_child(life: Callable[[], int]) -> NoReturn:
    """Live in a forked process: quietly, and never back into the code that forked it."""
    code = 1
    try:
        code = life()
    finally:
        os._exit(code)


def _nurse(lanes: Sequence[_Lane], orders: int, reports: int, bench: Bench[T]) -> int:
    """Keep one worker in each slot: report who died, and fork again or kill when ordered. Ends with the orders."""
    woken, waker = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(waker, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interruption means
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    private = (orders, reports, woken, waker)
    workers: dict[int, int] = {}
    poll = select.poll()
    for descriptor in (orders, woken):
        poll.register(descriptor, select.POLLIN)
    try:
        for slot in range(len(lanes)):
            _raise(slot, lanes, private, bench, workers, reports)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if woken in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(woken, _CHUNK)
                _reap(workers, reports)
            if orders in ready:
                batch = os.read(orders, _ORDER.size * 64)
                if not batch:
                    return 0
                for order, slot in _ORDER.iter_unpack(batch):
                    if order == _RENEW:
                        _raise(slot, lanes, private, bench, workers, reports)
                    elif slot in workers:
                        os.kill(workers[slot], signal.SIGKILL)
    finally:
        for pid in workers.values():
            os.kill(pid, signal.SIGKILL)
        for pid in workers.values():
            os.waitpid(pid, 0)


def _raise(
    slot: int,
    lanes: Sequence[_Lane],
    private: Sequence[int],
    bench: Bench[T],
    workers: dict[int, int],
    reports: int,
) -> None:
    try:
        pid = os.fork()
    except OSError:
        os.write(reports, _REPORT.pack(slot, _NO_FORK))
        return
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        strangers = [
            end for other, lane in enumerate(lanes) if other != slot for end in (lane.tasks_out, lane.answers_in)
        ]
        for descriptor in (*private, *strangers):
            os.close(descriptor)
        _in_child(lambda: _serve(lanes[slot], bench))
    workers[slot] = pid


def _reap(workers: dict[int, int], reports: int) -> None:
    for slot, pid in list(workers.items()):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            del workers[slot]
            os.write(reports, _REPORT.pack(slot, os.waitstatus_to_exitcode(status)))


def _serve(lane: _Lane, bench: Bench[T]) -> int:
    """A worker's life: take a number, do the task, answer; until the numbers end."""
    silence()
    bench.enter()
    gc.disable()
    poll = select.poll()
    poll.register(lane.tasks_out, select.POLLIN)
    while True:
        try:
            taken = os.read(lane.tasks_out, _TASK.size)
        except BlockingIOError:
            poll.poll()
            continue
        if not taken:
            return 0
        (index,) = _TASK.unpack(taken)
        # Garbage is collected between tasks and not while anybody waits for an answer.
        if gc.get_count()[0] > _LITTER:
            gc.collect()
        status, data = bench.do(index)
        frame = memoryview(b"".join((_FRAME.pack(len(data), index, status), data)))
        while frame:
            frame = frame[os.write(lane.answers_in, frame) :]
        if status == STARVED:
            return WORN_OUT
