"""Spawned workers are fresh interpreters, for systems where a process cannot be forked safely."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Final, TypeVar

from archcheck.surface import Limits
from archcheck.tasks import STARVED, WORN_OUT, Answer, Bench, Death, silence

T = TypeVar("T")

_NUMBER: Final = 4


class SpawnedCrew:
    """Workers that were spawned. Each has one task at a time, so a dead one leaves none untouched."""

    depth = 1

    def __init__(
        self,
        tasks: Sequence[T],
        work: Callable[[T], bytes],
        setup: Callable[[], None] | None,
        size: int,
        limits: Limits,
    ) -> None:
        self._bench = Bench(tasks, work, setup, limits)
        self._context = multiprocessing.get_context("spawn")
        self._workers: dict[int, tuple[SpawnProcess, Connection]] = {}
        self._sent: dict[int, int] = {}
        for slot in range(size):
            self.renew(slot)

    def send(self, slot: int, index: int) -> None:
        self._sent[slot] = index
        try:
            self._workers[slot][1].send_bytes(index.to_bytes(_NUMBER, "little"))
        except OSError:  # it has just died, and `events` will say so
            return

    def take_back(self, slot: int) -> int | None:
        return None

    def events(self, seconds: float) -> list[Answer | Death]:
        slots = {connection: slot for slot, (_, connection) in self._workers.items()}
        events: list[Answer | Death] = []
        for connection in wait(list(slots), seconds):
            assert isinstance(connection, Connection)
            slot = slots[connection]
            try:
                frame = connection.recv_bytes()
            except (EOFError, OSError):
                code = self._buried(slot)
                # A worn out worker answered its last task and left before it took another.
                unread = (self._sent[slot],) if code == WORN_OUT and slot in self._sent else ()
                events.append(Death(slot, code, unread))
            else:
                index, status = int.from_bytes(frame[:_NUMBER], "little"), frame[_NUMBER]
                events.append(Answer(slot, index, status, frame[_NUMBER + 1 :]))
        return events

    def kill(self, slot: int) -> None:
        self._workers[slot][0].kill()

    def renew(self, slot: int) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._bench), daemon=True)
        process.start()
        theirs.close()
        self._workers[slot] = (process, ours)

    def close(self) -> None:
        for process, _ in self._workers.values():
            process.kill()
        for slot in list(self._workers):
            self._buried(slot)

    def _buried(self, slot: int) -> int:
        process, connection = self._workers.pop(slot)
        connection.close()
        process.join()
        code = process.exitcode or 0
        process.close()
        return code


def _serve(connection: Connection, bench: Bench[T]) -> None:
    """A worker's life: take a number, do the task, answer; until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    silence()
    bench.enter()
    while True:
        try:
            index = int.from_bytes(connection.recv_bytes(), "little")
            status, data = bench.do(index)
            connection.send_bytes(b"".join((index.to_bytes(_NUMBER, "little"), bytes([status]), data)))
        except (EOFError, OSError):
            return
        if status == STARVED:
            raise SystemExit(WORN_OUT)
