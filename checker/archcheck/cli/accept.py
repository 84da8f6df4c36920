"""Accepted debt: what a check leaves out because the baseline has it, and how the baseline shrinks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from archcheck.cli import streams
from archcheck.cli.options import CheckArguments
from archcheck.config import ConfigError
from archcheck.engine import Request
from archcheck.report import Report
from archcheck.reports.files import Unwritable, replacing
from archcheck.reports.text import counted

if TYPE_CHECKING:
    from archcheck.baseline import Baseline, Weighed

NONE = "none"


def accept(arguments: CheckArguments, request: Request, report: Report) -> Report:
    """The report without what is accepted; outside CI a baseline loses here what is mended. Raises `ConfigError`."""
    file = file_of(arguments, request)
    if file is None:
        return report
    from archcheck import baseline

    known = read(file)
    weighed = baseline.weigh(
        report,
        known,
        profile=request.config.profile,
        exists=request.has,
        whole=not request.paths and not request.touching,
    )
    if weighed.left != known:
        told = _shrink(file, weighed)
        if not arguments.quiet:
            streams.say(told)
    return weighed.report


def _shrink(file: Path, weighed: Weighed) -> str:
    """Take what is mended out of the file, and follow what was renamed; what became of it as a sentence."""
    count = counted(len(weighed.mended), "accepted findings")
    if in_ci():
        them = "it" if len(weighed.mended) == 1 else "them"
        hint = f"; take {them} out with `archcheck baseline prune`" if weighed.mended else ""
        return f"Baseline: {count} mended{hint}."
    try:
        write(file, weighed.left)
    except Unwritable as error:
        return f"Baseline: {count} mended, and {error}."
    if not weighed.mended:
        return f"Baseline: {file.name} follows files that were renamed."
    return f"Baseline: {count} mended and taken out of {file.name}; {len(weighed.left.accepted):,} left."


def write(file: Path, baseline: Baseline) -> None:
    """Write a baseline. Raises `Unwritable`."""
    from archcheck.baseline import encode

    with replacing(str(file)) as out:
        out.write(encode(baseline))


def file_of(arguments: CheckArguments, request: Request) -> Path | None:
    """The baseline of a run; None where there is none. Raises `ConfigError` when one that is named is not there."""
    from archcheck.baseline import NAME

    if arguments.baseline == NONE:
        return None
    if arguments.baseline:
        file = Path(arguments.baseline)
    elif request.config.baseline:
        file = request.root / request.config.baseline
    else:
        file = request.root / NAME
        return file if file.is_file() else None
    if not file.is_file():
        raise ConfigError(
            str(file),
            0,
            "there is no such baseline; `archcheck baseline write` makes one, '--baseline none' goes without",
        )
    return file


def read(file: Path) -> Baseline:
    """Read a baseline. Raises `ConfigError` when it is none."""
    from archcheck import baseline

    try:
        return baseline.decode(file.read_bytes())
    except (OSError, baseline.BaselineError) as error:
        said = error.strerror or error if isinstance(error, OSError) else error
        raise ConfigError(str(file), 0, f"{said}; mend it, or write it anew with `archcheck baseline write`") from None


def in_ci() -> bool:
    """Whether this is a run of continuous integration, where nothing is accepted or written on the way."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")
