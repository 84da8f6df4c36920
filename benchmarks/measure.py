"""Measuring whole processes: several runs in turn with a yardstick, medians, and ratios from the same run.

Machines differ and drift, so nothing here is compared with a figure from another day: what counts is the ratio to a
yardstick that ran between our own runs.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PYTHON = sys.executable
ARCHCHECK = [PYTHON, "-m", "archcheck"]


@dataclass(frozen=True, slots=True)
class Figure:
    """Seconds of wall time (median), their minimum and maximum, and the peak memory of one process in megabytes."""

    wall: float
    least: float
    most: float
    memory: float


@dataclass(frozen=True, slots=True)
class Command:
    """A command with what has to happen before each run (outside the measured time)."""

    arguments: Sequence[str]
    before: Callable[[], None] = lambda: None
    cpus: int = 0


def interleaved(commands: Sequence[Command], rounds: int) -> list[Figure]:
    """Run the commands in turn, `rounds` times after one round that does not count."""
    walls: list[list[float]] = [[] for _ in commands]
    peaks = [0.0] * len(commands)
    for number in range(rounds + 1):
        for index, command in enumerate(commands):
            wall, peak = once(command)
            if number:
                walls[index].append(wall)
            peaks[index] = max(peaks[index], peak)
    return [
        Figure(statistics.median(wall), min(wall), max(wall), peak) for wall, peak in zip(walls, peaks, strict=True)
    ]


def once(command: Command) -> tuple[float, float]:
    """One run: seconds of wall time and peak megabytes of its largest process."""
    command.before()
    start = time.perf_counter()
    process = subprocess.Popen(
        list(command.arguments),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_pinned(command.cpus) if command.cpus else None,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    # The kernel counts kilobytes on Linux and bytes on macOS; waited-for children of the process are included.
    return wall, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def inside(code: str, *arguments: str, rounds: int) -> float:
    """The median of the seconds that a script prints about itself: time without the interpreter's start."""
    seconds = []
    for number in range(rounds + 1):
        done = subprocess.run([PYTHON, "-c", code, *arguments], capture_output=True, text=True, check=True)
        if number:
            seconds.append(float(done.stdout))
    return statistics.median(seconds)


def _pinned(count: int) -> Callable[[], None] | None:
    if not hasattr(os, "sched_setaffinity"):
        return None
    chosen = sorted(os.sched_getaffinity(0))[:count]
    return lambda: os.sched_setaffinity(0, chosen)


def total_size(folder: Path, suffixes: tuple[str, ...]) -> tuple[int, int]:
    """How many files with these suffixes a folder holds, and their bytes."""
    files = [path for path in folder.rglob("*") if path.suffix in suffixes and path.is_file()]
    return len(files), sum(path.stat().st_size for path in files)
