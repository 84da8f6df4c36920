"""`--fix` and `--diff`: have the findings mended in memory, then write the files, or show what would change in them."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from archcheck import engine
from archcheck.cli import streams
from archcheck.cli.options import CheckArguments, Misused
from archcheck.engine import Request
from archcheck.files import Disk, ProjectFiles, clean
from archcheck.fixing import Mended, Project, mend
from archcheck.report import Report
from archcheck.reports.files import Unwritable, rewrite
from archcheck.reports.text import visible
from archcheck.source import Source, Unread

_TOLD = 10


def sensible(arguments: CheckArguments) -> None:
    """Raises `Misused` for what cannot go with fixing."""
    if arguments.unsafe_fixes and not (arguments.fix or arguments.diff):
        raise Misused("--unsafe-fixes says which fixes; add --fix to write them, or --diff to see them")
    asked = "--diff" if arguments.diff else "--fix" if arguments.fix else ""
    for other in ("--show-files", "--show-config") if asked else ():
        if getattr(arguments, other[2:].replace("-", "_")):
            raise Misused(f"{asked} and {other} ask for two things; leave one of them out")
    if arguments.diff and (arguments.statistics or any(not target.file for target in arguments.output)):
        raise Misused("--diff goes to standard output; give the report a file, such as sarif:report.sarif")


def fixed(request: Request, arguments: CheckArguments) -> bool:
    """Mend what the arguments ask for, or show it; False, with a line on standard error, where writing failed."""
    disk = Disk(request.root, request.limits.file_size)
    mended = mend(_project(request, disk), unsafe=arguments.unsafe_fixes)
    done = True
    if arguments.diff:
        for path, data in sorted(mended.files.items()):
            _print(_difference(_source(disk, path) if path in mended.before else None, Source(path, data)))
        streams.flush()
    else:
        written = [_write(disk, path, data, mended.before.get(path)) for path, data in sorted(mended.files.items())]
        done = all(written)
    if not arguments.quiet:
        _tell(mended, arguments, done=done)
    return done


def _project(request: Request, disk: Disk) -> Project:
    # What is named is judged along with the root: a fix in one file may spoil another.
    whole = replace(request, paths=(request.root, *request.paths)) if request.paths else request

    def judge(asked: Request) -> Callable[[Mapping[str, bytes]], Report]:
        return lambda files: engine.run(replace(asked, instead=files))

    over_all = judge(whole)
    return Project(
        asked=over_all if whole is request else judge(request),
        whole=over_all,
        open=lambda path: _source(disk, path),
        locked=lambda path: _locked(disk, path),
        taken=lambda path: _taken(disk, path),
    )


def _source(disk: Disk, path: str) -> Source:
    return ProjectFiles(disk).open(path)


def _locked(disk: Disk, path: str) -> str:
    """Why a file is not to be written; nothing when it may be."""
    place = disk.place(path)
    try:
        if disk.find(path) != place or os.path.realpath(place) != place:
            return "it is reached through a symbolic link; fix the file that the link leads to"
        mode = os.lstat(place).st_mode
    except OSError:
        return "the file is no longer there"
    if not stat.S_ISREG(mode):
        return "it is no regular file"
    if not mode & 0o222 or not os.access(place, os.W_OK):
        return "the file is read-only"
    return ""


def _taken(disk: Disk, path: str) -> str:
    """Why a file is not to be made; nothing when it may be: in a folder of the project, or in a new one inside such."""
    place = Path(disk.place(path))
    if clean(path) != path or os.path.lexists(place):
        return "its new file would take the place of another"
    folder = next(each for each in place.parents if os.path.lexists(each))
    if os.path.realpath(folder) != str(folder):
        return "its new file would lie behind a symbolic link"
    return "" if folder.is_dir() and os.access(folder, os.W_OK) else "the folder of its new file is read-only"


def _make(disk: Disk, path: str, data: bytes) -> None:
    """Write a file that is not there. Raises `Unwritable`."""
    if reason := _taken(disk, path):
        raise Unwritable(path, reason)
    place = Path(disk.place(path))
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(data)
            os.link(beside, place)  # whole or not at all, and never over another file
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise Unwritable(path, error.strerror or "the system refused") from None


def _write(disk: Disk, path: str, data: bytes, before: bytes | None) -> bool:
    try:
        if before is None:
            _make(disk, path, data)
            return True
        if reason := _locked(disk, path):
            raise Unwritable(path, reason)
        if _source(disk, path).data != before:
            raise Unwritable(path, "it was changed while it was being fixed; run it again")
        rewrite(Path(disk.place(path)), data)
    except (Unwritable, Unread) as error:
        streams.complain(f"cannot fix {path}: {error.reason}")
        return False
    return True


def _print(lines: Iterator[str]) -> None:
    # Into a pipe or a file to the letter, so that it can be applied; on a terminal made harmless.
    shown = (lambda line: visible(line.rstrip("\r\n")) + "\n") if sys.stdout.isatty() else str
    sys.stdout.writelines(map(shown, lines))


def _difference(before: Source | None, after: Source) -> Iterator[str]:
    """A unified diff as `git apply` and `patch -p1` take it; a new file has nothing before."""
    from difflib import unified_diff

    old, new = (source.text.split("\n") if source else [] for source in (before, after))
    names = (f"a/{before.path}" if before else "/dev/null", f"b/{after.path}")
    for line in unified_diff(_lines(old), _lines(new), *names):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(parts: list[str]) -> list[str]:
    return [f"{part}\n" for part in parts[:-1]] + [part for part in parts[-1:] if part]


def _tell(mended: Mended, arguments: CheckArguments, *, done: bool) -> None:
    """How many were fixed, which were not and why, and how many another option would fix."""
    for dropped in mended.dropped[:_TOLD]:
        at = dropped.verdict.at
        streams.say(f"{at.path}:{at.line}: {dropped.verdict.rule} was not fixed: {dropped.reason}.")
    if len(mended.dropped) > _TOLD:
        streams.say(f"{len(mended.dropped) - _TOLD:,} more were not fixed.")
    if not done:
        return
    verb = "Would fix" if arguments.diff else "Fixed"
    files = f" in {_count(len(mended.files), 'file')}" if mended.files else ""
    said = f"{verb} {_count(len(mended.fixed), 'finding')}{files}"
    more = len(mended.unsafe)
    streams.say(f"{said}; {more:,} more could be fixed with --unsafe-fixes." if more else f"{said}.")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else f"no {noun}s"
