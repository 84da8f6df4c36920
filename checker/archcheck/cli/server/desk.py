"""A desk holds what an editor has open of one project, has it checked when it changes, and shows what came of it.

Of several changes in a row the last is checked. What is known of a document is known of one version of it: an answer
about an older one is dropped, since another is under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct, field

from archcheck.cli.server.places import path_of, source_of, uri_of
from archcheck.cli.server.talk import Answer, Question, Trial
from archcheck.files import Disk, ProjectFiles
from archcheck.finding import Verdict
from archcheck.source import Source, Unread
from archcheck.surface import Limits


class Editor(Protocol):
    """What a desk needs of the editor, and of who checks."""

    def text(self, uri: str) -> tuple[int | None, str]:
        """The version and the text of an open document."""

    def show(self, desk: Desk, uri: str, verdicts: Iterable[Verdict], answer: Answer) -> None:
        """Show the findings of a document in place of those that it had."""

    def complain(self, desk: Desk, answer: Answer) -> None:
        """Show why there is no answer; an answer without a reason takes that back."""

    async def ask(self, question: Question) -> Answer:
        """Have a question answered."""


class Known(Struct, frozen=True):
    """What is known of one version of a document."""

    version: int | None
    verdicts: tuple[Verdict, ...]


class Desk(Struct):
    """The open documents of the project at `root`: their addresses with their paths in it."""

    root: Path
    editor: Editor
    open: dict[str, str] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    _timer: asyncio.TimerHandle | None = None
    _running: asyncio.Task[None] | None = None
    _due: bool = False
    _judged: dict[tuple[str, int | None, bytes], str] = field(default_factory=dict)

    def take(self, uri: str) -> None:
        """A document was opened."""
        path = path_of(uri)
        if path is not None and path.is_relative_to(self.root):
            self.open[uri] = path.relative_to(self.root).as_posix()

    def drop(self, uri: str) -> None:
        """A document was closed: what was found in it is shown no longer."""
        self.known.pop(uri, None)
        if self.open.pop(uri, None) is not None:
            self.editor.show(self, uri, (), Answer())
        if not self.open:
            for other in self.elsewhere:
                self.editor.show(self, other, (), Answer())
            self.elsewhere.clear()

    def check_in(self, seconds: float) -> None:
        """Check what is open after a while in which nothing else changes."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._check)

    def close(self) -> None:
        """Check nothing any more."""
        for each in (self._timer, self._running):
            if each is not None:
                each.cancel()

    def source(self, path: str) -> Source | None:
        """A file of the project as the editor has it, else as the disk does; None when it cannot be read."""
        try:
            for uri, mine in self.open.items():
                if mine == path:
                    source = source_of(path, self.editor.text(uri)[1])
                    break
            else:
                source = ProjectFiles(Disk(self.root, Limits().file_size)).open(path)
            _ = source.text
        except Unread:
            return None
        return source

    def holds(self, path: str) -> bool:
        """Whether there is a file of that path, on the disk or in the editor."""
        return path in self.open.values() or ProjectFiles(Disk(self.root, Limits().file_size)).exists(path)

    def version(self, path: str) -> int | None:
        """The version of a file that is open."""
        return next((self.editor.text(uri)[0] for uri, mine in self.open.items() if mine == path), None)

    def findings(self, uri: str) -> tuple[Verdict, ...]:
        """What is known of the present version of a document."""
        known = self.known.get(uri)
        return known.verdicts if known is not None and known.version == self.editor.text(uri)[0] else ()

    async def judged(self, uri: str, trials: list[Trial]) -> list[str]:
        """Why changes do not do what they are meant to, or nothing; each is asked once for a version of a document."""
        version = self.editor.text(uri)[0]
        new = [trial for trial in trials if _name(uri, version, trial) not in self._judged]
        if new:
            answer = await self.editor.ask(self._question(tuple(new)))
            wrong = answer.wrong if len(answer.wrong) == len(new) else ("it could not be tried",) * len(new)
            self._judged = {name: said for name, said in self._judged.items() if name[0] != uri or name[1] == version}
            self._judged |= {_name(uri, version, trial): said for trial, said in zip(new, wrong, strict=True)}
        return [self._judged.get(_name(uri, version, trial), "it changed meanwhile") for trial in trials]

    def _check(self) -> None:
        self._timer = None
        if self._running is not None and not self._running.done():
            self._due = True
        elif self.open:
            self._running = asyncio.get_running_loop().create_task(self._checked())

    async def _checked(self) -> None:
        self._due = True
        while self._due:
            self._due = False
            versions = {uri: self.editor.text(uri)[0] for uri in self.open}
            question = self._question()
            answer = await self.editor.ask(question)
            if answer.failed or answer.mistake is not None:
                self.editor.complain(self, answer)
            else:
                self.editor.complain(self, Answer())
                self._show(answer, versions, saved=not question.instead)

    def _question(self, trials: tuple[Trial, ...] = ()) -> Question:
        """What is open, with the text of what is not saved."""
        instead = {}
        files = ProjectFiles(Disk(self.root, Limits().file_size))
        for uri, path in self.open.items():
            data = source_of(path, self.editor.text(uri)[1]).data
            if data != _data(files, path):
                instead[path] = data
        return Question(root=str(self.root), paths=tuple(sorted(self.open.values())), instead=instead, trials=trials)

    def _show(self, answer: Answer, versions: Mapping[str, int | None], *, saved: bool) -> None:
        found: dict[str, list[Verdict]] = {}
        for verdict in answer.verdicts:
            found.setdefault(verdict.at.path, []).append(verdict)
        for uri, path in self.open.items():
            mine = tuple(found.pop(path, ()))
            if uri in versions and versions[uri] == self.editor.text(uri)[0]:
                self.known[uri] = Known(versions[uri], mine)
                self.editor.show(self, uri, mine, answer)
        if saved:
            others = {uri_of(self.root, path): verdicts for path, verdicts in found.items()}
            for uri in sorted(self.elsewhere - others.keys() - self.open.keys()):
                self.editor.show(self, uri, (), answer)
            for uri, verdicts in sorted(others.items()):
                self.editor.show(self, uri, verdicts, answer)
            self.elsewhere = set(others)


def _name(uri: str, version: int | None, trial: Trial) -> tuple[str, int | None, bytes]:
    return uri, version, msgspec.msgpack.encode(trial, order="sorted")


def _data(files: ProjectFiles, path: str) -> bytes | None:
    try:
        return files.open(path).data
    except Unread:
        return None
