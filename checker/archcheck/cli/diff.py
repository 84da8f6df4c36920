"""`archcheck diff`: two releases of an API side by side, and what breaks those who use it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from archcheck import packs
from archcheck.cli import streams
from archcheck.cli.check import USAGE, config_of, deliver, exit_code, limits_of, root_of, targets_of
from archcheck.cli.options import CheckArguments, Misused
from archcheck.config import Config, ConfigError
from archcheck.diffing import Bar, compare_pairs, pairs_of, report_of
from archcheck.engine import Bench
from archcheck.sides import NoSide, Side, side_of


def diff(base: str, revision: str, arguments: CheckArguments) -> int:
    """Compare two files or folders, and return the exit code.

    Raises `Misused` for what cannot be compared.
    """
    targets = targets_of(arguments)
    root = root_of(arguments.root)
    try:
        config = config_of(arguments, root)
        bench = Bench.of(packs.load(packs.Compiled()), config)
        if not bench.changes:
            raise ConfigError("", 0, "no rule on changes is chosen; `archcheck rules --select contract.compatibility`")
        sides = [_side(named, root, config, arguments) for named in (base, revision)]
    except ConfigError as error:
        streams.complain(str(error))
        return USAGE
    if sides[0].alone != sides[1].alone:
        raise Misused(f"'{base}' and '{revision}' are a file and a folder; name two files, or two folders")
    roots, gaps = zip(*(side.roots() for side in sides), strict=True)
    for named, side, found, unread in zip((base, revision), sides, roots, gaps, strict=True):
        if not (side.alone or found or unread):
            raise Misused(f"there is no OpenAPI document in '{named}'")
    bar = Bar(
        index=bench.index,
        config=bench.config,
        entries=bench.changes,
        base=sides[0],
        revision=sides[1],
        today=datetime.now(UTC).date(),
        limits=limits_of(arguments),
    )
    pairs = pairs_of(roots[0], roots[1], (sides[0].folder, sides[1].folder))
    compared = compare_pairs(bar, pairs if not bar.base.alone or all(roots) else ())
    compared.gaps += [gap for unread in gaps for gap in unread]
    report = report_of(bar, compared)
    code = exit_code(report, config.fail_on, allow_empty=True)
    report = replace(report, exit_code=code, category=arguments.sarif_category)
    for note in compared.notes if not arguments.quiet else ():
        streams.complain(note)
    return code if deliver(report, targets, arguments) else USAGE


def _side(named: str, root: Path, config: Config, arguments: CheckArguments) -> Side:
    try:
        return side_of(named, root, config, limits_of(arguments))
    except NoSide as error:
        raise Misused(str(error)) from None
