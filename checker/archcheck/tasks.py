"""A task is what a worker does: one call under limits that the kernel enforces, answered whatever happens."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Generic, TypeVar

from msgspec import Struct

from archcheck.surface import Limits

T = TypeVar("T")

# How a task ended, as one byte of the answer.
DONE: Final = 0
CRASHED: Final = 1
STARVED: Final = 2
TOO_DEEP: Final = 3

# A worker that ran out of memory once is replaced: nobody knows what its C libraries made of that.
WORN_OUT: Final = 75


class Answer(Struct, frozen=True):
    """A worker's answer to one task: how it ended (one of the constants above) and its bytes."""

    slot: int
    index: int
    status: int
    data: bytes


class Death(Struct, frozen=True):
    """The end of a worker: its exit code, or the negative number of the signal that killed it.

    `unread` are the tasks that it had been sent and had not yet taken.
    """

    slot: int
    code: int
    unread: tuple[int, ...] = ()


class Bench(Generic[T]):
    """Where a worker stands: the tasks, what to do with each, and its limits."""

    def __init__(
        self, tasks: Sequence[T], work: Callable[[T], bytes], setup: Callable[[], None] | None, limits: Limits
    ) -> None:
        self._tasks = tasks
        self._work = work
        self._setup = setup
        self._seconds = limits.unit_seconds
        self._memory = _MemoryLimit(limits.unit_memory)
        self._broken: tuple[int, bytes] | None = None

    def enter(self) -> None:
        """Make ready, in the worker. When that fails, every task is answered with the reason."""
        if self._setup is not None:
            status, data = attempt(_called, self._setup)
            self._broken = (status, data) if status != DONE else None

    def do(self, index: int) -> tuple[int, bytes]:
        """How the task ended, and its result or the reason."""
        if self._broken is not None:
            return self._broken
        task = self._tasks[index]
        self._memory.renew()
        alarm(self._seconds)
        try:
            return attempt(self._work, task)
        finally:
            alarm(0.0)


def attempt(work: Callable[[T], bytes], task: T) -> tuple[int, bytes]:
    """Call `work` and turn whatever it raises into an answer; only the user's interruption passes."""
    try:
        return DONE, work(task)
    except KeyboardInterrupt:
        raise
    except MemoryError:
        return STARVED, b""
    except RecursionError:
        return TOO_DEEP, b""
    except BaseException as error:  # even SystemExit: a library that wants to leave costs its task, not the run
        return CRASHED, _last_words(error)


def silence() -> None:
    """Cut a worker off from the terminal: what it has to say goes into its answers, and a report holds nothing else."""
    import faulthandler

    faulthandler.disable()
    nowhere = Path(os.devnull).open("r+")  # noqa: SIM115 - it stays open for the worker's life
    for standard in (0, 1, 2):
        os.dup2(nowhere.fileno(), standard)
    sys.stdin = sys.stdout = sys.stderr = nowhere


def _called(setup: Callable[[], None]) -> bytes:
    setup()
    return b""


def _last_words(error: BaseException) -> bytes:
    """The exception in one line, with the file and line it came from."""
    try:
        words = " ".join(f"{type(error).__name__}: {error}".split())[:300].removesuffix(":")
    except Exception:  # its own __str__ fails
        words = type(error).__name__
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is not None:
        code = trace.tb_frame.f_code
        words += f" ({code.co_filename.replace(os.sep, '/').rpartition('/')[2]}:{trace.tb_lineno})"
    return words.encode("utf-8", "backslashreplace")


def alarm(seconds: float) -> None:
    """Let the kernel kill this process after so much processor time, even inside C code; 0 calls it off."""
    if sys.platform != "win32":
        import signal

        signal.setitimer(signal.ITIMER_PROF, seconds)


class _MemoryLimit:
    """Holds the address space to what the process has when a task begins, plus the limit, on Linux.

    Counting from the beginning of each task keeps the verdict on a file independent of what the worker read before.
    """

    def __init__(self, allowance: int) -> None:
        self._allowance = allowance
        self._statm = -1

    def renew(self) -> None:
        """Start counting anew. The first call must be made in the worker: `self` in /proc is who opens it."""
        if sys.platform != "linux":
            return
        import resource

        try:
            if self._statm < 0:
                self._statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
            size = int(os.pread(self._statm, 64, 0).split(b" ", 1)[0]) * resource.getpagesize()
        except OSError:
            return
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = size + self._allowance
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
