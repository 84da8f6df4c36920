"""The Python surface as the engine sees it: one module is one unit."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from archcheck.source import Source
from archcheck.surface import Allow, Coverage, Files, Layers, Memory, Model, Piece, Settings, Tree, Unit
from archcheck.surfaces.python.claims import SUFFIXES, concerns, is_module
from archcheck.surfaces.python.credential import OpenCors, PasswordUse, Secret, TokenReading
from archcheck.surfaces.python.logs import Leak, Logs, Swallowed
from archcheck.surfaces.python.names import import_roots, module_name
from archcheck.surfaces.python.outbound import Cached, Outbound, Retry
from archcheck.surfaces.python.query import Query
from archcheck.surfaces.python.task import Consumer, Queue
from archcheck.surfaces.python.webhooks import Delivery, Verifier

if TYPE_CHECKING:
    from archcheck.surfaces.python.frame import Context


class Python:
    """Python modules. Every `.py` file is one, so nothing has to be looked into to claim it."""

    name = "python"
    suffixes: tuple[str, ...] = SUFFIXES
    sniffs = False

    def concerns(self, path: str) -> bool:
        """Every module counts, and of other files those that hold the settings of a service."""
        return concerns(path)

    def sniff(self, source: Source) -> str:
        """Every file that concerns it belongs here."""
        return self.name if source.path.lower().endswith(self.suffixes) and self.concerns(source.path) else ""

    def units(self, tree: Tree, files: Files) -> Iterable[Unit]:
        """One unit a file; its memo is the name it is imported by."""
        packages = {posixpath.dirname(path) for path in tree.paths if path.endswith("/__init__.py")}
        for path in sorted(tree.marks):
            name = module_name(path, packages.__contains__) if is_module(path) else ""
            yield Unit(self.name, path, (path,), name)

    def read(self, unit: Unit, files: Files, memory: Memory | None, settings: Settings) -> Model:
        """Read one module or one file of settings. Raises `Unread` when it cannot be parsed."""
        path = unit.files[0]
        source = files.open(path)
        if not is_module(path):
            from archcheck.surfaces.python.settings_file import SettingsFile

            return SettingsFile(source)
        from archcheck.surfaces.python.module import read_module

        name = unit.facts or module_name(path, lambda folder: files.exists(f"{folder}/__init__.py"))

        def in_project(top: str) -> bool:
            roots = import_roots(path, name)
            return any(
                files.exists(posixpath.join(r, f"{top}.py")) or files.exists(posixpath.join(r, top, "__init__.py"))
                for r in roots
            )

        context, queries, counts = read_module(source, name, in_project, files.listing)
        return Module(context, queries, Coverage(counts=counts, undecided=_withheld(context, queries)), settings.layers)

    def link(self, interfaces: Sequence[tuple[str, bytes]]) -> Model | None:
        """The queries whose verdict hung on another module."""
        from archcheck.surfaces.python.link import link

        return link(interfaces)

    def owed(self, path: str, mark: str) -> bool:
        """Every module that is named is owed a reading."""
        return is_module(path)


class Module(Struct):
    """One module as typed facts."""

    context: Context
    queries: tuple[Query, ...]
    coverage: Coverage = field(default_factory=Coverage)
    layers: Layers | None = None

    def pieces(self) -> Iterator[Piece]:
        """A module is one piece."""
        yield Piece(self.context.places.path, True, self._subjects)

    def allows(self) -> Iterable[Allow]:
        """None: acceptances in Python are comments."""
        return ()

    def interface(self) -> bytes:
        """The module's own names, and the queries that wait for those of others."""
        from archcheck.surfaces.python.interface import encode, interface
        from archcheck.surfaces.python.routes_facts import web

        serves = self.context.deployed
        wired = web(self.context.survey, self.context.places) if serves else None
        told = interface(self.context, tuple(query for query in self.queries if _waits(query)), wired)
        if serves:
            from archcheck.surfaces.python.habits_facts import habits
            from archcheck.surfaces.python.layers_facts import traffic
            from archcheck.surfaces.python.tasks_facts import jobs
            from archcheck.surfaces.python.vault_facts import vault

            told = replace(told, vault=vault(self.context))
            told = replace(told, jobs=jobs(self.context), habits=habits(self.context), traffic=traffic(self.context))
        if self.layers is not None and self.context.place != "test":
            from archcheck.surfaces.python.layers_facts import leaning

            told = replace(told, leaning=leaning(self.context, self.layers))
        return encode(told)

    def memory(self) -> bytes:
        """Nothing: a module is read in one go."""
        return b""

    def _subjects(self, wanted: frozenset[type]) -> Iterable[object]:
        """The module's facts of the wanted types; what finds a kind of them is imported only when it is wanted."""
        if Secret in wanted:
            from archcheck.surfaces.python.secrets_facts import secrets_of_module

            yield from secrets_of_module(self.context)
        if PasswordUse in wanted:
            from archcheck.surfaces.python.passwords_facts import password_uses

            yield from password_uses(self.context)
        if TokenReading in wanted or OpenCors in wanted:
            from archcheck.surfaces.python.access_facts import open_cors, token_readings

            yield from token_readings(self.context) if TokenReading in wanted else ()
            yield from open_cors(self.context) if OpenCors in wanted else ()
        if Query in wanted:
            yield from (query for query in self.queries if not _waits(query))
        if not wanted.isdisjoint((Verifier, Delivery)) and self.context.place == "service":
            from archcheck.surfaces.python.webhooks_facts import deliveries, verifiers

            yield from verifiers(self.context) if Verifier in wanted else ()
            yield from deliveries(self.context) if Delivery in wanted else ()
        if not wanted.isdisjoint((Outbound, Retry, Cached, Logs, Leak, Swallowed)):
            from archcheck.surfaces.python.conduct import conduct

            yield from conduct(self.context, wanted)
        if not wanted.isdisjoint((Queue, Consumer)) and self.context.deployed:
            from archcheck.surfaces.python.queues_facts import consumers, queues

            yield from queues(self.context) if Queue in wanted else ()
            yield from consumers(self.context) if Consumer in wanted else ()


def _waits(query: Query) -> bool:
    """Whether other modules have a word in it: to say what a hole is, or as callers with a client's text."""
    asks = query.place == "service"
    return any(hole.open or (asks and hole.parameter and hole.origin == "parameter") for hole in query.holes)


def _withheld(context: Context, queries: Sequence[Query]) -> dict[str, int]:
    """Verdicts we did not dare: pieces of SQL from somewhere else, functions too deep to follow."""
    pieces = sum(
        1
        for q in queries
        for h in q.holes
        if not h.safe and not h.open and h.origin != "request" and h.position in ("fragment", "whole")
    )
    count = pieces + context.undecided
    return {"interpolated-query": count} if count else {}
