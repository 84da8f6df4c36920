"""`archcheck check`: settle what is asked, let the engine run, write the reports, and answer with an exit code."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from archcheck import reports
from archcheck.cli import streams
from archcheck.cli.accept import accept
from archcheck.cli.options import CheckArguments, Misused, Output
from archcheck.config import Config, ConfigError
from archcheck.configfile import load
from archcheck.finding import SEVERITIES
from archcheck.report import Report, Threshold
from archcheck.surface import Limits

if TYPE_CHECKING:
    from archcheck.engine import Request
    from archcheck.reports.terminal import Style

CLEAN, FINDINGS, USAGE, INCOMPLETE = 0, 1, 2, 3


def check(arguments: CheckArguments) -> int:
    """Run a check as it was asked for; returns the exit code. Raises `Misused` for what contradicts itself."""
    started = time.monotonic()
    targets = targets_of(arguments)
    root = root_of(arguments.root)
    if arguments.watch:
        from archcheck.cli.watch import watch

        return watch(arguments, root, check)
    mended = True
    try:
        config = config_of(arguments, root)
        if arguments.show_config:
            return _show_config(root, config)
        request = _request(arguments, root, config)
        if arguments.show_files:
            return _show_files(request)
        if arguments.fix and not arguments.diff:
            mended = _fix(arguments, request)
        report = judged(arguments, request)
        if arguments.since:
            from archcheck.cli.releases import compared

            report = compared(report, request, arguments, _paths(arguments))
        report = accept(arguments, request, report)
    except ConfigError as error:
        streams.complain(str(error))
        return USAGE
    code = exit_code(report, config.fail_on, allow_empty=arguments.allow_empty or request.touching)
    report = replace(report, exit_code=code, fail_on=config.fail_on)
    written = deliver(report, targets, arguments)
    if _empty(report) and code == USAGE:
        streams.complain(
            f"nothing to check in {_asked(arguments, root)}: no OpenAPI document, migration or Python module; "
            "name other files or folders, or accept this with --allow-empty"
        )
    if _empty(report) and request.touching and not arguments.quiet:
        streams.say(_untouched(arguments, request))
    if arguments.verbose:
        _say_more(report, root, config, time.monotonic() - started)
    if arguments.diff:
        _fix(arguments, request)
    return code if written and mended else USAGE


def request_of(arguments: CheckArguments) -> Request:
    """What the arguments ask for, under the configuration in force. Raises `ConfigError`."""
    root = root_of(arguments.root)
    return _request(arguments, root, config_of(arguments, root))


def bare_request(arguments: CheckArguments) -> Request:
    """What the arguments ask for by themselves, with every rule on: to see what is there, whatever was decided."""
    root = root_of(arguments.root)
    return _request(arguments, root, Config(profile="audit"))


def exit_code(report: Report, fail_on: Threshold, *, allow_empty: bool) -> int:
    """2 when nothing matched, 3 when something was not checked, 1 for findings that are loud enough, else 0."""
    if report.coverage.gaps:
        return INCOMPLETE
    if _empty(report) and not allow_empty:
        return USAGE
    loud = () if fail_on == "never" else SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return FINDINGS if any(verdict.severity in loud for verdict in report.verdicts) else CLEAN


def deliver(report: Report, targets: Sequence[Output], arguments: CheckArguments) -> bool:
    """Write the reports, and the coverage where none of them shows it; False where one could not be written."""
    written = [_write(report, target, arguments) for target in targets]
    if any(target.format == "github" for target in targets):
        written.append(_summarize(report, os.environ.get("GITHUB_STEP_SUMMARY", "")))
    if not _shows_coverage(targets) and not arguments.quiet:
        _say_coverage(report)
    return all(written)


def targets_of(arguments: CheckArguments) -> Sequence[Output]:
    """The reports that are asked for. Raises `Misused` for what contradicts itself."""
    if arguments.fix or arguments.diff or arguments.unsafe_fixes:
        from archcheck.cli.fix import sensible

        sensible(arguments)
    asked = arguments.output
    if sum(not target.file for target in asked) > 1:
        raise Misused("only one report can go to standard output; give the others a file, such as sarif:report.sarif")
    files = [target.file for target in asked if target.file]
    for file in files:
        if files.count(file) > 1:
            raise Misused(f"two reports go to '{file}'; give each its own file")
    return asked or (() if arguments.diff else (Output("terminal"),))


def root_of(asked: str) -> Path:
    """The project. Raises `Misused` for a root that is no folder."""
    from archcheck.project import find_root

    if asked and not Path(asked).is_dir():
        raise Misused(f"--root: '{asked}' is no folder; name the folder of the project")
    return find_root(Path.cwd(), override=Path(asked) if asked else None)


def config_of(arguments: CheckArguments, root: Path) -> Config:
    """The configuration in force, with the arguments on top. Raises `ConfigError`."""
    config = load(root, path=Path(arguments.config) if arguments.config else None)
    return config.override(
        select=arguments.select,
        ignore=arguments.ignore,
        profile=arguments.profile,
        fail_on=arguments.fail_on,
        jobs=arguments.jobs,
    )


def limits_of(arguments: CheckArguments) -> Limits:
    """The limits in force."""
    return Limits(
        file_size=arguments.max_file_size,
        nesting=arguments.max_nesting,
        alias_nodes=arguments.max_alias_nodes,
        unit_seconds=arguments.unit_seconds,
        unit_memory=arguments.unit_memory,
    )


def _paths(arguments: CheckArguments) -> tuple[Path, ...]:
    # Not resolved: a link is reported under the name it was given by.
    return tuple(Path(os.path.abspath(path)) for path in arguments.paths)  # noqa: PTH100


def _request(arguments: CheckArguments, root: Path, config: Config) -> Request:
    from archcheck.engine import Request

    paths, instead = _paths(arguments), dict[str, bytes]()
    touching = bool(arguments.changed_only or arguments.since or arguments.stdin_filename)
    if touching:
        from archcheck.cli.touched import touched

        paths, instead = touched(arguments, root, paths)
    return Request(
        root=root,
        config=config,
        paths=paths,
        touching=touching,
        instead=instead,
        limits=limits_of(arguments),
        cache=not arguments.no_cache,
        cache_dir=Path(arguments.cache_dir).absolute() if arguments.cache_dir else None,
        force_exclude=arguments.force_exclude,
        category=arguments.sarif_category,
    )


def judged(arguments: CheckArguments, request: Request) -> Report:
    """Run the engine, with a line on the terminal that says how far it is. Raises `ConfigError`."""
    from archcheck import engine

    if arguments.quiet or not sys.stderr.isatty():
        return engine.run(request)
    from archcheck.cli.progress import Progress

    progress = Progress(sys.stderr)
    try:
        return engine.run(replace(request, started=progress.started, progress=progress.step))
    finally:
        progress.clear()


def _fix(arguments: CheckArguments, request: Request) -> bool:
    """Write the fixes, or show them; False where a file could not be written."""
    from archcheck.cli.fix import fixed

    return fixed(request, arguments)


def _write(report: Report, target: Output, arguments: CheckArguments) -> bool:
    """Write one report; False, with a line on standard error, when that is not possible."""
    from archcheck.reports.files import Unwritable, replacing

    try:
        if target.file:
            with replacing(target.file) as out:
                reports.load(target.format)(report, out)
        else:
            _print(report, target.format, arguments)
            streams.flush()
    except BrokenPipeError:
        # Whoever read along has seen enough; the exit code is still the truth.
        streams.give_up_output()
    except Unwritable as error:
        streams.complain(f"{error}; name another file")
        return False
    except OSError as error:
        streams.give_up_output()
        streams.complain(f"cannot write the report to standard output: {error.strerror or error}")
        return False
    return True


def _summarize(report: Report, file: str) -> bool:
    """Append the Markdown report to the summary of the step, where GitHub gives one a file; False when it cannot be."""
    if not file:
        return True
    try:
        # Other tools of the step write there, too.
        with Path(file).open("a", encoding="utf-8", newline="\n") as out:
            reports.load("markdown")(report, out)
    except OSError as error:
        streams.complain(f"cannot write the summary of the step to {file}: {error.strerror or error}")
        return False
    return True


def _print(report: Report, format: str, arguments: CheckArguments) -> None:
    if format != "terminal":
        reports.load(format)(report, sys.stdout)
        return
    from archcheck.reports import terminal

    style = _style(arguments)
    if arguments.statistics:
        sys.stdout.writelines(_statistics(report))
        terminal.write_summary(report, sys.stdout, style)
    else:
        terminal.write(report, sys.stdout, style)


def _style(arguments: CheckArguments) -> Style:
    import shutil

    from archcheck.reports.terminal import Style

    color = streams.colored(arguments.color, sys.stdout)
    live = sys.stdout.isatty()
    width = min(max(shutil.get_terminal_size((100, 24)).columns, 40), 140) if live else 100
    return Style(color=color, links=color and live and "CI" not in os.environ, width=width)


def _statistics(report: Report) -> Iterator[str]:
    """How many findings each rule has, the most frequent first."""
    counts: dict[tuple[str, str], int] = {}
    for verdict in report.verdicts:
        counts[verdict.rule, verdict.severity] = counts.get((verdict.rule, verdict.severity), 0) + 1
    for (rule, severity), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>7,}  {severity:7}  {rule}\n"
    if counts:
        yield "\n"


def _shows_coverage(targets: Sequence[Output]) -> bool:
    return any(target.format == "terminal" and not target.file for target in targets)


def _say_coverage(report: Report) -> None:
    from archcheck.reports.coverage import checked

    streams.say(checked(report.coverage))


def _say_more(report: Report, root: Path, config: Config, seconds: float) -> None:
    streams.say(f"The project is {root}; its configuration is {config.written.path or 'the default'}.")
    for note in report.coverage.notes:
        streams.say(note)
    for reason, count in sorted(report.coverage.undecided.items()):
        streams.say(f"{count:,} withheld: {reason}")
    for reason, count in sorted(report.coverage.passed_over.items()):
        streams.say(f"{count:,} files passed over: {reason}")
    from archcheck.workers import memory_limited

    if not memory_limited():
        streams.say("This system cannot hold a worker to its memory limit: only its time is limited.")
    streams.say(f"It took {seconds:.1f} seconds.")


def _empty(report: Report) -> bool:
    counted = any(number for counts in report.coverage.counts.values() for number in counts.values())
    return not (counted or report.coverage.files)


def _asked(arguments: CheckArguments, root: Path) -> str:
    return ", ".join(arguments.paths[:3]) + (" ..." if len(arguments.paths) > 3 else "") or str(root)


def _untouched(arguments: CheckArguments, request: Request) -> str:
    """Why a run that is about some files came to nothing: people take that for a mistake."""
    if arguments.since and not request.paths:
        return f"Nothing has changed since {arguments.since}."
    if arguments.stdin_filename:
        return f"{arguments.stdin_filename} is no OpenAPI document, migration or Python module."
    return "None of the files that changed is an OpenAPI document, a migration or a Python module."


def _show_config(root: Path, config: Config) -> int:
    from archcheck.cli.settings import lines

    print("\n".join(lines(root, config)))
    return CLEAN


def _show_files(request: Request) -> int:
    from archcheck.cli.inventory import files

    for path in files(request):
        print(path)
    return CLEAN
