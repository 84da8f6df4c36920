"""The project is a root and the files under it that may be read."""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from archcheck.files import Disk, clean, escaped, irregular, unread
from archcheck.source import Unread
from archcheck.surface import Gap, Limits
from archcheck.walk import SKIPPED, Patterns, listed_by_git, walk

_CONFIGURATIONS: Final = (".archcheck.toml", "archcheck.toml")
_TABLE: Final = re.compile(
    rb"""^[ \t]*\[+[ \t]*["']?tool["']?[ \t]*\.[ \t]*["']?archcheck["']?[ \t]*[.\]]""", re.MULTILINE
)
_EXCLUDE: Final = "exclude it, or widen the root"


class Listing(Struct, frozen=True):
    """The files of a project.

    `paths` are all candidates under the root, relative to it with `/`, sorted; `asked` those that PATHS name, directly
    or through a folder (all when there are no PATHS); `named` those named one by one. `stats` holds mtime in
    nanoseconds and size of each. `gaps` is what was asked for and cannot be had, `passed_over` counts by reason
    what was left out on purpose.
    """

    paths: tuple[str, ...]
    asked: tuple[str, ...]
    named: frozenset[str]
    gaps: tuple[Gap, ...]
    passed_over: Mapping[str, int]
    stats: Mapping[str, tuple[int, int]]


def find_root(start: Path, *, override: Path | None = None) -> Path:
    """The project's root, resolved.

    The nearest folder from `start` upwards with an archcheck configuration, else the git top level, else `start`.
    """
    if override is not None:
        return override.resolve()
    start = start.resolve()
    above = [start, *start.parents]
    for folder in above:
        if any((folder / name).is_file() for name in _CONFIGURATIONS) or _configures(folder):
            return folder
    return next((folder for folder in above if (folder / ".git").exists()), start)


def discover(
    root: Path,
    paths: Sequence[Path],
    *,
    suffixes: frozenset[str],
    include: Sequence[str],
    exclude: Sequence[str],
    force_exclude: bool,
    limits: Limits,
) -> Listing:
    """List the files with one of the suffixes, and what PATHS (relative to the working directory) ask of them.

    `include` and `exclude` are patterns as in a .gitignore. What is named in PATHS is taken although it is excluded or
    ignored, unless `force_exclude`. Raises `ValueError` for a pattern that is none.
    """
    search = _Search(
        Disk(root, limits.file_size),
        tuple(suffix.lower() for suffix in suffixes),
        Patterns(include) if include else None,
        Patterns(exclude) if exclude else None,
    )
    search.look()
    asked, named = _Question(search, force_exclude).ask(paths) if paths else (None, set[str]())
    everything = tuple(sorted(search.stats))
    return Listing(
        paths=everything,
        asked=everything if asked is None else tuple(sorted(asked)),
        named=frozenset(named),
        gaps=tuple(sorted(search.gaps, key=lambda gap: (gap.path, gap.reason))),
        passed_over=dict(sorted(search.passed_over.items())),
        stats=search.stats,
    )


def _configures(folder: Path) -> bool:
    """Whether a pyproject.toml there has our table, told by its text alone."""
    try:
        return _TABLE.search(Disk(folder, 1_000_000).read("pyproject.toml")) is not None
    except Unread:
        return False


def _gap(path: str, error: OSError | ValueError) -> Gap:
    told = unread(escaped(path), error)
    return Gap(told.path, 0, told.kind, told.reason, told.way_out)


class _Search(Struct):
    """What was found under the root so far."""

    disk: Disk
    suffixes: tuple[str, ...]
    include: Patterns | None
    exclude: Patterns | None
    stats: dict[str, tuple[int, int]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)

    def look(self) -> None:
        """List the whole root: as git sees it, else by walking."""
        listed = listed_by_git(self.disk.root, self.gaps)
        if listed is None:
            listed = list(walk(self.disk, "", self.suffixes, self.gaps))
        ours = [path for path in listed if path.lower().endswith(self.suffixes)]
        self._pass_over("another git repository inside", sum(path.endswith("/") for path in listed))
        self.take_all(path for path in ours if self._wanted(path))

    def take_all(self, paths: Iterable[str]) -> None:
        """Take files; links last, when it is known which files are there themselves."""
        links = [path for path in paths if not self._take(path)]
        for path in sorted(links):
            self._follow(path)

    def _wanted(self, path: str) -> bool:
        if not SKIPPED.isdisjoint(path.split("/")[:-1]):
            self._pass_over("in a folder of tools or dependencies")
        elif (self.include and not self.include.match(path)) or (self.exclude and self.exclude.match(path)):
            self._pass_over("excluded by the configuration")
        else:
            return True
        return False

    def _take(self, path: str) -> bool:
        """Note a file with its status, or why it is not taken; False for a link."""
        if escaped(path) != path:
            self.gaps.append(Gap(escaped(path), 0, "unreadable", "its name is not valid UTF-8", "rename it"))
            return True
        folder = path.rpartition("/")[0]
        try:
            if clean(path) != path or self.disk.folder(folder) != self.disk.place(folder):
                self._pass_over("behind a symbolic link")
                return True
            found = os.lstat(self.disk.place(path))
        except (FileNotFoundError, NotADirectoryError):
            self._pass_over("deleted, and still tracked by git")
            return True
        except OSError as error:
            self.gaps.append(_gap(path, error))
            return True
        if stat.S_ISREG(found.st_mode):
            self.stats[path] = (found.st_mtime_ns, found.st_size)
        elif not stat.S_ISLNK(found.st_mode) and not stat.S_ISDIR(found.st_mode):
            self.gaps.append(Gap(path, 0, "unreadable", irregular(found.st_mode)))
        return not stat.S_ISLNK(found.st_mode)

    def _follow(self, path: str) -> None:
        """Take a link for its target, unless that is taken already."""
        try:
            target = self.disk.find(path)
            if target is None:
                self.gaps.append(
                    Gap(path, 0, "unreadable", "it is a link that leads outside the project root", _EXCLUDE)
                )
                return
            found = os.lstat(target)
        except FileNotFoundError:
            self._pass_over("broken symbolic link")
            return
        except OSError as error:
            self.gaps.append(_gap(path, error))
            return
        inside = self.disk.name(target) or ""
        if stat.S_ISDIR(found.st_mode):
            self._pass_over("symbolic link to a folder")
        elif not stat.S_ISREG(found.st_mode):
            self.gaps.append(Gap(path, 0, "unreadable", irregular(found.st_mode)))
        elif inside in self.stats or inside in self.links:
            self._pass_over("symbolic link to a file that is listed")
        else:
            self.links[inside] = path
            self.stats[path] = (found.st_mtime_ns, found.st_size)

    def _pass_over(self, reason: str, count: int = 1) -> None:
        if count:
            self.passed_over[reason] += count


