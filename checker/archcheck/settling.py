"""Concluding a run: what was read and judged becomes the report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from msgspec import Struct

from archcheck import __version__
from archcheck.config import UNREAD, Config, PerPath, selected_by
from archcheck.finding import PROFILES, Severity, Verdict
from archcheck.judge import Outcome, law
from archcheck.packs import Entry, Index
from archcheck.plan import Plan, unclaimed
from archcheck.project import Listing
from archcheck.reading import Harvest
from archcheck.registry import CONTRACT, UNREAD_SUFFIXES
from archcheck.report import ChecklistLine, Report, RuleInfo, RunCoverage, SourceLines
from archcheck.source import Source
from archcheck.surface import Allow, Gap, Surface, Unit
from archcheck.verdicts import Policy, Settled, judge_tool, settle, verdicts_of
from archcheck.walk import Patterns


class Court(Struct, frozen=True):
    """What a conclusion needs besides the harvest. `asked` are the files that are reported and owed; None is all.

    With `touching`, findings that have one of them as a related place are reported, too; acceptances are not judged.
    """

    index: Index
    config: Config
    entries: tuple[Entry, ...]
    surfaces: tuple[Surface, ...]
    asked: frozenset[str] | None
    listing: Listing
    planned: Plan
    touching: bool = False

    def shows(self, verdict: Verdict) -> bool:
        """Whether a verdict is reported."""
        if self.reports(verdict.at.path):
            return True
        return self.touching and any(self.reports(related.at.path) for related in verdict.finding.related)

    def reports(self, path: str) -> bool:
        """Whether findings at a path are reported."""
        return self.asked is None or path in self.asked


def conclude(court: Court, harvest: Harvest, open_source: Callable[[str], Source | None]) -> Report:
    """The report of a run."""
    mine = {
        unit: outcome
        for unit, outcome in harvest.outcomes.items()
        if court.asked is None or harvest.paths[unit] & court.asked or unit.name in court.asked
    }
    gaps = tuple(sorted(set(_gaps(court, mine, harvest)), key=lambda gap: (gap.path, gap.line, gap.reason)))
    settled = _settle(court, harvest)
    verdicts = [verdict for verdict in settled.verdicts if court.shows(verdict)]
    subjects: list[Gap | Allow] = [*gaps]
    if not court.touching:
        subjects += (allow for allow in settled.allows if court.reports(allow.at.path))
    if subjects:
        tool = law((entry for entry in court.entries if entry.surface == "tool"), court.config.options)
        policy = policy_of(court.config, court.entries)
        said = verdicts_of(judge_tool(tool, subjects), court.index)
        verdicts += [policy.heard(verdict) for verdict in said if policy.shows(verdict)]
    verdicts.sort(key=lambda verdict: (verdict.at, verdict.rule, verdict.fingerprint))
    heard = (*settled.verdicts, *settled.allowed)
    hidden = tuple(sorted({place for verdict in heard for place in verdict.finding.hidden}))
    return Report(
        version=__version__,
        verdicts=tuple(verdicts),
        rules={entry.id: info_of(entry) for entry in court.entries},
        coverage=_coverage(court, mine, harvest, gaps),
        lines=SourceLines(open_source, hidden),
        fail_on=court.config.fail_on,
        allowed=sum(map(court.shows, settled.allowed)),
        checklist=tuple(_checklist(court, gaps)),
        hidden=hidden,
    )


def _settle(court: Court, harvest: Harvest) -> Settled:
    everything = [*harvest.outcomes.values(), *harvest.linked.values()]
    return settle(
        (spoken for outcome in everything for spoken in outcome.spoken),
        (allow for outcome in everything for allow in outcome.allows),
        court.index,
        policy_of(court.config, court.entries),
        chosen={entry.id for entry in court.entries},
        incomplete={path for unit in harvest.outcomes if _incomplete(unit, harvest) for path in harvest.paths[unit]},
    )


def _incomplete(unit: Unit, harvest: Harvest) -> bool:
    """Whether a unit was not read whole, or its surface not linked whole, or not compared with the others."""
    joined = (harvest.linked.get(name) for name in (unit.surface, CONTRACT))
    return bool(harvest.outcomes[unit].gaps) or any(each is not None and each.gaps for each in joined)


def _gaps(court: Court, mine: Mapping[Unit, Outcome], harvest: Harvest) -> Iterator[Gap]:
    yield from court.listing.gaps
    yield from (gap for gap in court.planned.gaps if court.reports(gap.path))
    for outcome in (*mine.values(), *harvest.linked.values()):
        yield from outcome.gaps
    read = frozenset(path for paths in harvest.paths.values() for path in paths)
    yield from unclaimed(court.surfaces, court.listing, court.planned.marks, read)
    for broken in court.index.broken:
        way_out = "mend the pack, or uninstall it"
        yield Gap(broken.file, 0, "crash", f"the rule in it could not be loaded: {broken.reason}", way_out)


def _coverage(court: Court, mine: Mapping[Unit, Outcome], harvest: Harvest, gaps: tuple[Gap, ...]) -> RunCoverage:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    opaque: dict[str, Counter[str]] = defaultdict(Counter)
    undecided: Counter[str] = Counter()
    notes = set(court.planned.notes)
    for name, outcome in [*((unit.surface, outcome) for unit, outcome in mine.items()), *harvest.linked.items()]:
        counts[name].update(outcome.counts)
        opaque[name].update(outcome.opaque)
        undecided.update(outcome.undecided)
        notes.update(outcome.notes)
    return RunCoverage(
        counts={name: dict(found) for name, found in counts.items() if found},
        opaque={name: dict(sorted(found.items())) for name, found in opaque.items() if found},
        undecided=dict(sorted(undecided.items())),
        passed_over=dict(sorted(court.listing.passed_over.items())),
        notes=(*sorted(notes), *_unread_kinds(court)),
        gaps=gaps,
        rules=len(court.entries),
        files=len({path for unit in mine for path in harvest.read[unit] if court.reports(path)}),
    )


def _checklist(court: Court, gaps: Iterable[Gap]) -> Iterator[ChecklistLine]:
    """The checklist with the rules that exist for each line, and how many of their files were not checked in full."""
    # A rule that could not be loaded is a gap, too, but none in what the others judge.
    unread = {gap.path for gap in gaps} - {broken.file for broken in court.index.broken}
    answering: dict[str, list[Entry]] = {}
    for entry in court.index.rules.values():
        answering.setdefault(entry.checklist, []).append(entry)
    for line in court.index.checklist:
        entries = answering.get(line.anchor, [])
        missed = sum(_concerns(path, entries, court.surfaces) for path in unread)
        changes = bool(entries) and all(entry.stage == "change" for entry in entries)
        names = tuple(entry.id for entry in entries)
        yield ChecklistLine(line.anchor, line.title, line.section, names, missed, changes)


def _concerns(path: str, entries: Iterable[Entry], surfaces: Iterable[Surface]) -> bool:
    """Whether one of the rules could have judged a file: not when it is plainly of another surface."""
    others = {each.name for each in surfaces if path.lower().endswith(each.suffixes)}
    known = {each.name for each in surfaces}
    return any(not others or entry.surface in others or entry.surface not in known for entry in entries)


def _unread_kinds(court: Court) -> Iterator[str]:
    kinds = Counter(
        noun
        for path in court.listing.paths
        for suffix, noun in UNREAD_SUFFIXES.items()
        if path.lower().endswith(suffix) and court.reports(path)
    )
    for noun, count in sorted(kinds.items()):
        yield f"{count} {noun}{'s were' if count > 1 else ' was'} not read: no surface reads them yet"


def policy_of(config: Config, entries: Iterable[Entry]) -> Policy:
    """What a configuration decided about the findings of the rules that run."""
    by_id = {entry.id: entry for entry in entries}
    matches = _matcher(config)

    def severity(rule: str, path: str) -> Severity | None:
        level = config.severity.get(rule)
        for decided in matches(path):
            level = decided.severity.get(rule, level)
        return level

    def ignored(rule: str, path: str) -> bool:
        if rule == UNREAD:  # a broad selector may mean it, too; what was not checked is always said
            return False
        level = severity(rule, path) or by_id[rule].severity
        return any(selected_by(name, by_id[rule], level) for decided in matches(path) for name in decided.ignore)

    def latest(rule: str) -> int:
        return max(PROFILES.index(config.profile), PROFILES.index(by_id[rule].profile))

    return Policy(latest=latest, severity=severity, ignored=ignored)


def _matcher(config: Config) -> Callable[[str], Iterable[PerPath]]:
    """Which of the `per-path` tables apply to a path, in the order they are written."""
    if not config.per_path:
        return lambda path: ()
    tables = [(Patterns((decided.glob,)), decided) for decided in config.per_path]

    @cache
    def matching(path: str) -> tuple[PerPath, ...]:
        return tuple(decided for patterns, decided in tables if patterns.match(path))

    return matching


def info_of(entry: Entry) -> RuleInfo:
    """What reports say about a rule."""
    return RuleInfo(
        id=entry.id,
        checklist=entry.checklist,
        severity=entry.severity,
        profile=entry.profile,
        since=entry.since,
        precision=entry.precision,
        surface=entry.surface,
        pack=entry.pack,
        docs=entry.docs,
        security=entry.security,
        cwe=entry.cwe,
        formerly=entry.formerly,
        changes=entry.stage == "change",
    )
