"""A report file is there whole or not at all: it is written beside its place and moved into it."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO


class Unwritable(Exception):
    """A report could not be written. Carries the path as the user gave it and the reason without a full stop."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"cannot write {path}: {reason}")
        self.path = path
        self.reason = reason


@contextlib.contextmanager
def replacing(path: str) -> Iterator[TextIO]:
    """Open `path` for a report in UTF-8 with `\\n` line ends; it is replaced when the block ends without an exception.

    An existing file keeps its mode, a link its target. A pipe or a device cannot be replaced and is written directly.
    Raises `Unwritable` for whatever the system refuses, in the block too; after any exception the former file is
    still there as it was.
    """
    try:
        with _opened(path) as out:
            yield out
    except OSError as error:
        raise _unwritable(path, error) from None


def rewrite(path: Path, data: bytes) -> None:
    """Put other bytes in the place of a regular file, which keeps its mode. Raises `Unwritable`."""
    try:
        with _beside(path, stat.S_IMODE(path.lstat().st_mode)) as out:
            out.flush()
            out.buffer.write(data)
    except OSError as error:
        raise _unwritable(str(path), error) from None


@contextlib.contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    target = Path(os.path.realpath(path))
    mode = target.stat().st_mode if target.exists() else 0
    if stat.S_ISDIR(mode):
        raise Unwritable(path, "it is a folder")
    if mode and not os.access(target, os.W_OK):
        raise Unwritable(path, "permission is denied")
    if mode and not stat.S_ISREG(mode):
        with Path(path).open("w", encoding="utf-8", newline="\n") as out:
            yield out
    else:
        with _beside(target, stat.S_IMODE(mode)) as out:
            yield out


@contextlib.contextmanager
def _beside(target: Path, mode: int) -> Iterator[TextIO]:
    temporary, descriptor = _temporary(target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        if mode:
            temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _temporary(folder: Path) -> tuple[Path, int]:
    """A new file in the folder, with the mode any new file of this user gets, which a stock temporary file has not."""
    for number in itertools.count():
        candidate = folder / f".archcheck-{os.getpid()}-{number}.tmp"
        with contextlib.suppress(FileExistsError):
            return candidate, os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    raise AssertionError("numbers do not end")


def _unwritable(path: str, error: OSError) -> Unwritable:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Unwritable(path, "its folder does not exist")
    if isinstance(error, PermissionError):
        return Unwritable(path, "permission is denied")
    reason = error.strerror or "the system refused"
    return Unwritable(path, reason[:1].lower() + reason[1:])
