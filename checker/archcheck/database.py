"""The cache's database: one SQLite file that is read at will, written once, and never trusted to be there or whole."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeGuard
from zlib import crc32

Stamp: TypeAlias = tuple[int, int, bytes, int]  # mtime and size of a file, digest of its content, when it was hashed

_APPLICATION: Final = 0x41726368
_FORMAT: Final = 1
_SCHEMA: Final = f"""
PRAGMA page_size = 8192;
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_FORMAT};
CREATE TABLE stamps (path TEXT PRIMARY KEY, mtime INTEGER, size INTEGER, digest BLOB, at INTEGER) WITHOUT ROWID;
CREATE TABLE entries (base TEXT, kind TEXT, name TEXT, used INTEGER, digest BLOB, sum INTEGER, extra_sum INTEGER,
                      data BLOB, extra BLOB, UNIQUE (base, kind, name));
"""

_BUSY_SECONDS: Final = 0.1
_DAY: Final = 86_400
_KEPT_DAYS: Final = 30
_BYTES: Final = 256_000_000
_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_TAG: Final = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache; it may be deleted at any time.\n"


class Database:
    """Rows under (base, kind, name), and the stamps of files. No method raises: what fails is a miss.

    A row has `data` and an `extra` that is read only when it is asked for. Writing waits until `save`.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._anew = False
        self._today = int(time.time()) // _DAY
        self._aged = False  # no run of today has looked yet for what nobody uses any more
        self._put: dict[tuple[str, str, str], tuple[bytes, bytes, bytes]] = {}
        self._touched: set[tuple[str, str, str]] = set()
        self._stamped: dict[str, Stamp] = {}
        self._dropped: list[str] = []

    @classmethod
    def open(cls, folder: Path, name: str) -> Database | None:
        """The database of that name; None when the folder cannot be used, or something there is not ours."""
        if not _prepared(folder):
            return None
        database = cls(str(folder / name))
        return database if database._opened() else None

    def rows(self, base: str, kind: str, names: Iterable[str]) -> dict[str, tuple[bytes, bytes]]:
        """The digest and the data of each name that is there and whole, in one query."""
        found: dict[str, tuple[bytes, bytes]] = {}
        query = (
            "SELECT name, digest, data, sum, used FROM entries"
            " WHERE base = ? AND kind = ? AND name IN (SELECT value FROM json_each(?))"
        )
        for name, content, data, checksum, used in self._select(query, base, kind, json.dumps(list(names))):
            if whole(data, checksum) and isinstance(content, bytes):
                found[name] = (content, data)
                if used != self._today:
                    self._touched.add((base, kind, name))
        return found

    def extra(self, base: str, kind: str, name: str) -> bytes:
        """The extra of one row; empty when it is not there or not whole."""
        query = "SELECT extra, extra_sum FROM entries WHERE base = ? AND kind = ? AND name = ?"
        for data, checksum in self._select(query, base, kind, name):
            if whole(data, checksum):
                return bytes(data)
        return b""

    def stamps(self) -> dict[str, Stamp]:
        """The stamps of all files, by path."""
        rows = self._select("SELECT path, mtime, size, digest, at FROM stamps")
        return {path: (mtime, size, content, at) for path, mtime, size, content, at in rows}

    def put(self, base: str, kind: str, name: str, content: bytes, data: bytes, extra: bytes = b"") -> None:
        """Write a row when saving, in the place of any other of that name."""
        if len(data) + len(extra) <= _BYTES // 4:
            self._put[base, kind, name] = (content, data, extra)

    def put_stamp(self, path: str, stamp: Stamp) -> None:
        """Write a stamp when saving."""
        self._stamped[path] = stamp

    def drop_stamps(self, paths: Iterable[str]) -> None:
        """Forget stamps when saving."""
        self._dropped += paths

    def save(self) -> None:
        """Write everything in one transaction; a corrupt or outdated file is replaced by a new one."""
        if not (self._put or self._touched or self._stamped or self._dropped):
            return
        try:
            if self._anew:
                self._save_anew()
            elif self._connection is not None:
                self._write(self._connection)
        except (sqlite3.Error, OSError):
            return
        for pending in (self._put, self._touched, self._stamped, self._dropped):
            pending.clear()

    def close(self) -> None:
        """Close the file; what was not saved is lost."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _opened(self) -> bool:
        """Whether the file at our path is ours, or may become so."""
        path = Path(self.path)
        try:
            if not path.exists():
                self._anew = not path.is_symlink()
                return self._anew
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode) or not _trusted(path):
                return False
            self._aged = int(status.st_mtime) // _DAY != self._today
            self._connection = _connected(self.path)
            application, version, tables = self._connection.execute(
                "SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_master)"
                " FROM pragma_application_id AS a, pragma_user_version AS v"
            ).fetchone()
        except sqlite3.Error as error:
            self._failed(error)
            return True
        except OSError:
            return False
        if (application, tables) == (0, 0) or (application == _APPLICATION and version < _FORMAT):
            self._renounce()
            return True
        return bool(application == _APPLICATION and version == _FORMAT)

    def _select(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        if self._connection is None:
            return []
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self._failed(error)
            return []

    def _failed(self, error: sqlite3.Error) -> None:
        """Give up a file that is broken; one that is merely locked may be free later."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        if code & 0xFF in _BROKEN:
            self._renounce()

    def _renounce(self) -> None:
        self.close()
        self._anew = True

    def _save_anew(self) -> None:
        """Build a new file beside the place of the old one, and move it there whole."""
        path = Path(self.path)
        _forget_old(path.parent)
        building = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            connection = _connected(str(building))
            connection.executescript(_SCHEMA)
            self._write(connection)
            connection.close()
            path.with_name(path.name + "-journal").unlink(missing_ok=True)
            building.replace(path)
        finally:
            for left in (building, building.with_name(building.name + "-journal")):
                left.unlink(missing_ok=True)
        self._connection = _connected(self.path)
        self._anew = False

    def _write(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(
                "INSERT OR REPLACE INTO entries (base, kind, name, used, digest, sum, extra_sum, data, extra)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (*key, self._today, content, crc32(data), crc32(extra), data, extra)
                    for key, (content, data, extra) in sorted(self._put.items())
                ),
            )
            connection.executemany(
                "UPDATE entries SET used = ? WHERE base = ? AND kind = ? AND name = ?",
                ((self._today, *key) for key in sorted(self._touched - self._put.keys())),
            )
            connection.executemany("DELETE FROM stamps WHERE path = ?", ((path,) for path in self._dropped))
            connection.executemany(
                "INSERT OR REPLACE INTO stamps VALUES (?, ?, ?, ?, ?)",
                ((path, *stamp) for path, stamp in sorted(self._stamped.items())),
            )
            if self._aged:
                _forget_unused(connection, self._today)
            _trim(connection)
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        connection.execute("PRAGMA incremental_vacuum")


