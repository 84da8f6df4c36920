"""Files are the only door to the disk: confined to the root, capped in size, and on record.

Whatever a unit asks for, found or not, goes into its read set. A remembered verdict holds only as long as every
answer in the read set is still the same.
"""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import stat
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct

from archcheck.source import Source, Unread
from archcheck.surface import Limits

# What the record holds for a file that is there and could not be read: no digest is ever equal to it.
UNREADABLE: Final = b""
# What it holds for a file that changed between two readings of one unit: equal to nothing, so never replayed.
UNSTABLE: Final = b"unstable"

_CHUNK: Final = 1 << 20
_HEAD: Final = 1 << 16
# A FIFO would block, a link would be followed, a spawned process would inherit: none of these may happen.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


def digest(data: bytes) -> bytes:
    """The digest by which contents are told apart: BLAKE2b, 16 bytes."""
    return blake2b(data, digest_size=16).digest()


class ReadSet(Struct, frozen=True):
    """Everything a unit asked the disk, with the answers; each part sorted by path.

    `opened` holds the digest of each file opened (`UNREADABLE` for one that is there and cannot be read), `absent` and
    `present` the paths asked for, `listings` the digest of the names in each folder listed.
    """

    opened: tuple[tuple[str, bytes], ...] = ()
    absent: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    listings: tuple[tuple[str, bytes], ...] = ()

    def over(self, former: ReadSet, changed: frozenset[str]) -> ReadSet:
        """This record on top of a former one, of which only what has not changed since still stands."""
        opened = {path: content for path, content in former.opened if path not in changed} | dict(self.opened)
        listings = {path: names for path, names in former.listings if path not in changed} | dict(self.listings)
        present = {path for path in former.present if path not in changed} | set(self.present)
        absent = {path for path in former.absent if path not in changed} | set(self.absent)
        return ReadSet(
            tuple(sorted(opened.items())),
            tuple(sorted(absent)),
            tuple(sorted(present - opened.keys())),
            tuple(sorted(listings.items())),
        )


class Recall(Protocol):
    """Where derivations of single files are remembered, by kind, path and digest of the content."""

    def get(self, kind: str, path: str, digest: bytes) -> bytes | None: ...

    def put(self, kind: str, path: str, digest: bytes, data: bytes) -> None: ...


class Ground(Protocol):
    """What lies under a root: the disk, or a mapping in memory. Paths are clean: relative, with `/`, without `..`."""

    def read(self, path: str) -> bytes:
        """The bytes of a regular file; raises `Unread`."""

    def head(self, path: str) -> bytes:
        """The first bytes of a regular file, of any size; nothing when it cannot be read."""

    def has(self, path: str) -> bool:
        """Whether there is a regular file or a folder."""

    def names(self, folder: str) -> Iterable[str]:
        """The names in a folder in any order, those of folders ending in `/`; nothing when there is none."""


class RecordedFiles:
    """`Files` over any ground: cleans the paths asked for, and records every question and answer.

    `kept` collects what `keep` was given, as (kind, path, digest, data), so that a worker can send it back.
    """

    def __init__(self, ground: Ground, recall: Recall | None = None) -> None:
        self.kept: list[tuple[str, str, bytes, bytes]] = []
        self._ground = ground
        self._recall = recall
        self._on_open: Callable[[Source], object] | None = None
        self._opened: dict[str, bytes] = {}
        self._asked: dict[str, bool] = {}
        self._listed: dict[str, bytes] = {}

    def open(self, path: str) -> Source:
        """The source at a root-relative path. Raises `Unread` (absent, outside, not regular, too large)."""
        inside = clean(path)
        if inside is None:
            raise Unread(
                escaped(path), "it lies outside the project root", way_out="only files under the root are read"
            )
        try:
            data = self._ground.read(inside)
        except Unread:
            if self.exists(inside):
                self._record(inside, UNREADABLE)
            raise
        self._record(inside, digest(data))
        source = Source(inside, data)
        if self._on_open is not None:
            self._on_open(source)
        return source

    def head(self, path: str) -> Source:
        """The first 64 KB of a file that is too large to be opened, to see what it is; empty when it cannot be read."""
        inside = clean(path)
        return Source(path, self._ground.head(inside) if inside is not None else b"")

    def on_open(self, call: Callable[[Source], object]) -> None:
        """Have every source that is opened from now on shown to `call`."""
        self._on_open = call

    def exists(self, path: str) -> bool:
        """Whether a regular file or a folder of that path lies under the root."""
        found = self._asked.get(path)
        if found is None:
            inside = clean(path)
            if inside is None:
                return False
            found = self._asked.get(inside)
            if found is None:
                found = self._asked[inside] = self._ground.has(inside)
        return found

    def listing(self, folder: str) -> tuple[str, ...]:
        """The names in a folder, sorted, those of folders ending in `/`; empty when there is no such folder."""
        inside = clean(folder)
        if inside is None:
            return ()
        names = tuple(sorted(self._ground.names(inside)))
        self._listed[inside] = listing_digest(names)
        return names

    def recall(self, source: Source, kind: str) -> bytes | None:
        """What `keep` stored for the same bytes at the same path; else None."""
        return self._recall.get(kind, source.path, self._digest_of(source)) if self._recall else None

    def keep(self, source: Source, kind: str, data: bytes) -> None:
        """Remember a derivation of one file alone."""
        content = self._digest_of(source)
        self.kept.append((kind, source.path, content, data))
        if self._recall:
            self._recall.put(kind, source.path, content, data)

    def read_set(self) -> ReadSet:
        """Everything asked so far. A path that was opened stands under `present` only if it could not be read."""
        opened = self._opened
        return ReadSet(
            opened=tuple(sorted(opened.items())),
            absent=tuple(sorted(path for path, found in self._asked.items() if not found)),
            present=tuple(sorted(p for p, found in self._asked.items() if found and not opened.get(p))),
            listings=tuple(sorted(self._listed.items())),
        )

    def _record(self, path: str, content: bytes) -> None:
        self._opened[path] = content if self._opened.get(path, content) == content else UNSTABLE

    def _digest_of(self, source: Source) -> bytes:
        known = self._opened.get(source.path, UNSTABLE)
        return known if len(known) == 16 else digest(source.data)


