"""`archcheck baseline`: accept what is there, take out what is mended, or ask whether there is any of that."""

from __future__ import annotations

from pathlib import Path

from archcheck import baseline, engine
from archcheck.cli import streams
from archcheck.cli.accept import file_of, in_ci, read, write
from archcheck.cli.check import CLEAN, FINDINGS, INCOMPLETE, USAGE, request_of
from archcheck.cli.options import DEEDS, CheckArguments, Misused
from archcheck.config import ConfigError, nearest
from archcheck.reports.files import Unwritable
from archcheck.reports.text import counted


def debt(deed: str, arguments: CheckArguments) -> int:
    """Do one of the deeds. Raises `Misused` for another, and for writing in CI."""
    if deed not in DEEDS:
        raise Misused(f"'{deed}' is not one of {', '.join(DEEDS)}{nearest(deed, DEEDS)}")
    if deed != "check" and in_ci():
        raise Misused(f"nothing is accepted in CI: run `archcheck baseline {deed}` where it can be looked at")
    try:
        request = request_of(arguments)
        file, known = _known(deed, arguments, request)
        report = engine.run(request)
    except ConfigError as error:
        streams.complain(str(error))
        return USAGE
    if report.coverage.gaps:
        gap = report.coverage.gaps[0]
        streams.complain(f"{gap.path}: {gap.reason}")
        streams.complain(f"{counted(len(report.coverage.gaps), 'gaps')} in what was checked; nothing was written")
        return INCOMPLETE
    if deed == "write":
        return _write(file, known, baseline.baseline_of(report.verdicts, request.config.profile))
    assert known is not None
    weighed = baseline.weigh(report, known, profile=request.config.profile, exists=request.has, whole=True)
    return _check(weighed) if deed == "check" else _prune(file, known, weighed.left)


def _known(deed: str, arguments: CheckArguments, request: engine.Request) -> tuple[Path, baseline.Baseline | None]:
    """The file, and what is in it. Only writing does without. Raises `ConfigError`."""
    if deed == "write":
        asked = arguments.baseline or str(request.root / (request.config.baseline or baseline.NAME))
        file = Path(asked)
        return file, read(file) if file.is_file() else None
    found = file_of(arguments, request)
    if found is None:
        raise ConfigError("", 0, "this project has no baseline; `archcheck baseline write` makes one")
    return found, read(found)


def _write(file: Path, former: baseline.Baseline | None, made: baseline.Baseline) -> int:
    try:
        write(file, made)
    except Unwritable as error:
        streams.complain(f"{error}; name another file with --baseline")
        return USAGE
    print(f"{counted(len(made.accepted), 'findings')} accepted in {file.name}{_trend(former, made)}.")
    return CLEAN


def _prune(file: Path, known: baseline.Baseline, left: baseline.Baseline) -> int:
    if left == known:
        print(f"Nothing to take out: all {counted(len(known.accepted), 'accepted findings')} are still there.")
        return CLEAN
    return _write(file, known, left)


def _check(weighed: baseline.Weighed) -> int:
    for entry in weighed.mended:
        print(f"{entry.path}: {entry.rule}: {entry.subject}: mended, and still accepted")
    left = counted(len(weighed.left.accepted), "accepted findings")
    if weighed.mended:
        them = "it" if len(weighed.mended) == 1 else "them"
        print(f"{counted(len(weighed.mended), 'entries')} too many; `archcheck baseline prune` takes {them} out.")
        return FINDINGS
    print(f"{left} are still there, and no entry is too many.")
    return CLEAN


def _trend(former: baseline.Baseline | None, made: baseline.Baseline) -> str:
    if former is None:
        return ""
    more = len(made.accepted) - len(former.accepted)
    return f", {abs(more):,} {'more' if more > 0 else 'fewer'} than before" if more else ", as many as before"
