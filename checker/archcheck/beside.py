"""A part of a worker's task may be done beside it, by copies of the worker that share all it has read so far."""

from __future__ import annotations

import os
import signal
import struct
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from archcheck.tasks import DONE, alarm, attempt

if TYPE_CHECKING:
    import socket

_FRAME: Final = struct.Struct("<IB")  # length, and how it ended (questions: always DONE)
_CHUNK: Final = 1 << 20


class Helper:
    """A forked copy that answers questions, one after the other, until nobody asks any more."""

    def __init__(self, pid: int, line: socket.socket) -> None:
        self._pid = pid
        self._line = line
        self._lost = False

    def ask(self, question: bytes) -> None:
        """Put a question; the answers come in the order of the questions."""
        try:
            _send(self._line, DONE, question)
        except OSError:
            self._lost = True

    def answer(self) -> bytes | None:
        """The next answer; None when the copy failed at it or died, and the work is still to be done."""
        if self._lost:
            return None
        try:
            ended, data = _receive(self._line)
        except (OSError, EOFError):
            self._lost = True
            return None
        return data if ended == DONE else None

    def dismiss(self) -> None:
        """Nobody asks any more."""
        self._line.close()
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


class Asked(Struct, frozen=True):
    """A question put to several helpers at once."""

    helpers: Sequence[Helper]

    def answers(self) -> list[bytes | None]:
        """Their answers, in the order of the helpers."""
        return [helper.answer() for helper in self.helpers]


def ask(helpers: Sequence[Helper], question: bytes) -> Asked:
    """Put a question to all helpers; what is to be done here meanwhile goes before `answers`."""
    for helper in helpers:
        helper.ask(question)
    return Asked(helpers)


def start(answer: Callable[[bytes], bytes], seconds: float) -> Helper | None:
    """Have a copy of this process, which has no threads, answer questions for so much processor time at most.

    None where the system has no copies to give.
    """
    if sys.platform != "linux":
        return None
    import socket

    here, there = socket.socketpair()
    try:
        pid = os.fork()
    except OSError:
        here.close()
        there.close()
        return None
    if pid == 0:
        try:
            here.close()
            alarm(seconds)
            _serve(there, answer)
        finally:
            os._exit(0)
    there.close()
    return Helper(pid, here)


def _serve(line: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    while True:
        try:
            _, question = _receive(line)
        except EOFError:
            return
        ended, data = attempt(answer, question)
        _send(line, ended, data)


def _send(line: socket.socket, ended: int, data: bytes) -> None:
    line.sendall(_FRAME.pack(len(data), ended) + data)


def _receive(line: socket.socket) -> tuple[int, bytes]:
    """The next frame. Raises `EOFError` when the other side is gone."""
    size, ended = _FRAME.unpack(_exactly(line, _FRAME.size))
    return ended, _exactly(line, size)


def _exactly(line: socket.socket, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = line.recv(min(size, _CHUNK))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
