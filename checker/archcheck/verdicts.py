"""From what the rules said to what is reported: severities, acceptances, fingerprints and order."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from archcheck.finding import PROFILES, Finding, Severity, Verdict
from archcheck.judge import Law, Spoken
from archcheck.packs import Entry, Index
from archcheck.surface import Allow, Gap

_LOUDNESS: Mapping[Severity, int] = {"note": 0, "warning": 1, "error": 2}


class Policy:
    """What the user decided about findings by rule and by path: which are shown at all, and how loud they are.

    `latest` gives the index of the latest profile whose findings of a rule are shown, `severity` the level set for a
    rule at a path, `ignored` whether a rule is left out there.
    """

    def __init__(
        self,
        *,
        latest: Callable[[str], int],
        severity: Callable[[str, str], Severity | None],
        ignored: Callable[[str, str], bool],
    ) -> None:
        self._latest = latest
        self._severity = severity
        self._ignored = ignored

    def shows(self, verdict: Verdict) -> bool:
        """Whether the verdict's profile is not too late for the run, and no path setting leaves its rule out."""
        return PROFILES.index(verdict.profile) <= self._latest(verdict.rule) and not self._ignored(
            verdict.rule, verdict.at.path
        )

    def heard(self, verdict: Verdict) -> Verdict:
        """The verdict with the severity that the user set for its rule or path."""
        chosen = self._severity(verdict.rule, verdict.at.path)
        return verdict if chosen is None else replace(verdict, severity=chosen)


class Settled(Struct, frozen=True):
    """What is reported, what was silenced, and the acceptances with what became of them."""

    verdicts: tuple[Verdict, ...]
    allowed: tuple[Verdict, ...]
    allows: tuple[Allow, ...]


def settle(
    spoken: Iterable[Spoken],
    allows: Iterable[Allow],
    index: Index,
    policy: Policy,
    *,
    chosen: Collection[str],
    incomplete: Collection[str],
) -> Settled:
    """Turn what was said into verdicts and apply the acceptances.

    `chosen` are the ids of the rules that ran; `incomplete` the paths that belong to a unit that was not read whole,
    whose acceptances are not judged. Fingerprints count equals before anything is filtered, so that accepting one
    finding does not rename its neighbours. An acceptance of something that this run does not show, because of its
    profile or its path, is used all the same.
    """
    written = _unique(allows)
    used: dict[Allow, set[str]] = {allow: set() for allow in written}
    # Those of one line, which may be thousands in a file, are found by that line.
    narrow: dict[tuple[str, int], list[Allow]] = {}
    wide: dict[str, list[Allow]] = {}
    for allow in written:
        if allow.first == allow.last and not allow.whole_file:
            narrow.setdefault((allow.at.path, allow.first), []).append(allow)
        else:
            wide.setdefault(allow.at.path, []).append(allow)
    kept: list[Verdict] = []
    allowed: list[Verdict] = []
    for verdict in verdicts_of(spoken, index):
        near = (*narrow.get((verdict.at.path, verdict.at.line), ()), *wide.get(verdict.at.path, ()))
        silencers = [allow for allow in near if _silences(allow, verdict, index)]
        for allow in silencers:
            used[allow].add(verdict.rule)
        if policy.shows(verdict):
            (allowed if silencers else kept).append(policy.heard(verdict))
    judged = tuple(_judged(allow, used[allow], index, chosen, incomplete) for allow in written)
    return Settled(tuple(kept), tuple(allowed), judged)


def verdicts_of(spoken: Iterable[Spoken], index: Index) -> list[Verdict]:
    """Verdicts with fingerprints, sorted by place; the same thing said twice is said once."""
    unique = {(rule, finding.at, finding.subject, finding.message): (rule, finding) for rule, finding in spoken}
    ordered = sorted(unique.values(), key=lambda said: (said[1].at, said[0], said[1].subject, said[1].message))
    seen: Counter[tuple[str, str, str]] = Counter()
    verdicts = []
    for rule, finding in ordered:
        identity = (rule, finding.at.path, finding.subject or finding.message)
        verdicts.append(_verdict(index.rules[rule], finding, _fingerprint(identity, seen[identity])))
        seen[identity] += 1
    return verdicts


def judge_tool(law: Law, subjects: Iterable[Gap | Allow]) -> Iterator[Spoken]:
    """What the rules about the run itself say of its gaps and acceptances."""
    for subject in subjects:
        for rule, options in law.rules.get(type(subject), ()):
            for finding in rule(subject) if options is None else rule(subject, options):
                yield rule.id, finding


def _verdict(entry: Entry, finding: Finding, fingerprint: str) -> Verdict:
    severity = entry.severity
    if finding.severity is not None and _LOUDNESS[finding.severity] < _LOUDNESS[severity]:
        severity = finding.severity
    profile = entry.profile
    if finding.profile is not None and PROFILES.index(finding.profile) > PROFILES.index(profile):
        profile = finding.profile
    return Verdict(entry.id, severity, profile, finding, fingerprint)


def _fingerprint(identity: tuple[str, str, str], ordinal: int) -> str:
    text = "\0".join((*identity, str(ordinal)))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _silences(allow: Allow, verdict: Verdict, index: Index) -> bool:
    if not allow.whole_file and not allow.first <= verdict.at.line <= allow.last:
        return False
    return verdict.rule in allow.rules or any(name in index.rules[verdict.rule].formerly for name in allow.rules)


def _unique(allows: Iterable[Allow]) -> Sequence[Allow]:
    """Each acceptance once, though several units may have read its file."""
    return sorted(set(allows), key=lambda allow: (allow.at, allow.rules, allow.first))


def _judged(
    allow: Allow, used: Collection[str], index: Index, chosen: Collection[str], incomplete: Collection[str]
) -> Allow:
    known = {name: entry.id for name in allow.rules if (entry := index.resolve(name)) is not None}
    whole = allow.at.path not in incomplete
    return replace(
        allow,
        used=tuple(name for name in allow.rules if known.get(name) in used),
        unknown=tuple(name for name in allow.rules if name not in known),
        judged=tuple(name for name, id in known.items() if whole and id in chosen),
    )