class ProjectFiles(RecordedFiles):
    """The files of a project on the disk. One a unit; a `Disk` may be shared by many, since it knows its folders."""

    def __init__(self, root: Path | Disk, limits: Limits | None = None, recall: Recall | None = None) -> None:
        limits = limits or Limits()
        super().__init__(root if isinstance(root, Disk) else Disk(root, limits.file_size), recall)


class MemoryFiles(RecordedFiles):
    """Files that exist only in memory, for examples and tests."""

    def __init__(
        self, files: Mapping[str, str | bytes], limits: Limits | None = None, recall: Recall | None = None
    ) -> None:
        super().__init__(_Shelf(files, (limits or Limits()).file_size), recall)


class Disk:
    """A root on the disk. Nothing outside it is ever opened or named, links included.

    Resolved folders are remembered for as long as the object lives: make one for each run. `instead` holds by path what
    files are taken to hold that hold something else: they are there, and nothing of this is written.
    """

    def __init__(self, root: Path, limit: int, instead: Mapping[str, bytes] | None = None) -> None:
        self.root = os.path.realpath(root)
        self.limit = limit
        self.instead = instead or {}
        self._inside = self.root.rstrip(os.sep) + os.sep
        self._folders: dict[str, str | None] = {"": self.root}

    def read(self, path: str) -> bytes:
        """The bytes of a regular file of at most the limit; raises `Unread` with the reason."""
        if path in self.instead:
            if len(self.instead[path]) > self.limit:
                raise _too_large(path, self.limit)
            return self.instead[path]
        try:
            where = self.find(path)
            if where is None:
                raise Unread(path, "it leads outside the project root", way_out="exclude it, or widen the root")
            return self._bytes(path, where)
        except OSError as error:
            raise unread(path, error) from None

    def head(self, path: str) -> bytes:
        """The first bytes of a regular file, of any size; nothing when it cannot be read."""
        if path in self.instead:
            return self.instead[path][:_HEAD]
        try:
            where = self.find(path)
            if where is None or not stat.S_ISREG(os.lstat(where).st_mode):
                return b""
            descriptor = os.open(where, _FLAGS)
        except OSError:
            return b""
        try:
            return os.read(descriptor, _HEAD) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
        finally:
            os.close(descriptor)

    def has(self, path: str) -> bool:
        """Whether a regular file or a folder of that path lies under the root."""
        if path in self.instead:
            return True
        found = self.status(path)
        return found is not None and (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode))

    def status(self, path: str) -> os.stat_result | None:
        """The status of what a path leads to; None when nothing is there, or it lies outside, or cannot be seen."""
        try:
            where = self.find(path)
            return None if where is None else os.lstat(where)
        except OSError:
            return None

    def names(self, folder: str) -> list[str]:
        """The names in a folder, those of folders ending in `/`; nothing when there is no such folder."""
        names = []
        with contextlib.suppress(OSError):
            where = self.folder(folder)
            if where is not None:
                with os.scandir(where) as entries:
                    for entry in entries:
                        name = escaped(entry.name)
                        names.append(name + "/" if entry.is_dir() else name)
        return [*names, *self._added(folder, names)] if self.instead else names

    def _added(self, folder: str, names: Iterable[str]) -> Iterable[str]:
        """The names that only `instead` has in a folder."""
        prefix = f"{folder}/" if folder else ""
        below = (path.removeprefix(prefix) for path in self.instead if path.startswith(prefix))
        added = {first + slash for first, slash, _ in (path.partition("/") for path in below)}
        return sorted(added.difference(names))

    def find(self, path: str) -> str | None:
        """Where a clean path leads, all links resolved; None when that is outside the root. Raises `OSError`."""
        if not path:
            return self.root
        folder, _, name = path.rpartition("/")
        above = self.folder(folder)
        if above is None:
            return None
        where = os.path.join(above, name)  # noqa: PTH118 - a Path for each of 50,000 files would cost more than the walk
        if not stat.S_ISLNK(os.lstat(where).st_mode):
            return where
        target = os.path.realpath(where, strict=True)
        return None if self.name(target) is None else target

    def folder(self, folder: str) -> str | None:
        """Where a clean path of a folder leads, all links resolved; None when that is outside. Raises `OSError`."""
        if folder not in self._folders:
            self._folders[folder] = self.find(folder)
        return self._folders[folder]

    def place(self, path: str) -> str:
        """Where a clean path is by its name, links or not."""
        return self._inside + path if path else self.root

    def name(self, real: str) -> str | None:
        """The root-relative path of a resolved place; None when it lies outside."""
        if real == self.root:
            return ""
        return real[len(self._inside) :].replace(os.sep, "/") if real.startswith(self._inside) else None

    def _bytes(self, path: str, where: str) -> bytes:
        if not stat.S_ISREG(os.lstat(where).st_mode):
            raise Unread(path, irregular(os.lstat(where).st_mode))
        descriptor = os.open(where, _FLAGS)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise Unread(path, irregular(found.st_mode))
            data = os.read(descriptor, min(found.st_size, self.limit) + 1)
            if len(data) == found.st_size and len(data) <= self.limit:
                return data
            # It is larger than the limit, or grew meanwhile, or lies on a file system that gives less than asked for.
            pieces = [data]
            size = len(data)
            while data and size <= self.limit:
                data = os.read(descriptor, min(_CHUNK, self.limit + 1 - size))
                pieces.append(data)
                size += len(data)
        finally:
            os.close(descriptor)
        if size > self.limit:
            raise _too_large(path, self.limit)
        return b"".join(pieces)


