"""The options of `check`, told once: the strict parser of the fast path and the typer command are both made from here.

Every option ends up as one field of `CheckArguments`, named like the option.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, TypeAlias, get_args

from msgspec import Struct

from archcheck.config import FAIL_ON, FailOn, nearest
from archcheck.finding import PROFILES, Profile
from archcheck.reports import FORMATS
from archcheck.surface import Limits

Kind: TypeAlias = Literal["flag", "count", "value", "values"]
Color: TypeAlias = Literal["auto", "always", "never"]

_UNITS = {"": 1, "b": 1, "k": 1_000, "kb": 1_000, "m": 1_000_000, "mb": 1_000_000, "g": 10**9, "gb": 10**9}
_DEFAULT = Limits()


class Misused(Exception):
    """A command line that cannot be understood; the message says what to type instead."""


class Output(NamedTuple):
    """One report that is asked for: its format, and its file, empty for standard output."""

    format: str
    file: str = ""


class CheckArguments(Struct, frozen=True):
    """What was asked of `check`. None leaves a decision to the configuration, or to the machine."""

    paths: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: Profile | None = None
    fail_on: FailOn | None = None
    output: tuple[Output, ...] = ()
    statistics: bool = False
    quiet: int = 0
    verbose: int = 0
    color: Color = "auto"
    sarif_category: str = ""
    root: str = ""
    config: str = ""
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    baseline: str = ""
    changed_only: bool = False
    since: str = ""
    stdin_filename: str = ""
    force_exclude: bool = False
    allow_empty: bool = False
    show_files: bool = False
    show_config: bool = False
    jobs: int | None = None
    no_cache: bool = False
    cache_dir: str = ""
    watch: bool = False
    max_file_size: int = _DEFAULT.file_size
    max_nesting: int = _DEFAULT.nesting
    max_alias_nodes: int = _DEFAULT.alias_nodes
    unit_seconds: float = _DEFAULT.unit_seconds
    unit_memory: int = _DEFAULT.unit_memory


class Option(NamedTuple):
    """One option. `parse` turns a word into a value, for `values` into a tuple of them, and raises `Misused`.

    `group` is the heading it stands under in the help; `choices` are offered by the shell's completion.
    """

    name: str
    kind: Kind
    help: str
    group: str
    metavar: str = ""
    short: str = ""
    choices: tuple[str, ...] = ()
    parse: Callable[[str], object] = str

    @property
    def key(self) -> str:
        """The field of `CheckArguments` it fills."""
        return self.name[2:].replace("-", "_")


def words(text: str) -> tuple[str, ...]:
    """Names separated by commas."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise Misused("it needs at least one name, such as 'sql' or 'api.pagination'")
    return names


def one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    """A parser that takes only the given words."""

    def parse(text: str) -> str:
        if text not in choices:
            raise Misused(f"'{text}' is not one of {', '.join(choices)}{nearest(text, choices)}")
        return text

    return parse


def output(text: str) -> tuple[Output]:
    """`sarif` or `sarif:report.sarif`; `-` as the file is standard output."""
    name, colon, file = text.partition(":")
    if name not in FORMATS:
        hint = nearest(name, FORMATS) or f"; the formats are {', '.join(FORMATS)}"
        raise Misused(f"'{name}' is no report format{hint}")
    if colon and not file:
        raise Misused(f"'{text}' names no file; write '{name}:report.{name}', or '{name}' alone for standard output")
    return (Output(name, "" if file == "-" else file),)


