"""A baseline is the debt a project has accepted: findings that were there when it began, and are not new.

It holds what a finding is about and never a line number, so that it stays as it is while code moves around what it
names. It only shrinks: what is mended is taken out, and nothing but `archcheck baseline write` puts anything in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from archcheck.finding import PROFILES, Profile, Verdict
from archcheck.report import Report

NAME = ".archcheck-baseline.json"
"""Where it lies in a project that does not say otherwise."""
VERSION = 1
_NEVER = "unread-file"
"""What was not checked cannot be accepted."""


Exists: TypeAlias = Callable[[str], bool]
"""Whether there is still a file of that root-relative path."""


class BaselineError(Exception):
    """A file that is no baseline; the message says why."""


class Accepted(Struct, frozen=True, order=True):
    """One accepted finding: its file, its rule, what it is about, and its fingerprint."""

    path: str
    rule: str
    subject: str
    fingerprint: str


class Baseline(Struct, frozen=True):
    """Everything accepted, and the profile under which it was found."""

    profile: Profile
    accepted: tuple[Accepted, ...]
    version: int = VERSION


class Weighed(Struct, frozen=True):
    """A report without what was accepted, the baseline as it is to be now, and what of it was mended meanwhile."""

    report: Report
    left: Baseline
    mended: tuple[Accepted, ...]


def baseline_of(verdicts: Iterable[Verdict], profile: Profile) -> Baseline:
    """A baseline that accepts all of these."""
    return Baseline(profile, tuple(sorted(_accepted(verdict) for verdict in verdicts if verdict.rule != _NEVER)))


def weigh(report: Report, baseline: Baseline, *, profile: Profile, exists: Exists, whole: bool) -> Weighed:
    """Take what is accepted out of a report.

    An entry whose file `exists` no more stands for an equal finding in another file, one for one: the file was renamed.
    What no finding answers to is mended, where the run could have found it: it was of the `whole` project, read
    everything, ran the rule, and looked at least as closely as the run that the baseline was made from.
    """
    known = {entry.fingerprint: entry for entry in baseline.accepted}
    matched: dict[str, Verdict] = {}
    for verdict in report.verdicts:
        if verdict.rule != _NEVER and verdict.fingerprint in known:
            matched[verdict.fingerprint] = verdict
    moved = _moved(report, [entry for entry in baseline.accepted if entry.fingerprint not in matched], matched, exists)
    judged = whole and not report.coverage.gaps and PROFILES.index(profile) >= PROFILES.index(baseline.profile)
    mended = tuple(
        entry
        for entry in baseline.accepted
        if judged and entry.fingerprint not in matched and entry not in moved and entry.rule in report.rules
    )
    gone = set(mended)
    left = tuple(
        sorted(_accepted(moved[entry]) if entry in moved else entry for entry in baseline.accepted if entry not in gone)
    )
    accepted = {verdict.fingerprint for verdict in (*matched.values(), *moved.values())}
    verdicts = tuple(verdict for verdict in report.verdicts if verdict.fingerprint not in accepted)
    debt = tuple(verdict for verdict in report.verdicts if verdict.fingerprint in accepted)
    shown = replace(report, verdicts=verdicts, debt=debt)
    return Weighed(shown, replace(baseline, accepted=left), mended)


def encode(baseline: Baseline) -> str:
    """The baseline as text: JSON with one finding a line, sorted, so that a change touches its own lines alone."""
    lines = ",\n".join(f"    {msgspec.json.encode(entry).decode()}" for entry in baseline.accepted)
    listed = f"[\n{lines}\n  ]" if lines else "[]"
    return f'{{\n  "version": {VERSION},\n  "profile": "{baseline.profile}",\n  "accepted": {listed}\n}}\n'


def decode(data: bytes) -> Baseline:
    """What `encode` wrote, however it was merged since. Raises `BaselineError`."""
    try:
        baseline = msgspec.json.decode(data, type=Baseline)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BaselineError(f"it is no baseline: {error}") from None
    if baseline.version != VERSION:
        raise BaselineError(f"it is of version {baseline.version}, and this archcheck reads version {VERSION}")
    return baseline


def _accepted(verdict: Verdict) -> Accepted:
    finding = verdict.finding
    return Accepted(finding.at.path, verdict.rule, finding.subject or finding.message, verdict.fingerprint)


def _moved(
    report: Report, missing: Iterable[Accepted], matched: Mapping[str, Verdict], exists: Exists
) -> dict[Accepted, Verdict]:
    """The entries of files that are gone, with the equal findings that stand elsewhere now, in order."""
    homeless: dict[tuple[str, str], list[Accepted]] = defaultdict(list)
    for entry in missing:
        if not exists(entry.path):
            homeless[entry.rule, entry.subject].append(entry)
    found: dict[Accepted, Verdict] = {}
    for verdict in report.verdicts if homeless else ():
        waiting = homeless.get((verdict.rule, verdict.finding.subject or verdict.finding.message))
        if waiting and verdict.fingerprint not in matched:
            found[waiting.pop(0)] = verdict
    return found
