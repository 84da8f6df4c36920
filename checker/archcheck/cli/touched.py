"""Which files a run is about when it is about a change: those that are named, that git names, or one in an editor."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from archcheck.cli.options import CheckArguments, Misused
from archcheck.config import ConfigError
from archcheck.git import GitError, changed_since


def touched(
    arguments: CheckArguments, root: Path, paths: tuple[Path, ...]
) -> tuple[tuple[Path, ...], dict[str, bytes]]:
    """The files, and what some of them are taken to hold. Raises `Misused`, and `ConfigError` from git."""
    ways = [name for name in ("changed_only", "since", "stdin_filename") if getattr(arguments, name)]
    if len(ways) > 1:
        first, second = (f"--{name.replace('_', '-')}" for name in ways[:2])
        raise Misused(f"{first} and {second} each say which files a run is about; use one of them")
    if arguments.stdin_filename:
        return _from_editor(arguments, root)
    if arguments.since:
        return _since(arguments.since, root, paths), {}
    if not paths:
        raise Misused("--changed-only: it needs the files that have changed as PATHS; --since asks git for them")
    return paths, {}


def _since(revision: str, root: Path, paths: Sequence[Path]) -> tuple[Path, ...]:
    try:
        names = changed_since(str(root), revision)
    except GitError as error:
        raise ConfigError("", 0, f"--since: {error}") from None
    return within(paths, (root / name for name in names))


def within(asked: Sequence[Path], paths: Iterable[Path]) -> tuple[Path, ...]:
    """Those of the paths that a run limited to some files and folders is about; all, where it is not limited."""
    if not asked:
        return tuple(paths)
    folders = [Path(os.path.realpath(path)) for path in asked]
    return tuple(path for path in paths if any(path == each or each in path.parents for each in folders))


def _from_editor(arguments: CheckArguments, root: Path) -> tuple[tuple[Path, ...], dict[str, bytes]]:
    if arguments.paths or arguments.fix or arguments.diff:
        raise Misused("--stdin-filename checks the one file; leave out PATHS, --fix and --diff")
    path = Path(os.path.realpath(arguments.stdin_filename))
    if not path.is_relative_to(os.path.realpath(root)):
        raise Misused(f"--stdin-filename: '{arguments.stdin_filename}' lies outside the project root")
    return (path,), {path.relative_to(os.path.realpath(root)).as_posix(): sys.stdin.buffer.read()}
