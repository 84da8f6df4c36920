"""The configuration is what a project has decided: which rules run, how loud they are, and which files count.

This module holds the decisions and what follows from them; `configfile` reads them from a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, Protocol, TypeAlias, get_args

from msgspec import Struct, field
from msgspec.structs import replace

from archcheck.finding import PROFILES, SEVERITIES, Profile, Severity
from archcheck.surface import Layers

FailOn: TypeAlias = Literal["error", "warning", "note", "never"]
FAIL_ON: tuple[FailOn, ...] = get_args(FailOn)
SURFACES = ("openapi", "sql", "python", "contract", "tool")
DIALECTS = ("postgres", "mysql", "sqlite")
UNREAD = "unread-file"
"""The one rule that nobody can turn off: a file that was not checked is always said."""


class ConfigError(Exception):
    """A setting that cannot be used. `path` is empty when it came from the command line, `line` 0 when not known."""

    def __init__(self, path: str, line: int, message: str) -> None:
        place = f"{path}:{line}: " if path and line else f"{path}: " if path else ""
        super().__init__(place + message)
        self.path = path
        self.line = line
        self.message = message


class PerPath(NamedTuple):
    """What a project has decided for the files that match one glob."""

    glob: str
    ignore: tuple[str, ...]
    severity: Mapping[str, Severity]


class Written:
    """Where settings were written: the file, and the line of each key. Two of them are equal, so that settings from
    different places with the same values are too.
    """

    __slots__ = ("lines", "path")

    def __init__(self, path: str = "", lines: Mapping[tuple[str, ...], int] | None = None) -> None:
        self.path = path
        self.lines = lines or {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Written)

    def __hash__(self) -> int:
        return 0


class Config(Struct, frozen=True):
    """The settings of one run. `jobs` 0 lets the machine decide; an empty `dialect` lets the files decide.
    `baseline` is the file of accepted findings, relative to the root, empty for the usual one.
    `applied` names migrations, by version or name: they and those before them have run everywhere.
    `pairs` puts documents together with apps, and `layers` declares
    which modules may know which, both as in `surface.Settings`.

    `options` holds the tables `[rules.<id>]` as they were written; each rule's own Options give them their types.
    `written` says where, for `error`.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: Profile = "regular"
    fail_on: FailOn = "error"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    baseline: str = ""
    jobs: int = 0
    dialect: str = ""
    postgres_version: int = 14
    applied: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    layers: Layers | None = None
    severity: Mapping[str, Severity] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    per_path: tuple[PerPath, ...] = ()
    written: Written = Written()

    def error(self, key: tuple[str, ...], message: str) -> ConfigError:
        """An error about the setting at `key`, such as `("rules", "unpaginated-list", "limit")`, with its place.

        A key that was written nowhere came from the command line, and the error names no file.
        """
        line = 0
        while key and not (line := self.written.lines.get(key, 0)):
            key = key[:-1]
        return ConfigError(self.written.path if line else "", line, message)

    def override(
        self,
        *,
        select: tuple[str, ...] = (),
        ignore: tuple[str, ...] = (),
        profile: Profile | None = None,
        fail_on: FailOn | None = None,
        jobs: int | None = None,
    ) -> Config:
        """These settings with those of the command line on top.

        A selection on the command line replaces the one in the file, and what it names exactly is no longer ignored
        by the file. `ignore` is added to the file's.
        """
        # The places of lists that now hold other things are forgotten; those of the file's own items still hold.
        stale = {("select",)} if select else set()
        stale |= {("ignore",)} if ignore else set()
        return replace(
            self,
            select=select or self.select,
            ignore=tuple(name for name in self.ignore if name not in select) + ignore,
            profile=profile or self.profile,
            fail_on=fail_on or self.fail_on,
            jobs=self.jobs if jobs is None else jobs,
            written=Written(
                self.written.path, {key: line for key, line in self.written.lines.items() if key not in stale}
            ),
        )


class Selectable(Protocol):
    """What selection needs to know of a rule; the index entry and the report's rule both have it."""

    @property
    def id(self) -> str: ...
    @property
    def checklist(self) -> str: ...
    @property
    def surface(self) -> str: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def profile(self) -> Profile: ...
    @property
    def formerly(self) -> tuple[str, ...]: ...