class _Question:
    """PATHS, answered with the files they stand for."""

    def __init__(self, search: _Search, force_exclude: bool) -> None:
        self._search = search
        self._force_exclude = force_exclude
        self._listed = sorted(search.stats)
        self._folders: set[str] = set()
        self._asked: set[str] = set()
        self._named: set[str] = set()
        self._gaps: list[Gap] = []

    def ask(self, paths: Sequence[Path]) -> tuple[set[str], set[str]]:
        """The files asked for, and those named one by one. Gaps that nobody asked about are dropped."""
        for path in paths:
            self._resolve(path)
        self._search.gaps = self._gaps + [gap for gap in self._search.gaps if self._concerns(gap.path)]
        return self._asked, self._named

    def _resolve(self, path: Path) -> None:
        disk = self._search.disk
        typed = escaped(path.as_posix())
        try:
            real = os.path.realpath(path, strict=True)
            mode = os.lstat(real).st_mode
        except (OSError, ValueError) as error:
            self._gaps.append(_gap(self._shown(path, typed), error))
            return
        inside = disk.name(real)
        if inside is None:
            self._gaps.append(
                Gap(typed, 0, "unreadable", "it lies outside the project root", "set --root, or leave it")
            )
        elif stat.S_ISDIR(mode):
            self._folder(inside)
        elif not stat.S_ISREG(mode):
            self._gaps.append(Gap(self._shown(path, typed), 0, "unreadable", irregular(mode)))
        else:
            self._file(self._search.links.get(inside, inside))

    def _file(self, path: str) -> None:
        search = self._search
        if not path.lower().endswith(search.suffixes):
            search.passed_over["named, and of a kind that is not checked"] += 1
            return
        self._named.add(path)
        if path not in search.stats:
            if self._force_exclude:
                self._named.discard(path)
                search.passed_over["named, and excluded or ignored"] += 1
                return
            search.take_all((path, *self._company(path)))
        if path in search.stats:
            self._asked.add(path)

    def _company(self, path: str) -> Iterator[str]:
        """The files that are read with one that is excluded and asked for all the same: those of its kind beside it.

        A history with a folder for each migration has them in the folders beside its own, under the same name.
        """
        disk = self._search.disk
        folder, _, name = path.rpartition("/")
        suffix = name[name.rfind(".") :]
        near = [f"{folder}/{other}" if folder else other for other in disk.names(folder) if other.endswith(suffix)]
        if folder:
            parent = folder.rpartition("/")[0]
            folders = [other for other in disk.names(parent) if other.endswith("/")]
            near += [f"{parent}/{other}{name}" if parent else f"{other}{name}" for other in folders]
        yield from (other for other in near if other != path and other not in self._search.stats and disk.has(other))

    def _folder(self, folder: str) -> None:
        self._folders.add(folder)
        prefix = f"{folder}/" if folder else ""
        first = bisect_left(self._listed, prefix)
        found = list(takewhile(lambda path: path.startswith(prefix), self._listed[first:]))
        if not found and not self._force_exclude:
            # It is excluded or ignored as a whole, and asked for all the same.
            search = self._search
            search.take_all(walk(search.disk, folder, search.suffixes, search.gaps))
            found = [path for path in search.stats if path.startswith(prefix)]
        self._asked.update(found)

    def _concerns(self, path: str) -> bool:
        if path in self._named or "" in self._folders:
            return True
        return any(path == folder or path.startswith(f"{folder}/") for folder in self._folders)

    def _shown(self, path: Path, typed: str) -> str:
        """A path that cannot be resolved, relative to the root where that can be said, else as it was typed."""
        try:
            above = os.path.realpath(path.parent)
        except (OSError, ValueError):
            return typed
        inside = self._search.disk.name(os.path.join(above, path.name))  # noqa: PTH118 - plain text, as all paths here
        return escaped(inside) if inside else typed
