"""Packs hold the rules: found through the entry point group `archcheck.rules`, and indexed so that a run imports few.

Importing two hundred rule modules to run ten of them would cost more than many a run. The index remembers of every
rule what selection, planning and the catalogue need; the module is imported when its subject is judged. The index
holds while the packs' files, the engine's own files and the installed distributions stay as they are.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec import Struct

from archcheck.finding import Precision, Profile, Severity, Stage

if TYPE_CHECKING:
    from archcheck.rule import Rule


CHECKLIST = "checklist.md"
"""The file in a pack's folder that holds its checklist."""


class Entry(Struct, frozen=True):
    """One rule as the index knows it. `subject` is `module:name`; `docs` is its law in Markdown.

    `options` are those it takes with their defaults, as lines of TOML; `meaning` is what its author says of them.
    """

    id: str
    pack: str
    module: str
    subject: str
    surface: str
    stage: Stage
    checklist: str
    severity: Severity
    profile: Profile
    since: str
    precision: Precision
    security: float | None
    cwe: str
    formerly: tuple[str, ...]
    docs: str
    options: tuple[str, ...]
    meaning: str

    @property
    def short(self) -> str:
        """The first line of the docs: the problem in one short sentence."""
        return self.docs.partition("\n")[0]

    def judged(self) -> type:
        """Import the type that the rule judges."""
        module, _, name = self.subject.partition(":")
        subject: type = getattr(importlib.import_module(module), name)
        return subject

    def load(self) -> Rule:
        """Import the rule."""
        from archcheck.rule import rule_of

        return rule_of(importlib.import_module(self.module))


class Broken(Struct, frozen=True):
    """A module of a pack that could not be loaded; the rest of the pack works."""

    module: str
    file: str
    reason: str


class Pack(Struct, frozen=True):
    """An installed set of rules: its name, its package, and the folders that hold it."""

    name: str
    package: str
    folders: tuple[str, ...]


class Line(Struct, frozen=True):
    """One line of a checklist: its anchor, what it asks, and the heading it stands under."""

    anchor: str
    title: str
    section: str


class Index(Struct, frozen=True):
    """All rules of all packs by id, the digest over the engine's and the packs' sources, and the packs' checklists."""

    packs: tuple[Pack, ...]
    rules: dict[str, Entry]
    broken: tuple[Broken, ...]
    digest: bytes
    checklist: tuple[Line, ...] = ()

    def resolve(self, name: str) -> Entry | None:
        """The rule of that id, or of that former id."""
        if name in self.rules:
            return self.rules[name]
        return next((entry for entry in self.rules.values() if name in entry.formerly), None)


class Shelf(Protocol):
    """Where the index is remembered between runs: beside the code, or in the generic part of the cache store."""

    def get(self, kind: str, key: bytes) -> bytes | None: ...

    def put(self, kind: str, key: bytes, data: bytes) -> object:
        """Keep it; False where that cannot be."""


class Compiled:
    """The place beside the code where Python keeps compiled modules: an index is compiled from modules, too.

    It holds one thing of each kind, for one key. Where nothing may be written, nothing is kept.
    """

    def get(self, kind: str, key: bytes) -> bytes | None:
        try:
            data = self._file(kind).read_bytes()
        except (OSError, NotImplementedError):
            return None
        return data[len(key) :] if data.startswith(key) else None

    def put(self, kind: str, key: bytes, data: bytes) -> bool:
        if sys.dont_write_bytecode:
            return False
        try:
            file = self._file(kind)
            part = file.with_name(f"{file.name}.{os.getpid()}")
            try:
                part.write_bytes(key + data)
                part.replace(file)
            finally:
                part.unlink(missing_ok=True)
        except (OSError, NotImplementedError):
            return False
        return True

    def _file(self, kind: str) -> Path:
        """Raises `NotImplementedError` where this Python compiles nothing."""
        import importlib.util

        return Path(importlib.util.cache_from_source(str(Path(__file__).with_name(f"{kind}.index.py"))))


class _Remembered(Struct, frozen=True):
    stamps: dict[str, tuple[int, int]]
    index: Index


def load(*shelves: Shelf) -> Index:
    """The index of all installed packs: from the first shelf that holds it, else by importing every rule once.

    What was imported is put on the first shelf that takes it.
    """
    key = _environment()
    for shelf in shelves:
        if (data := shelf.get("packs", key)) is None:
            continue
        try:
            remembered = msgspec.msgpack.decode(data, type=_Remembered)
        except msgspec.MsgspecError:
            continue
        if _stamps(remembered.index.packs) == remembered.stamps:
            return remembered.index
    from archcheck.packing import checklist_of, installed, rules_of

    packs = tuple(installed())
    stamps = _stamps(packs)
    rules, broken = rules_of(packs)
    index = Index(packs, rules, broken, _digest(stamps), checklist_of(packs))
    if not broken:  # what mends a pack may lie outside of what is stamped
        data = msgspec.msgpack.encode(_Remembered(stamps, index))
        any(shelf.put("packs", key, data) is not False for shelf in shelves)
    return index


def _environment() -> bytes:
    """What the set of installed packs and parsers depends on: the interpreter, and the distributions it can see.

    Each distribution is stamped by its folder of metadata, which every installer makes anew. The folders of `sys.path`
    themselves would not do: one of them may be the working directory, where anything may be written.
    """
    parts = [sys.version, sys.platform]
    for folder in sys.path:
        try:
            entries = os.scandir(folder or ".")
        except OSError:
            continue
        with entries:
            seen = [entry for entry in entries if entry.name.endswith((".dist-info", ".egg-info", ".egg-link"))]
        parts += sorted(f"{entry.path}\0{entry.stat().st_mtime_ns}" for entry in seen)
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogateescape"), digest_size=16).digest()


def _stamps(packs: Iterable[Pack]) -> dict[str, tuple[int, int]]:
    """Modification time (ns) and size of every source of the engine and of the packs."""
    found: dict[str, tuple[int, int]] = {}
    folders = [str(Path(__file__).resolve().parent), *(folder for pack in packs for folder in pack.folders)]
    while folders:
        try:
            entries = list(os.scandir(folders.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith(".py") or entry.name == CHECKLIST:
                status = entry.stat()
                found[entry.path] = (status.st_mtime_ns, status.st_size)
            elif entry.name != "__pycache__" and entry.is_dir():
                folders.append(entry.path)
    return dict(sorted(found.items()))


def _digest(stamps: Iterable[str]) -> bytes:
    """A digest over the contents, so that a restored cache holds on another machine with other times."""
    digest = hashlib.blake2b(digest_size=16)
    for file in stamps:
        data = Path(file).read_bytes()
        digest.update(f"{Path(file).name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.digest()
