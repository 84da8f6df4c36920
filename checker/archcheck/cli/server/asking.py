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

    async def ask(self, question: Question) -> Answer:
        """The answer. Where the process dies over a question, the next one gets a new process."""
        async with self._turn:
            process = self._process or await _started()
            self._process = process
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(framed(question))
                await process.stdin.drain()
                (size,) = SIZE.unpack(await process.stdout.readexactly(SIZE.size))
                return answer_of(await process.stdout.readexactly(size))
            except (OSError, asyncio.IncompleteReadError):
                self._process = None
                return Answer(failed="The process that checks has died; the next change starts it again.")
            except asyncio.CancelledError:
                # Half an answer may be on its way: nobody can go on from there.
                self.close()
                raise

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        self._process = None


async def _started() -> Process:
    # -P: the working directory may be what is checked, and nothing is imported from it.
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "archcheck.cli.server.checking", stdin=PIPE, stdout=PIPE
    )
