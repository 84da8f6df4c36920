"""Files beside a migration that it reads and sends: their paths as Python puts them together, and their text."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable
from typing import Final, TypeAlias

from archcheck.source import Unread
from archcheck.surface import Files
from archcheck.surfaces.sql.pynodes import Bound, Holder, Returning, constant, sequence
from archcheck.surfaces.sql.pyvalues import followed, value

_SAME: Final = frozenset({"resolve", "absolute", "abspath", "realpath", "normpath", "expanduser", "fspath", "Path"})
# Asks for the text of a file of the project, None when there is none.
Reading: TypeAlias = Callable[[str], str | None]


class Path(Holder):
    """A path of the project; the root is `/`."""

    def __init__(self, path: str, reading: Reading) -> None:
        self.path = path
        self.reading = reading

    def held(self, name: str, made: Bound | None, depth: int) -> Bound | None:
        if name == "parent":
            return _bound(Path(posixpath.dirname(self.path), self.reading))
        if name == "parents":
            above = [posixpath.dirname(self.path)]
            while above[-1] not in ("", "/"):
                above.append(posixpath.dirname(above[-1]))
            return _listed([Path(path, self.reading) for path in above])
        if name in ("joinpath", "/"):
            return _bound(_Doing(lambda given: _joined(self.path, given), self.reading))
        if name in _SAME:
            return _bound(_Doing(lambda given: self.path, self.reading))
        if name in ("read_text", "open"):
            return _bound(Opening(self.reading, self.path, name == "read_text"))
        return None


class _Doing(Returning):
    """A function that makes a path of texts; of what is computed it makes nothing."""

    def __init__(self, make: Callable[[list[str]], str | None], reading: Reading) -> None:
        self.make = make
        self.reading = reading

    def returned(self, call: Bound, depth: int) -> Bound | None:
        given = _given(call, depth)
        path = self.make(given) if given is not None else None
        return _bound(Path(path, self.reading)) if path is not None else None


class Opening(Returning):
    """`open`, and what a path has of it: gives the file, or its text at once."""

    def __init__(self, reading: Reading, path: str = "", whole: bool = False) -> None:
        self.reading = reading
        self.path = path
        self.whole = whole

    def returned(self, call: Bound, depth: int) -> Bound | None:
        given = _given(call, depth, 1)
        path = self.path or (given[0] if given else "")
        text = self.reading(path) if path else None
        if text is None:
            return None
        return Bound(constant(text), {}) if self.whole else _bound(_File(text))


class _File(Holder):
    """A file that is open."""

    def __init__(self, text: str) -> None:
        self.text = text

    def held(self, name: str, made: Bound | None, depth: int) -> Bound | None:
        return _bound(_Text(self.text)) if name == "read" else None


class _Text(Returning):
    def __init__(self, text: str) -> None:
        self.text = text

    def returned(self, call: Bound, depth: int) -> Bound | None:
        return Bound(constant(self.text), {})


def reading(files: Files, note: Callable[[str], None]) -> Reading:
    """Reads files of the project; `note` is told each path that is asked for."""

    def read(path: str) -> str | None:
        inside = posixpath.normpath(path).lstrip("/")
        note(inside)
        try:
            return files.open(inside).text if files.exists(inside) else None
        except Unread:
            return None

    return read


def paths(name: str, read: Reading) -> Bound | None:
    """What an imported name of the standard library does to paths: `pathlib.Path`, `os.path.join` and its like."""
    last = name.rpartition(".")[2]
    if name in ("pathlib.Path", "pathlib.PurePath"):
        return _bound(_Doing(lambda given: _joined("", given), read))
    if not name.startswith("os.path."):
        return None
    if last == "join":
        return _bound(_Doing(lambda given: _joined("", given), read))
    if last == "dirname":
        return _bound(_Doing(lambda given: posixpath.dirname(given[0]) if given else None, read))
    return _bound(_Doing(lambda given: given[0] if given else None, read)) if last in _SAME else None


def _given(call: Bound, depth: int, most: int = 20) -> list[str] | None:
    """The arguments of a call as texts, None when one of them is computed."""
    node, scope = call
    found = []
    for item in node.args[:most] if isinstance(node, ast.Call) else ():
        known = path_text(Bound(item, scope), depth)
        if known is None:
            return None
        found.append(known)
    return found


def path_text(bound: Bound, depth: int) -> str | None:
    """A path, written as a text or made of others."""
    node = followed(bound, depth - 1).node
    known = node.path if isinstance(node, Path) else value(bound, depth - 1)
    return known if isinstance(known, str) else None


def _joined(start: str, parts: list[str]) -> str:
    return posixpath.normpath(posixpath.join(start, *parts)) if start or parts else ""


def _bound(node: ast.expr) -> Bound:
    return Bound(node, {})


def _listed(items: list[Path]) -> Bound:
    return sequence([_bound(item) for item in items])
