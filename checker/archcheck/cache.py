"""The cache remembers what was read, and forgets it as soon as one answer of the disk is different.

One SQLite database for each root, in the user's cache folder. It is only ever a shortcut: a database that is locked,
corrupt, foreign, newer or not writable is a miss. Values are bytes under a checksum; nothing in it is ever executed.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final

import msgspec

from archcheck import __version__
from archcheck.database import Database, Stamp, reading, whole
from archcheck.files import UNREADABLE, Disk, ReadSet, digest, listing_digest
from archcheck.source import Unread
from archcheck.surface import Files, Limits

# A file changed so shortly before it was hashed may be changed again without a sign: its clock may be that coarse.
_SETTLED: Final = 2_000_000_000

_UNIT: Final = "unit"
_KEPT: Final = "kept:"


class UnitEntry:
    """What is remembered of one unit. `memory` is loaded when it is asked for; it is empty when it was lost."""

    __slots__ = ("_memory", "payload", "read_set")

    def __init__(self, read_set: ReadSet, payload: bytes, memory: bytes | Callable[[], bytes] = b"") -> None:
        self.read_set = read_set
        self.payload = payload
        self._memory = memory

    @property
    def memory(self) -> bytes:
        """What the model wants back when the unit is read again."""
        if not isinstance(self._memory, bytes):
            self._memory = self._memory()
        return self._memory


class _UnitRow(msgspec.Struct, array_like=True, frozen=True):
    """A unit as it is stored."""

    read_set: ReadSet
    payload: bytes


class Store:
    """The memory of one root. What is put in is written once, by `save`; leaving its `with` block saves and closes.

    `key` names the version of whatever computes the values; entries under other keys are not seen, and age away.
    """

    def __init__(self, database: Database | None, root: Path, key: bytes = b"") -> None:
        self._database = database
        self._disk = Disk(root, Limits().file_size)
        self._key = digest(b"\0".join((__version__.encode(), bytes(sys.version_info[:2]), key))).hex()
        self._stamps: dict[str, Stamp] | None = None
        self._looked: dict[str, bytes] = {}

    @classmethod
    def open(cls, folder: Path | None, root: Path, key: bytes = b"") -> Store:
        """The store of a root in a cache folder (None: the default one). Never fails: at worst it remembers nothing."""
        root = Path(os.path.realpath(root))
        name = f"{digest(os.fsencode(root)).hex()}.sqlite"
        return cls(Database.open(folder or default_folder(), name), root, key)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.save()
        self.close()

    def save(self) -> None:
        """Write what was put in, in one transaction."""
        if self._database is not None:
            self._database.save()

    def close(self) -> None:
        """Let go of the database; what was not saved is lost."""
        if self._database is not None:
            self._database.close()

    def digests(
        self, stats: Mapping[str, tuple[int, int]], root: Path, *, limit: int = Limits().file_size
    ) -> dict[str, bytes]:
        """The content digests of files by their stat (mtime in nanoseconds, size); what cannot be read is left out.

        A file is read only when its stat differs from the remembered one, or was too fresh to be trusted.
        """
        if self._database is None:
            return {}
        self._disk = Disk(root, limit)
        found = {path: self._digest(path, mtime, size) for path, (mtime, size) in stats.items()}
        known = self._known()
        if len(known) > 2 * len(stats) + 1000:
            self._database.drop_stamps(path for path in known if path not in stats)
        return {path: content for path, content in found.items() if content}

    def changed(self, read_set: ReadSet, digests: Mapping[str, bytes], files: Files) -> frozenset[str]:
        """The paths whose content, presence or listing is not what it was; none when the read set still holds."""
        different = [path for path, was in read_set.opened if (digests.get(path) or self._content(path)) != was]
        different += [path for path in read_set.absent if files.exists(path)]
        different += [path for path in read_set.present if not files.exists(path)]
        different += [path for path, was in read_set.listings if listing_digest(files.listing(path)) != was]
        return frozenset(different)

    def units(self, keys: Sequence[bytes]) -> dict[bytes, UnitEntry]:
        """What is remembered of the units with these keys."""
        names = {key.hex(): key for key in keys}
        found: dict[bytes, UnitEntry] = {}
        if self._database is None:
            return found
        for name, (_, data) in self._database.rows(self._key, _UNIT, names).items():
            with contextlib.suppress(msgspec.MsgspecError):
                row = msgspec.msgpack.decode(data, type=_UnitRow)
                memory = partial(self._database.extra, self._key, _UNIT, name)
                found[names[name]] = UnitEntry(row.read_set, row.payload, memory)
        return found

    def put_unit(self, key: bytes, entry: UnitEntry) -> None:
        """Remember a unit."""
        if self._database is not None:
            row = msgspec.msgpack.encode(_UnitRow(entry.read_set, entry.payload))
            self._database.put(self._key, _UNIT, key.hex(), b"", row, entry.memory)

    def get(self, kind: str, key: bytes) -> bytes | None:
        """One value of any kind under a key that says everything it depends on."""
        if self._database is None:
            return None
        row = self._database.rows(self._key, kind, (key.hex(),)).get(key.hex())
        return None if row is None else row[1]

    def get_all(self, kind: str, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values of a kind that are there, in one query."""
        names = {key.hex(): key for key in keys}
        if self._database is None or not names:
            return {}
        return {names[name]: data for name, (_, data) in self._database.rows(self._key, kind, names).items()}

    def put(self, kind: str, key: bytes, data: bytes) -> None:
        """Remember one value."""
        if self._database is not None:
            self._database.put(self._key, kind, key.hex(), b"", data)

    def get_many(self, kind: str, wanted: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
        """What is remembered of single files (path and content digest), by path, in one query."""
        if self._database is None or not wanted:
            return {}
        contents = dict(wanted)
        rows = self._database.rows(self._key, kind, contents)
        return {path: data for path, (content, data) in rows.items() if contents[path] == content}

    def put_many(self, kind: str, items: Iterable[tuple[str, bytes, bytes]]) -> None:
        """Remember derivations of single files: path, content digest, data. One a path: older content is replaced."""
        if self._database is not None:
            for path, content, data in items:
                self._database.put(self._key, kind, path, content, data)

    def keep(self, base: bytes, kept: Iterable[tuple[str, str, bytes, bytes]]) -> None:
        """Remember what `Files.keep` collected in a worker, for `recall` with the same base."""
        if self._database is not None:
            for kind, path, content, data in kept:
                self._database.put(self._key + base.hex(), _KEPT + kind, path, content, data)

    def recall(self, base: bytes) -> StoredRecall | None:
        """What workers look derivations up in; each opens the database for itself."""
        return None if self._database is None else StoredRecall(self._database.path, self._key + base.hex())

    def _content(self, path: str) -> bytes:
        """The digest of a file that is not among the listed ones; `UNREADABLE` when it cannot be read."""
        if path not in self._looked:
            status = self._disk.status(path)
            self._looked[path] = (
                UNREADABLE if status is None else self._digest(path, status.st_mtime_ns, status.st_size)
            )
        return self._looked[path]

    def _digest(self, path: str, mtime: int, size: int) -> bytes:
        if size > self._disk.limit:
            return UNREADABLE
        known = self._known()
        stamp = known.get(path)
        if stamp is not None and stamp[0] == mtime and stamp[1] == size and mtime + _SETTLED <= stamp[3]:
            return stamp[2]
        at = time.time_ns()
        try:
            content = digest(self._disk.read(path))
        except Unread:
            return UNREADABLE
        known[path] = (mtime, size, content, at)
        if self._database is not None:
            self._database.put_stamp(path, known[path])
        return content

    def _known(self) -> dict[str, Stamp]:
        if self._stamps is None:
            self._stamps = self._database.stamps() if self._database is not None else {}
        return self._stamps


class NoStore(Store):
    """A store that remembers nothing."""

    def __init__(self) -> None:
        super().__init__(None, Path())


class StoredRecall:
    """`Recall` for workers: reads a store's database through a connection of each process's own, and writes nothing."""

    def __init__(self, path: str, base: str) -> None:
        self._path = path
        self._base = base
        self._connection: sqlite3.Connection | None = None
        self._owner = 0

    def __reduce__(self) -> tuple[type[StoredRecall], tuple[str, str]]:
        return StoredRecall, (self._path, self._base)

    def get(self, kind: str, path: str, digest: bytes) -> bytes | None:
        """What is remembered for these bytes at this path."""
        if self._owner != os.getpid():
            self._owner, self._connection = os.getpid(), reading(self._path)
        if self._connection is None:
            return None
        try:
            query = "SELECT data, sum FROM entries WHERE base = ? AND kind = ? AND name = ? AND digest = ?"
            row = self._connection.execute(query, (self._base, _KEPT + kind, path, digest)).fetchone()
        except sqlite3.Error:
            return None
        return row[0] if row is not None and whole(row[0], row[1]) else None

    def put(self, kind: str, path: str, digest: bytes, data: bytes) -> None:
        """Nothing: what a worker keeps is sent back and stored by the parent."""


def default_folder() -> Path:
    """`ARCHCHECK_CACHE_DIR`, else the user's cache folder."""
    if chosen := os.environ.get("ARCHCHECK_CACHE_DIR"):
        return Path(chosen)
    if sys.platform == "linux":
        # What platformdirs says for the plain cases, without the 28 ms of importing it.
        base = os.environ.get("XDG_CACHE_HOME", "")
        if base.startswith("/"):
            return Path(base) / "archcheck"
        if not base and os.environ.get("HOME", "").startswith("/"):
            return Path(os.environ["HOME"]) / ".cache" / "archcheck"
    import platformdirs

    return Path(platformdirs.user_cache_dir("archcheck", appauthor=False))