def named(what: str) -> Callable[[str], str]:
    """A parser that takes any word but the empty one."""

    def parse(text: str) -> str:
        if not text:
            raise Misused(f"it needs {what}")
        return text

    return parse


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A parser for a whole number within bounds."""

    def parse(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
        if not lowest <= number <= highest:
            raise Misused(f"'{text}' is no whole number from {lowest} to {highest}")
        return number

    return parse


def seconds(text: str) -> float:
    """Seconds, with a decimal point where wanted."""
    plain = text.replace(".", "", 1)
    number = float(text) if plain.isascii() and plain.isdigit() and len(plain) < 12 else 0.0
    if not 0.1 <= number <= 86_400:
        raise Misused(f"'{text}' is no number of seconds from 0.1 to 86400")
    return number


def size(text: str) -> int:
    """Bytes: a number, with kB, MB or GB behind it where wanted."""
    digits = text.rstrip("kKmMgGbB ")
    unit = text[len(digits) :].strip().lower()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16 and unit in _UNITS and int(digits)):
        raise Misused(f"'{text}' is no size; write bytes, or a number with kB, MB or GB, such as 20MB")
    return int(digits) * _UNITS[unit]


_RULES, _FIXES, _REPORTS, _FILES, _RUN, _LIMITS = "Rules", "Fixes", "Reports", "Files", "Running", "Limits"
_NAMES = "a rule, a checklist anchor or its beginning, a surface (openapi, sql, python, contract), or severity:LEVEL"

OPTIONS: tuple[Option, ...] = (
    Option("--select", "values", f"Judge by these rules only: {_NAMES}.", _RULES, "NAME", parse=words),
    Option("--ignore", "values", "Leave these rules out: the same names.", _RULES, "NAME", parse=words),
    Option(
        "--profile",
        "value",
        "How much to say: regular is proven or near-certain, strict adds heuristics, audit adds hygiene.",
        _RULES,
        "|".join(PROFILES),
        choices=PROFILES,
        parse=one_of(PROFILES),
    ),
    Option(
        "--fail-on",
        "value",
        "The lowest severity that makes the exit code 1; error unless configured, so warnings are shown and pass.",
        _RULES,
        "|".join(FAIL_ON),
        choices=FAIL_ON,
        parse=one_of(get_args(FailOn)),
    ),
    Option("--fix", "flag", "Mend what can be mended without a change in meaning, and report what is left.", _FIXES),
    Option("--unsafe-fixes", "flag", "With --fix or --diff: the fixes too whose result is yours to review.", _FIXES),
    Option("--diff", "flag", "Print what --fix would change instead of the report, and write nothing.", _FIXES),
    Option(
        "--output",
        "values",
        f"A report: {', '.join(FORMATS)}. With a file it is written there. May be repeated.",
        _REPORTS,
        "FORMAT[:FILE]",
        choices=tuple(FORMATS),
        parse=output,
    ),
    Option("--statistics", "flag", "Count the findings of each rule instead of listing them.", _REPORTS),
    Option("--quiet", "count", "Print reports and nothing beside them.", _REPORTS, short="-q"),
    Option(
        "--verbose", "count", "Say more about the run; twice also shows the trace of an error.", _REPORTS, short="-v"
    ),
    Option(
        "--color",
        "value",
        "When to use colours.",
        _REPORTS,
        "|".join(get_args(Color)),
        choices=get_args(Color),
        parse=one_of(get_args(Color)),
    ),
    Option(
        "--sarif-category",
        "value",
        "Tells several SARIF uploads for one commit apart.",
        _REPORTS,
        "NAME",
        parse=named("a name, such as 'backend'"),
    ),
    Option(
        "--root",
        "value",
        "The project; else the nearest folder upwards with a configuration, else the git top level.",
        _FILES,
        "FOLDER",
        parse=named("a folder"),
    ),
    Option("--config", "value", "Use this configuration file.", _FILES, "FILE", parse=named("a file")),
    Option(
        "--changed-only",
        "flag",
        "PATHS are the files that have changed: read the whole project, and report what touches them.",
        _FILES,
    ),
    Option(
        "--since",
        "value",
        "Report what touches the files that differ from where the work left this revision of git, and what breaks the "
        "clients of the documents that changed. 'auto' is the default branch.",
        _FILES,
        "REVISION",
        parse=named("a revision, such as 'origin/main'"),
    ),
    Option(
        "--stdin-filename",
        "value",
        "Check this file as standard input has it, for editors.",
        _FILES,
        "FILE",
        parse=named("the file whose text comes on standard input"),
    ),
    Option(
        "--baseline",
        "value",
        "Accepted findings; .archcheck-baseline.json where there is one. 'none' accepts nothing.",
        _FILES,
        "FILE",
        parse=named("a file"),
    ),
    Option("--force-exclude", "flag", "Apply excludes to files that are named one by one, too.", _FILES),
    Option("--allow-empty", "flag", "Finding nothing to check is no error.", _FILES),
    Option("--show-files", "flag", "List the files that would be checked, and stop.", _FILES),
    Option("--show-config", "flag", "Show the settings in force, and stop.", _FILES),
    Option("--jobs", "value", "Worker processes; 0 takes what the machine has.", _RUN, "NUMBER", parse=whole(0, 1024)),
    Option("--no-cache", "flag", "Neither use nor keep results of earlier runs.", _RUN),
    Option("--cache-dir", "value", "Keep results here.", _RUN, "FOLDER", parse=named("a folder")),
    Option("--watch", "flag", "Check again whenever a file changes, until Ctrl-C.", _RUN),
    Option("--max-file-size", "value", "Larger files are reported and not read. 20MB.", _LIMITS, "SIZE", parse=size),
    Option(
        "--max-nesting", "value", "Depth of nesting in one file. 500.", _LIMITS, "NUMBER", parse=whole(1, 1_000_000)
    ),
    Option(
        "--max-alias-nodes",
        "value",
        "What YAML aliases may unfold to, in nodes. 1000000.",
        _LIMITS,
        "NUMBER",
        parse=whole(1, 10**10),
    ),
    Option("--unit-seconds", "value", "Processor time for one unit. 8.", _LIMITS, "SECONDS", parse=seconds),
    Option("--unit-memory", "value", "Memory for one unit. 1GB.", _LIMITS, "SIZE", parse=size),
)
BY_NAME: Mapping[str, Option] = {name: option for option in OPTIONS for name in (option.name, option.short) if name}
COMMANDS = ("check", "explain", "routes", "rules", "tables", "bundle", "baseline", "diff", "init", "server")
DEEDS = ("write", "prune", "check")
"""What `baseline` does."""


def collect(paths: list[str], given: Mapping[str, object]) -> CheckArguments:
    """The arguments out of values by option name: True for a flag, a number for a count, else a word or a list of them.

    Raises `Misused` with the option's name in front.
    """
    fields: dict[str, object] = {"paths": tuple(paths)}
    for name, value in given.items():
        option = BY_NAME[name]
        try:
            fields[option.key] = _value(option, value)
        except Misused as error:
            raise Misused(f"{name}: {error}") from None
    return CheckArguments(**fields)  # type: ignore[arg-type]


def _value(option: Option, value: object) -> object:
    if isinstance(value, list):
        return tuple(item for word in value for item in _items(option.parse(word)))
    return option.parse(value) if isinstance(value, str) else value


def _items(parsed: object) -> tuple[object, ...]:
    return parsed if isinstance(parsed, tuple) else (parsed,)