def select_rules(infos: Iterable[Selectable], config: Config) -> frozenset[str]:
    """The ids of the rules that run. Raises `ConfigError` for a name that no rule, checklist line or surface has.

    A selector is a rule id (also a former one), a checklist anchor or its beginning (`api`, `db.indexes`), a surface,
    or `severity:` with a level, which means the level that the configuration gives. Without `select` everything is
    selected. Where `select` and `ignore` both match a rule, the more exact selector decides: an id before an anchor, a
    longer anchor before a shorter one, an anchor before a surface, a surface before a severity; a tie ignores.

    The profile leaves out rules of later profiles, except those that `select` names by id: who names a rule wants it.
    So the findings of a chosen rule are shown up to the later of the run's profile and the rule's own.

    Rules about the run itself (surface `tool`) stay on whatever is selected, because they keep the results honest:
    a suppression that is no longer needed is only judged for rules that ran. They can be ignored by name, all but
    `unread-file`: what could not be checked is always said, and the way to silence it is to exclude the file.
    """
    rules = list(infos)
    settled = _check_names(rules, config)
    limit = PROFILES.index(config.profile)
    chosen = set()
    for rule in rules:
        severity = settled.get(rule.id, rule.severity)
        wanted = max((_exactness(name, rule, severity) for name in config.select), default=0 if config.select else 1)
        if rule.surface == "tool":
            wanted = max(wanted, 1)
        unwanted = max((_exactness(name, rule, severity) for name in config.ignore), default=0)
        in_profile = PROFILES.index(rule.profile) <= limit or wanted == _BY_ID
        if rule.id == UNREAD or (wanted > unwanted and in_profile):
            chosen.add(rule.id)
    return frozenset(chosen)


def current_names(infos: Iterable[Selectable], config: Config) -> Config:
    """The same configuration with every former rule id replaced by today's, outside `select` and `ignore`."""
    now = {old: rule.id for rule in infos for old in rule.formerly}
    return replace(
        config,
        severity={now.get(name, name): level for name, level in config.severity.items()},
        options={now.get(name, name): options for name, options in config.options.items()},
        per_path=tuple(
            PerPath(
                glob,
                tuple(now.get(name, name) for name in ignore),
                {now.get(name, name): level for name, level in levels.items()},
            )
            for glob, ignore, levels in config.per_path
        ),
    )


def selected_by(name: str, rule: Selectable, severity: Severity) -> bool:
    """Whether a selector means a rule of that effective severity."""
    return _exactness(name, rule, severity) > 0


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the known name that looks most like `name`, or an empty string."""
    import difflib  # only mistakes need it

    names = sorted(known)
    spelt = (name, name.lower().replace("_", "-"))
    near = [match for each in spelt for match in difflib.get_close_matches(each, names, n=1)]
    return f"; did you mean '{near[0]}'?" if near else ""


_BY_ID = 1000
_BY_ANCHOR = 10
_BY_SURFACE = 2
_BY_SEVERITY = 1


def _exactness(name: str, rule: Selectable, severity: Severity) -> int:
    """How exactly a selector means a rule, 0 when it does not: its id, then the longest anchor, and so on."""
    if name == rule.id or name in rule.formerly:
        return _BY_ID
    if name == rule.checklist or rule.checklist.startswith(f"{name}."):
        return _BY_ANCHOR + name.count(".")
    if name == rule.surface:
        return _BY_SURFACE
    return _BY_SEVERITY if name == f"severity:{severity}" else 0


def _check_names(rules: list[Selectable], config: Config) -> Mapping[str, Severity]:
    """Every name in the configuration means something. Returns the severities by today's ids."""
    ids = {name: rule.id for rule in rules for name in (rule.id, *rule.formerly)}
    selectors = _selectors(rules)
    for place, names in (("select", config.select), ("ignore", config.ignore)):
        for name in names:
            _check_selector((place, name), name, selectors, config)
    for setting, named in (("severity", config.severity), ("rules", config.options)):
        for name in named:
            _check_id((setting, name), name, ids, config)
    for glob, ignored, levels in config.per_path:
        for name in ignored:
            _check_selector(("per-path", glob, "ignore", name), name, selectors, config)
        for name in levels:
            _check_id(("per-path", glob, "severity", name), name, ids, config)
    return {ids[name]: level for name, level in config.severity.items()}


def _selectors(rules: list[Selectable]) -> frozenset[str]:
    known = {*SURFACES, *(f"severity:{level}" for level in SEVERITIES)}
    for rule in rules:
        parts = rule.checklist.split(".")
        known.update((rule.id, rule.surface, *rule.formerly))
        known.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return frozenset(known)


def _check_selector(key: tuple[str, ...], name: str, selectors: frozenset[str], config: Config) -> None:
    if name == UNREAD and key[0] != "select":
        message = f"'{UNREAD}' cannot be ignored, because what was not checked is always said; exclude the file instead"
        raise config.error(key, message)
    if name not in selectors:
        hint = nearest(name, selectors) or "; `archcheck rules` lists the rules with their checklist anchors"
        raise config.error(key, f"'{name}' is no rule, checklist anchor or surface{hint}")


def _check_id(key: tuple[str, ...], name: str, ids: Mapping[str, str], config: Config) -> None:
    if name not in ids:
        hint = nearest(name, ids) or "; `archcheck rules` lists them"
        raise config.error(key, f"there is no rule '{name}'{hint}")
