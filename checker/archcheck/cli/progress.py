"""A line on the terminal that says how far a long run is. It is drawn between answers, so it needs no thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

_WIDTH = 24
_CLEAR = "\r\x1b[K"


class Progress:
    """Draws on a terminal once a run takes longer than `delay` seconds, and leaves nothing behind.

    Nothing is drawn before `started` is called: workers that are forked must not inherit half a line.
    """

    def __init__(
        self, out: TextIO, *, delay: float = 1.0, pause: float = 0.1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._out = out
        self._clock = clock
        self._pause = pause
        self._next = clock() + delay
        self._running = False
        self._drawn = False

    def started(self) -> None:
        """The workers are there: drawing is allowed."""
        self._running = True

    def step(self, done: int, total: int) -> None:
        """So many units of so many are read."""
        if not self._running or not total or self._clock() < self._next:
            return
        self._next = self._clock() + self._pause
        filled = _WIDTH * min(done, total) // total
        self._out.write(f"{_CLEAR}[{'#' * filled}{'.' * (_WIDTH - filled)}] {done:,} of {total:,} units checked")
        self._out.flush()
        self._drawn = True

    def clear(self) -> None:
        """Remove the line."""
        self._running = False
        if self._drawn:
            self._out.write(_CLEAR)
            self._out.flush()
            self._drawn = False
