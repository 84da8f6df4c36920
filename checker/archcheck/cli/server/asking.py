"""Asking: the language server's side of the process that checks, started when first needed and again after a crash."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process

from archcheck.cli.server.talk import SIZE, Answer, Question, answer_of, framed


class Checker:
    """One process that checks, asked one question at a time."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._closed = False

    async def ask(self, question: Question) -> Answer:
        """The answer. A process that died is started again."""
        begun = asyncio.Event()
        exchange = asyncio.create_task(self._exchange(question, begun))
        try:
            return await asyncio.shield(exchange)
        except asyncio.CancelledError:
            # An answer that is on its way must be read, or the next one would be taken for it.
            if not begun.is_set():
                exchange.cancel()
            raise

    async def _exchange(self, question: Question, begun: asyncio.Event) -> Answer:
        async with self._turn:
            begun.set()
            for _ in range(2):  # it may have died of an earlier question
                if not self._closed and (answer := await self._answer(question)) is not None:
                    return answer
        return Answer(failed="The process that checks has died twice over one question.")

    async def _answer(self, question: Question) -> Answer | None:
        process = self._process = self._process or await _started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(framed(question))
            await process.stdin.drain()
            (size,) = SIZE.unpack(await process.stdout.readexactly(SIZE.size))
            return answer_of(await process.stdout.readexactly(size))
        except (OSError, asyncio.IncompleteReadError):
            self._end()
            return None

    def close(self) -> None:
        """End the process for good."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        self._process = None


async def _started() -> Process:
    # -P: the working directory may be what is checked, and nothing is imported from it.
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "archcheck.cli.server.checking", stdin=PIPE, stdout=PIPE
    )