class _Shelf:
    """A mapping from paths to contents, seen as a root."""

    def __init__(self, files: Mapping[str, str | bytes], limit: int) -> None:
        self._files = {
            name: data.encode("utf-8") if isinstance(data, str) else data for name, data in sorted(files.items())
        }
        self._limit = limit
        self._folders: dict[str, set[str]] = {"": set()}
        for name in self._files:
            path = name
            while path:
                folder, _, last = path.rpartition("/")
                self._folders.setdefault(folder, set()).add(last if path == name else last + "/")
                path = folder

    def read(self, path: str) -> bytes:
        if path not in self._files:
            raise Unread(path, "it is a folder") if path in self._folders else _missing(path)
        if len(self._files[path]) > self._limit:
            raise _too_large(path, self._limit)
        return self._files[path]

    def head(self, path: str) -> bytes:
        return self._files.get(path, b"")[:_HEAD]

    def has(self, path: str) -> bool:
        return path in self._files or path in self._folders

    def names(self, folder: str) -> Iterable[str]:
        return self._folders.get(folder, ())


def clean(path: str) -> str | None:
    """A root-relative path without `.`, `..` and doubled slashes; None when it cannot lie under the root.

    The root itself is the empty string. Names that no file system of ours can hold, or that no report could
    show (NUL, lone surrogates), count as outside.
    """
    if "\0" in path or path.startswith("/") or (os.name == "nt" and (":" in path or "\\" in path)):
        return None
    if not path.isascii():
        try:
            path.encode("utf-8")
        except UnicodeEncodeError:
            return None
    if path.startswith(".") or "/." in path or "//" in path or path.endswith("/"):
        path = posixpath.normpath(path)
    if path == ".":
        return ""
    return None if path == ".." or path.startswith("../") else path


def escaped(name: str) -> str:
    """A file name as text that can be encoded: bytes that are no UTF-8 stand as `\\xff`."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogateescape" if os.name != "nt" else "replace").decode(
            "utf-8", "backslashreplace"
        )
    return name


def listing_digest(names: Iterable[str]) -> bytes:
    """The digest of a folder's names, as `Files.listing` returns them."""
    return digest("\0".join(names).encode("utf-8"))


def unread(path: str, error: OSError | ValueError) -> Unread:
    """What the system said, as we say it."""
    if isinstance(error, ValueError):  # a NUL in the name
        return _missing(path)
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
        return _missing(path)
    if error.errno == errno.ELOOP:
        return Unread(path, "it is a symbolic link that leads back to itself", way_out="remove the link, or exclude it")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Unread(path, "permission to read it is denied", way_out="grant read access, or exclude it")
    return Unread(path, f"the system cannot read it ({error.strerror or type(error).__name__})")


def _missing(path: str) -> Unread:
    return Unread(path, "there is no such file", kind="missing")


def _too_large(path: str, limit: int) -> Unread:
    return Unread(
        path, f"it is larger than the limit of {limit:,} bytes", way_out="raise the limit, or exclude it", kind="limit"
    )


def irregular(mode: int) -> str:
    """What something that is no regular file is."""
    for test, noun in (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a named pipe (FIFO)"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISLNK, "a symbolic link"),
    ):
        if test(mode):
            return f"it is {noun}, not a regular file"
    return "it is a device, not a regular file"