def whole(data: object, checksum: object) -> TypeGuard[bytes]:
    """Whether a value is the one that was written."""
    return isinstance(data, bytes) and crc32(data) == checksum


def reading(path: str) -> sqlite3.Connection | None:
    """A connection that only reads; None when there is nothing to read."""
    try:
        return sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", timeout=_BUSY_SECONDS, uri=True)
    except sqlite3.Error:
        return None


def _connected(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    # A rollback journal: forked workers open the same file, which shared memory beside it would not bear. Nothing is
    # flushed to the medium: what a power cut leaves is caught by SQLite, by the checksums, or is a miss.
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def _forget_unused(connection: sqlite3.Connection, today: int) -> None:
    """Forget what was not used for long. It takes a look at every row."""
    connection.execute("DELETE FROM entries WHERE used < ? OR used > ?", (today - _KEPT_DAYS, today + 1))


def _trim(connection: sqlite3.Connection) -> None:
    """Where there is too much, forget what was used longest ago."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    excess = (pages - free) * size - _BYTES
    if excess <= 0:
        return
    excess += _BYTES // 5  # so that the next runs need not trim again
    oldest = connection.execute("SELECT rowid, length(data) + length(extra) FROM entries ORDER BY used, rowid")
    doomed = []
    for rowid, length in oldest:
        if excess <= 0:
            break
        doomed.append((rowid,))
        excess -= length
    connection.executemany("DELETE FROM entries WHERE rowid = ?", doomed)


def _prepared(folder: Path) -> bool:
    """Make the folder, for its owner alone; whether it is there and nobody else can write to it."""
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / "CACHEDIR.TAG").write_text(_TAG, encoding="ascii")
            (folder / ".gitignore").write_text("*\n", encoding="ascii")
        return _trusted(folder)
    except OSError:
        return False


def _trusted(path: Path) -> bool:
    """Whether what lies there can only have been written by this user (or by root)."""
    if os.name == "nt":
        return True
    found = path.stat()
    user = os.getuid()
    return not found.st_mode & stat.S_IWOTH and (user == 0 or found.st_uid in (user, 0))


def _forget_old(folder: Path) -> None:
    """Remove the databases of roots that nobody has checked for long."""
    deadline = time.time() - 2 * _KEPT_DAYS * _DAY
    for path in folder.glob("*.sqlite*"):
        with contextlib.suppress(OSError):
            if path.lstat().st_mtime < deadline:
                path.unlink()
