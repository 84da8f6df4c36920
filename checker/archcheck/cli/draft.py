"""A first configuration as text: what was recognised, what a check finds today, and the settings that follow from it.

Words stand behind `# `; a setting that is left off stands behind a bare `#`, and every one of them can be switched on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from archcheck.baseline import NAME
from archcheck.config import DIALECTS, UNREAD, FailOn
from archcheck.finding import PROFILES, SEVERITIES, Profile, Severity, Verdict
from archcheck.reports.text import counted, listed, wrap
from archcheck.surface import Gap
from archcheck.surfaces.python import App
from archcheck.surfaces.sql.interface import HistoryView

_WIDTH = 100
_NOISIEST = 3
_SHOWN = 8
_FRAMEWORKS = {"fastapi": "FastAPI", "starlette": "Starlette", "flask": "Flask", "django": "Django", "drf": "DRF"}


class Spec(Struct, frozen=True):
    """An OpenAPI document: its root file, its title, its version of OpenAPI, and how many operations it serves."""

    file: str
    title: str
    version: str
    operations: int


class Recognised(Struct, frozen=True):
    """What there is in a project, and what a check with every profile finds in it.

    `settings` are the options of rules as lines of TOML by rule id, where they have any.
    """

    specs: Sequence[Spec]
    histories: Sequence[HistoryView]
    apps: Sequence[App]
    modules: int
    gaps: Sequence[Gap]
    verdicts: Sequence[Verdict]
    settings: Mapping[str, Sequence[str]]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to check."""
        return not (self.specs or self.histories or self.modules or self.gaps)

    def within(self, profile: Profile) -> list[Verdict]:
        """The findings that a check under this profile shows."""
        return [each for each in self.verdicts if PROFILES.index(each.profile) <= PROFILES.index(profile)]

    @property
    def negotiable(self) -> list[Verdict]:
        """The findings to begin with about which the configuration may decide: not what could not be read."""
        return [verdict for verdict in self.within(self.profile) if verdict.rule != UNREAD]

    @property
    def profile(self) -> Profile:
        """The profile to begin with: the next one where the first has nothing to say."""
        return "regular" if self.within("regular") or not self.within("strict") else "strict"

    @property
    def threshold(self) -> FailOn:
        """The lowest severity that the project could fail on today without failing, an error at least."""
        counts = tally(self.within(self.profile))
        if counts["error"] or counts["warning"]:
            return "error"
        return "warning" if counts["note"] else "note"


def tally(verdicts: Iterable[Verdict]) -> Counter[Severity]:
    """How many findings there are of each severity."""
    return Counter(verdict.severity for verdict in verdicts)


