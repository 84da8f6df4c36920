"""A side of a comparison: the documents of one release, on the disk or in a revision of git, under names of their own.

Two releases may stand at the same path. What tells them apart is a label that is put before the paths of a side, as
`main:` in `main:api/openapi.yaml`; within a side paths stay as they are, so references lead where they always did.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from archcheck.config import Config
from archcheck.files import Disk, RecordedFiles, clean
from archcheck.git import GitError, commit_of, in_repository, prefix_of
from archcheck.judge import gap_of
from archcheck.project import discover
from archcheck.revisions import Revision
from archcheck.source import Location, Source, Unread
from archcheck.surface import Gap, Limits
from archcheck.surfaces.openapi.sniff import UNREADABLE, sniff
from archcheck.surfaces.openapi.surface import OpenApi
from archcheck.walk import Patterns

_KINDS: Final = {
    "empty": ("it is empty", ""),
    "binary": ("it is a binary file", "save it as UTF-8"),
    "": ("it is no OpenAPI document: neither `openapi` nor `swagger` is declared at its top", "name its root file"),
}


class NoSide(Exception):
    """What was named is nothing that can be compared; the message says what to name instead."""


class Side(Struct, frozen=True):
    """Where the documents of one release are: the ground they stand on, the label, and the paths that were named.

    `folder` is the folder that was named, ending in `/`, empty for the whole ground; `alone` tells that a single file
    was named.
    """

    ground: Disk | Revision
    label: str
    paths: tuple[str, ...]
    folder: str = ""
    alone: bool = False

    def files(self) -> RecordedFiles:
        """A new door to its files."""
        return RecordedFiles(self.ground)

    def close(self) -> None:
        """Let go of what its ground holds; it may be read again."""
        if isinstance(self.ground, Revision):
            self.ground.close()

    def named(self, at: Location) -> Location:
        """A place as reports name it."""
        return replace(at, path=self.label + at.path)

    def gap(self, gap: Gap) -> Gap:
        """A gap as reports name it."""
        return replace(gap, path=self.label + gap.path)

    def open(self, path: str) -> Source:
        """The source that reports name so, its label included. Raises `Unread`."""
        return self.files().open(path.removeprefix(self.label))

    def roots(self) -> tuple[list[str], list[Gap]]:
        """The documents among its paths, and what of them cannot be read. A single file is one, or a gap."""
        found: list[str] = []
        gaps: list[Gap] = []
        files = self.files()
        for path in self.paths:
            try:
                mark = sniff(files.open(path).data)
            except Unread as unread:
                if self.alone or (unread.kind == "limit" and sniff(files.head(path).data)):
                    gaps.append(self.gap(gap_of(unread)))
                continue
            if mark and mark not in UNREADABLE:
                found.append(path)
            elif self.alone:
                reason, way_out = _KINDS[mark]
                gaps.append(Gap(self.label + path, 0, "unparsable", reason, way_out))
        self.close()
        return found, gaps


def side_of(named: str, root: Path, config: Config, limits: Limits) -> Side:
    """The side that a word of the command line names: a file, a folder, or either as `REV:path`. Raises `NoSide`."""
    if Path(named).exists():
        return _on_disk(named, root, config, limits)
    revision, path = _halves(named)
    if not revision:
        raise NoSide(f"there is no file or folder '{named}'; of a revision of git, write 'main:{named}'")
    return _in_git(revision, path, root, config, limits)


def _on_disk(named: str, root: Path, config: Config, limits: Limits) -> Side:
    # Not resolved: a link is known under the name it was given by.
    path = Path(os.path.abspath(named))  # noqa: PTH100
    label = ""
    if not path.is_relative_to(root):
        path = path.resolve()
    if not path.is_relative_to(root):
        # What lies outside of the project is a project of its own, and nothing above it is read.
        root = path if path.is_dir() else path.parent
        label = f"{root.as_posix().rstrip('/')}/"
    inside = path.relative_to(root).as_posix()
    ground = Disk(root, limits.file_size)
    if not path.is_dir():
        return Side(ground, label, (inside,), alone=True)
    try:
        listing = discover(
            root,
            (path,),
            suffixes=frozenset(OpenApi.suffixes),
            include=config.include,
            exclude=config.exclude,
            force_exclude=False,
            limits=limits,
        )
    except ValueError as error:  # a pattern that cannot be used
        raise config.error(("exclude",), str(error)) from None
    return Side(ground, label, listing.asked, "" if inside == "." else f"{inside}/")


def _in_git(revision: str, path: str, root: Path, config: Config, limits: Limits) -> Side:
    here = str(Path.cwd() if Path.cwd().is_relative_to(root) else root)
    if not in_repository(here):
        raise NoSide(f"there is no file or folder '{revision}:{path}', and this is no git repository")
    try:
        commit = commit_of(here, revision)
        prefix = prefix_of(here)
    except GitError as error:
        raise NoSide(str(error)) from None
    inside = clean(f"{prefix}{path}" if path.startswith(("./", "../")) or path in (".", "..") else path)
    ground = Revision(here, commit, "", limits.file_size)
    label = f"{revision}:"
    if inside is None:
        raise NoSide(f"'{revision}:{path}' lies outside the repository")
    if ground.is_folder(inside):
        folder = f"{inside}/" if inside else ""
        return Side(ground, label, tuple(_documents(ground.paths, folder, config)), folder)
    if not ground.has(inside):
        near = clean(prefix + path)
        hint = (
            f"; did you mean '{revision}:./{path}'?" if near and ground.has(near) else "; name another revision or path"
        )
        raise NoSide(f"'{path}' is not there at the revision '{revision}'{hint}")
    return Side(ground, label, (inside,), alone=True)


def _documents(paths: Iterable[str], folder: str, config: Config) -> Sequence[str]:
    left_out = Patterns(config.exclude) if config.exclude else None
    if left_out and left_out.match(f"{folder}_"):  # what is named is taken although it is excluded
        left_out = None
    return sorted(
        path
        for path in paths
        if path.startswith(folder)
        and path.lower().endswith(OpenApi.suffixes)
        and not (left_out and left_out.match(path))
    )


def _halves(named: str) -> tuple[str, str]:
    """`HEAD@{2026-11-01 10:00}:api.yaml` in two: a colon within braces belongs to the revision."""
    depth = 0
    for at, sign in enumerate(named):
        depth += (sign == "{") - (sign == "}")
        if sign == ":" and depth <= 0:
            return named[:at], named[at + 1 :]
    return "", named
