"""Listing a folder: as git sees it, or by walking it with the ignore rules in hand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Final

from archcheck.files import Disk, escaped
from archcheck.git import GitError, ask, in_repository
from archcheck.source import Unread
from archcheck.surface import Gap

# Folders of tools and dependencies: what lies there is nobody's own code, whether it is ignored or not.
SKIPPED: Final = frozenset(
    ".git .hg .svn .venv venv node_modules __pycache__ .tox .nox site-packages .eggs .mypy_cache .pytest_cache"
    " .ruff_cache .hypothesis .terraform bower_components".split()
)

_LIST: Final = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
_UNOPENED: Final = re.compile(r"^warning: could not open directory '(.*?)/?': ", re.MULTILINE)

# Each star is a loop over the rest of the name: more of them in one pattern could take hours on one hostile name.
_STARS: Final = 3
_IGNORE_FILE_SIZE: Final = 1_000_000


class Patterns:
    """Patterns as in a .gitignore. Raises `ValueError` for one that is none, or has too many stars."""

    def __init__(self, lines: Iterable[str]) -> None:
        from pathspec import GitIgnoreSpec

        kept = list(lines)
        for line in kept:
            if _starry(line):
                raise ValueError(f"the pattern '{line}' has more than {_STARS} stars in one part")
        self._spec = GitIgnoreSpec.from_lines(kept)

    def match(self, path: str) -> bool:
        """Whether a path is meant."""
        return bool(self._spec.check_file(path).include)

    def verdict(self, path: str) -> bool | None:
        """Whether a path is meant, or exempted by a `!`, or neither."""
        return self._spec.check_file(path).include


def listed_by_git(root: str, gaps: list[Gap]) -> list[str] | None:
    """The paths that git tracks, or sees and does not ignore, below a folder; None when git has nothing to say.

    A path ending in `/` is another repository inside.
    """
    if not in_repository(root):
        return None
    try:
        answer = ask(root, *_LIST)
    except GitError:
        return None
    gaps += map(_closed, _UNOPENED.findall(answer.warnings))
    # A root that the repository around it ignores has nothing listed, and is still the project that was asked for.
    return list(dict.fromkeys(answer.names)) or None


def walk(disk: Disk, start: str, suffixes: tuple[str, ...], gaps: list[Gap]) -> Iterator[str]:
    """The paths with one of the suffixes below a folder of the root, without what its .gitignore files ignore."""
    pending: list[tuple[str, tuple[tuple[int, Patterns], ...]]] = [(start, ())]
    while pending:
        folder, rules = pending.pop()
        prefix = f"{folder}/" if folder else ""
        try:
            with os.scandir(f"{disk.root}/{folder}") as found:
                entries = list(found)
        except OSError:
            gaps.append(_closed(escaped(folder) or "."))
            continue
        if any(entry.name == ".gitignore" for entry in entries):
            rules = ((len(prefix), _ignore_file(disk, f"{prefix}.gitignore")), *rules)
        for entry in entries:
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED and not _ignored(f"{path}/", rules):
                    pending.append((path, rules))
            elif path.lower().endswith(suffixes) and not _ignored(path, rules):
                yield path


def _ignored(path: str, rules: tuple[tuple[int, Patterns], ...]) -> bool:
    """The nearest .gitignore with an opinion decides; each sees paths relative to its own folder."""
    for start, patterns in rules:
        verdict = patterns.verdict(path[start:])
        if verdict is not None:
            return verdict
    return False


def _ignore_file(disk: Disk, path: str) -> Patterns:
    """The patterns of an ignore file; those that are malformed ignore nothing, as with git."""
    try:
        lines = disk.read(path)[:_IGNORE_FILE_SIZE].decode("utf-8", "replace").splitlines()
    except Unread:
        lines = []
    try:
        return Patterns(line for line in lines if not _starry(line))
    except ValueError:
        return Patterns(line for line in lines if _wellformed(line))


def _wellformed(line: str) -> bool:
    try:
        Patterns((line,))
    except ValueError:
        return False
    return True


def _starry(pattern: str) -> bool:
    parts = pattern.split("/")
    return parts.count("**") > _STARS or any(part.count("*") > _STARS for part in parts)


def _closed(folder: str) -> Gap:
    return Gap(folder, 0, "unreadable", "the folder cannot be opened", "grant read access, or exclude it")