def draft(found: Recognised) -> str:
    """The text of the configuration."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Recognised) -> Iterator[str]:
    yield from _said(
        "Configuration of archcheck, written by `archcheck init`. Every line may go: nothing here is needed. "
        "A setting behind a bare # is off; take the # away to use it. "
        "`archcheck check --show-config` shows what is in force."
    )
    yield ""
    yield "# What was recognised"
    yield from _items(_recognised(found))
    yield ""
    yield from _findings(found)
    yield ""
    yield from _decisions(found)
    yield from _choices(found)
    yield from _tables(found)


def _recognised(found: Recognised) -> Iterator[str]:
    for spec in found.specs:
        told = ", ".join(filter(None, (spec.title, counted(spec.operations, "operations"))))
        yield f"OpenAPI {spec.version}: {spec.file} ({told})"
    for history in found.histories:
        count = f"{counted(history.migrations, 'migrations')}, {counted(len(history.tables), 'tables')}"
        yield f"Migrations: {history.folder or '.'} ({history.layout}, {history.dialect}, {count})"
    for app in found.apps:
        framework = _FRAMEWORKS.get(app.framework, app.framework)
        yield f"App: {app} in {app.at.path} ({framework}, {counted(len(app.routes), 'routes')})"
    if found.modules:
        yield f"Python: {counted(found.modules, 'modules')}"
    for gap in found.gaps:
        yield f"Not read: {gap.path} ({gap.reason})"


def _items(lines: Iterable[str]) -> Iterator[str]:
    """The first of the lines as a list, and how many more there are."""
    told = list(lines)
    for line in told[:_SHOWN]:
        first, *rest = wrap(_plain(line), _WIDTH - 4)
        yield f"# - {first}"
        yield from (f"#   {more}" for more in rest)
    if len(told) > _SHOWN:
        yield f"# - and {len(told) - _SHOWN:,} more"


def _findings(found: Recognised) -> Iterator[str]:
    yield "# What a check finds today"
    for profile in PROFILES:
        counts = tally(found.within(profile))
        told = listed(counted(counts[severity], f"{severity}s") for severity in SEVERITIES)
        yield f"# - {profile}: {told}"


def _decisions(found: Recognised) -> Iterator[str]:
    """The settings that hold from the start."""
    yield from _said(
        "How much to say: regular is proven or near-certain, strict adds heuristics, audit adds hygiene.",
        "Nothing is left to say under regular." if found.profile == "strict" else "",
    )
    yield f"profile = {_toml(found.profile)}"
    yield ""
    counts = tally(found.negotiable)
    failing, passing = counts["error"], [counted(counts[each], f"{each}s") for each in SEVERITIES if counts[each]]
    advice = f"Nothing of today fails the check{f': {listed(passing)} pass' if passing else ''}."
    if failing:
        advice = (
            f"The {counted(failing, 'errors')} of today {'fails' if failing == 1 else 'fail'} the check until "
            "mended, or until `archcheck baseline write` accepts all findings of today so that only new ones count."
        )
    elif found.gaps:
        advice = ""
    yield from _said(
        "The lowest severity that fails the check: error, warning, note, or never.",
        "What could not be read fails it whatever stands here." if found.gaps else "",
        advice,
    )
    yield f"fail-on = {_toml(found.threshold)}"
    if failing:
        yield ""
        yield from _said("Where accepted findings are kept. The file has to be there; its usual name needs no line.")
        yield f"#baseline = {_toml(NAME)}"


def _choices(found: Recognised) -> Iterator[str]:
    """Settings that are off, and what speaks for them."""
    common = Counter(verdict.rule for verdict in found.negotiable).most_common(_NOISIEST)
    if common:
        counts = listed(f"{rule} ({count:,})" for rule, count in common)
        yield ""
        yield from _said(f"Rules, lines of the checklist or surfaces to leave out. What finds most today: {counts}.")
        yield f"#ignore = {_toml([rule for rule, _ in common])}"
    if unread := sorted({gap.path for gap in found.gaps if gap.path}):
        yield ""
        yield from _said("Files and folders that are none of this project's concern. These could not be read.")
        yield f"#exclude = {_toml([f'/{path}' for path in unread[:_SHOWN]])}"
    dialects = sorted({history.dialect for history in found.histories if history.dialect in DIALECTS})
    if len(dialects) == 1:
        yield ""
        yield from _said("The dialect of histories that do not show theirs.")
        yield f"#dialect = {_toml(dialects[0])}"
    if "postgres" in dialects:
        yield ""
        yield from _said("The oldest PostgreSQL that the migrations run on; it decides what takes which lock.")
        yield "#postgres-version = 14"
    if last := list(dict.fromkeys(history.last for history in found.histories if history.last)):
        yield ""
        yield from _said(
            "Migrations up to these have run everywhere, so what they do is no longer judged as a change. "
            "These are the last ones of today."
        )
        yield f"#applied = {_toml(last)}"


def _tables(found: Recognised) -> Iterator[str]:
    """Settings that are tables; they come last, as TOML wants it."""
    if found.specs and found.apps:
        app = found.apps[0]
        yield ""
        yield from _said("Which document describes which app, where archcheck does not put them together by itself.")
        yield "#[contract]"
        yield f"#pairs = [{{ spec = {_toml(found.specs[0].file)}, app = {_toml(app.at.path)} }}]"
    shown = found.negotiable
    if not shown:
        return
    rule, _ = Counter(verdict.rule for verdict in shown).most_common(1)[0]
    yield ""
    yield from _said("Another severity for a rule.")
    yield "#[severity]"
    yield f"#{rule} = {_toml('note')}"
    for id in sorted({verdict.rule for verdict in shown} & found.settings.keys()):
        # Long lists of words are for the rule's page.
        short = [line for line in found.settings[id] if len(line) < _WIDTH]
        if not short:
            continue
        yield ""
        yield from _said(f"`archcheck explain {id}` tells what this is good for.")
        yield f"#[rules.{id}]"
        yield from (f"#{line}" for line in short)
    top = Counter(verdict.at.path.partition("/")[0] for verdict in shown if "/" in verdict.at.path).most_common(1)
    if top:
        folder, count = top[0]
        inside = Counter(each.rule for each in shown if each.at.path.startswith(f"{folder}/")).most_common(1)[0][0]
        yield ""
        yield from _said(f"Decisions for a part of the project; {folder} has {counted(count, 'findings')}.")
        yield f"#[per-path.{_toml(f'{folder}/**')}]"
        yield f"#ignore = {_toml([inside])}"


def _said(*sentences: str) -> Iterator[str]:
    for line in wrap(_plain(" ".join(filter(None, sentences))), _WIDTH - 2):
        yield f"# {line}"


def _plain(text: str) -> str:
    """Text from the project on one line of a comment, which TOML allows no control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _toml(value: str | Sequence[str]) -> str:
    return json.dumps(value, ensure_ascii=False)
