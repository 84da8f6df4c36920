"""`--watch`: check, and check again whenever a file of the project changes, until Ctrl-C.

Files are looked at twice a second, by their status alone; what the checks remember makes the next one short. Now and
then the project is listed anew, which finds files that are new.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from archcheck.baseline import NAME
from archcheck.cli import streams
from archcheck.cli.accept import in_ci
from archcheck.cli.options import CheckArguments, Misused
from archcheck.config import Config, ConfigError
from archcheck.configfile import FILE_NAMES, load
from archcheck.project import discover
from archcheck.registry import SURFACES, UNREAD_SUFFIXES
from archcheck.reports.text import counted, listed, visible
from archcheck.surface import Limits

Stamps: TypeAlias = Mapping[str, tuple[int, int]]

PAUSE: Final = 0.5
_LISTED_EVERY: Final = 4
_SETTLED: Final = 0.1
_PATIENCE: Final = 20
_NAMED: Final = 3


def watch(arguments: CheckArguments, root: Path, check: Callable[[CheckArguments], int]) -> int:
    """Check until Ctrl-C, the end that everybody means: then 0. Raises `Misused` for what cannot be watched."""
    _sensible(arguments)
    once = replace(arguments, watch=False)
    watched = _Watched(root, arguments.config, frozenset(os.path.realpath(each.file) for each in arguments.output))
    try:
        while True:
            seen = watched.listed()
            check(once)
            # The check itself takes what is mended out of the baseline: that is no change to wait for.
            seen = {**seen, **watched.stamped([NAME])}
            if not arguments.quiet:
                streams.say(f"Watching {counted(len(seen), 'files')}; Ctrl-C ends it.")
            changed = _await(watched, seen)
            if not arguments.quiet:
                streams.say(f"\n{time.strftime('%H:%M:%S')} {_told(changed)} {'-' * 40}")
    except KeyboardInterrupt:
        if not arguments.quiet:
            streams.say("\nNo longer watching.")
        return 0


def _sensible(arguments: CheckArguments) -> None:
    others = ("fix", "diff", "stdin_filename", "show_files", "show_config")
    for name in others:
        if getattr(arguments, name):
            raise Misused(f"--watch only looks and reports, again and again; leave out --{name.replace('_', '-')}")
    if in_ci():
        raise Misused("--watch ends with Ctrl-C, which nobody presses in CI; leave it out")


class _Watched(Struct, frozen=True):
    """The files of a project that a change is expected of; not the reports, which every check writes anew."""

    root: Path
    configuration: str
    reports: frozenset[str]

    def listed(self) -> Stamps:
        """What is there now, with modification time and size. What makes the listing fail is for the check to say."""
        try:
            config = load(self.root, path=Path(self.configuration) if self.configuration else None)
        except ConfigError:
            config = Config()
        suffixes = frozenset(suffix for each in SURFACES.values() for suffix in each.suffixes) | UNREAD_SUFFIXES.keys()
        try:
            listing = discover(
                self.root,
                (),
                suffixes=suffixes,
                include=config.include,
                exclude=config.exclude,
                force_exclude=False,
                limits=Limits(),
            )
            paths: Iterable[str] = listing.paths
        except ValueError:
            paths = ()
        named = [str(Path(self.configuration).resolve())] if self.configuration else []
        return self.stamped([*paths, *FILE_NAMES, *named])

    def stamped(self, paths: Iterable[str]) -> Stamps:
        """Those of the files that are there, as they are now."""
        found: dict[str, tuple[int, int]] = {}
        for path in paths:
            try:
                status = (self.root / path).stat()
            except OSError:
                continue
            if not self.reports or os.path.realpath(self.root / path) not in self.reports:
                found[path] = (status.st_mtime_ns, status.st_size)
        return found


def _await(watched: _Watched, seen: Stamps) -> list[str]:
    """Wait for a change, and until it is whole: an editor or a branch writes many files. Returns their names."""
    looks = 0
    while True:
        time.sleep(PAUSE)
        looks += 1
        now = watched.stamped(seen) if looks % _LISTED_EVERY else watched.listed()
        if now == seen:
            continue
        for _ in range(_PATIENCE):
            before = now
            time.sleep(_SETTLED)
            now = watched.listed()
            if now == before:
                break
        if changed := sorted(path for path, _ in {*now.items()} ^ {*seen.items()}):
            return list(dict.fromkeys(changed))


def _told(changed: list[str]) -> str:
    named = [visible(path) for path in changed[:_NAMED]]
    rest = [f"{len(changed) - _NAMED:,} more"] if len(changed) > _NAMED else []
    return f"{listed([*named, *rest])} changed"
