"""A revision is a project as git has kept it: its files are read from the repository, and nothing is checked out."""

from __future__ import annotations

import os
import posixpath
import stat
import subprocess
import weakref
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from archcheck.files import clean, escaped, irregular
from archcheck.git import GitError, ask, converse
from archcheck.source import Unread

_HEAD: Final = 1 << 16
_LINKS: Final = 40


class _Blob(Struct, frozen=True):
    """What git has of one file: its mode, the name of its content, and the size of that in bytes."""

    mode: int
    name: str
    size: int


class Revision:
    """The files of one commit below a folder of the repository, as ground to read on; see `files.Ground`.

    `root` is any folder of the repository, `prefix` the folder of the tree from which paths count, empty or ending in
    `/`: nothing outside of it is read, whatever links say. Contents are as they were committed; no filter runs.
    """

    def __init__(self, root: str, commit: str, prefix: str, limit: int) -> None:
        self.root = root
        self.commit = commit
        self.prefix = prefix
        self.limit = limit
        self._blobs: dict[str, _Blob] | None = None
        self._folders: dict[str, set[str]] = {}
        self._asked: tuple[int, subprocess.Popen[bytes]] | None = None

    def __reduce__(self) -> tuple[type[Revision], tuple[str, str, str, int]]:
        return Revision, (self.root, self.commit, self.prefix, self.limit)

    @property
    def paths(self) -> Iterable[str]:
        """The paths of its files and links, as git sorts them."""
        return self._known()

    def read(self, path: str) -> bytes:
        """The bytes of a file of at most the limit; raises `Unread` with the reason."""
        found = self._find(path)
        if found.size > self.limit:
            reason = f"it is larger than the limit of {self.limit:,} bytes"
            raise Unread(path, reason, way_out="raise the limit, or exclude it", kind="limit")
        return self._content(path, found)

    def head(self, path: str) -> bytes:
        """The first bytes of a file; nothing when it cannot be read."""
        try:
            return self._content(path, self._find(path))[:_HEAD]
        except Unread:
            return b""

    def has(self, path: str) -> bool:
        """Whether there is a file or a folder of that path."""
        try:
            return path in self._names() or self._find(path) is not None
        except Unread:
            return False

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder of that path."""
        return path in self._names()

    def names(self, folder: str) -> Iterable[str]:
        """The names in a folder, those of folders ending in `/`; nothing when there is no such folder."""
        return self._names().get(folder, ())

    def close(self) -> None:
        """Stop asking git; it is asked anew when more is read."""
        if self._asked is not None and self._asked[0] == os.getpid():
            _end(self._asked[1])
        self._asked = None

    def _known(self) -> dict[str, _Blob]:
        if self._blobs is None:
            try:
                listed = ask(self.root, "ls-tree", "-r", "-z", "-l", "--full-tree", f"{self.commit}:{self.prefix}")
            except GitError:  # the folder was not there then
                self._blobs = {}
            else:
                self._blobs = dict(map(_entry, listed.names))
        return self._blobs

    def _names(self) -> dict[str, set[str]]:
        if not self._folders:
            self._folders[""] = set()
            for name in self._known():
                path = name
                while path:
                    folder, _, last = path.rpartition("/")
                    self._folders.setdefault(folder, set()).add(last if path == name else f"{last}/")
                    path = folder
        return self._folders

    def _find(self, path: str) -> _Blob:
        """What a path leads to, links resolved."""
        blobs = self._known()
        where = path
        for _ in range(_LINKS):
            found = blobs.get(where)
            link = where if found is not None else _link_above(where, blobs)
            if found is not None and not stat.S_ISLNK(found.mode):
                return _regular(path, found)
            if not link:
                folder = where in self._names()
                raise (
                    Unread(path, "it is a folder") if folder else Unread(path, "there is no such file", kind="missing")
                )
            target = self._content(path, blobs[link]).decode("utf-8", "replace")
            inside = clean(posixpath.join(posixpath.dirname(link), target) + where[len(link) :])
            if inside is None:
                raise Unread(path, "it leads outside the project root", way_out="exclude it, or widen the root")
            where = inside
        raise Unread(path, "it is a symbolic link that leads back to itself", way_out="remove the link, or exclude it")

    def _content(self, path: str, blob: _Blob) -> bytes:
        try:
            talk = self._talk()
            assert talk.stdin is not None
            assert talk.stdout is not None
            talk.stdin.write(f"{blob.name}\n".encode())
            talk.stdin.flush()
            answer = talk.stdout.readline().split()
            if len(answer) != 3:
                raise Unread(path, "the repository lacks its content", way_out="fetch it")
            data = talk.stdout.read(int(answer[2]))
            talk.stdout.read(1)
        except (OSError, ValueError, GitError) as error:
            raise Unread(path, f"git cannot show it ({error})") from None
        return data

    def _talk(self) -> subprocess.Popen[bytes]:
        """The git that answers this process: two that share one would get each other's answers."""
        if self._asked is None or self._asked[0] != os.getpid():
            talk = converse(self.root, "cat-file", "--batch")
            weakref.finalize(self, _end, talk)
            self._asked = (os.getpid(), talk)
        return self._asked[1]


def _end(talk: subprocess.Popen[bytes]) -> None:
    for pipe in (talk.stdin, talk.stdout):
        if pipe is not None:
            pipe.close()
    talk.wait()


def _entry(line: str) -> tuple[str, _Blob]:
    """`100644 blob 5716ca59 42<TAB>path`; what is in a submodule has no size."""
    told, _, path = line.partition("\t")
    mode, _, name, size = told.split()
    return escaped(path), _Blob(int(mode, 8), name, int(size) if size.isdigit() else 0)


def _regular(path: str, blob: _Blob) -> _Blob:
    if not stat.S_ISREG(blob.mode):
        raise Unread(path, "it is a submodule" if blob.mode == 0o160000 else irregular(blob.mode))
    return blob


def _link_above(path: str, blobs: dict[str, _Blob]) -> str:
    """The folder above a path that is a link; empty when none is."""
    while path := path.rpartition("/")[0]:
        if path in blobs and stat.S_ISLNK(blobs[path].mode):
            return path
    return ""
