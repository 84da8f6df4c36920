"""The scorecard: how each line of the checklist stands after a run, and never better than the run can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias, get_args

from msgspec import Struct
from msgspec.structs import replace

from archcheck.report import ChecklistLine, Report, RunCoverage
from archcheck.reports.text import counted, listed

Standing: TypeAlias = Literal["findings", "pass", "not checked", "not applicable", "not checkable"]
STANDINGS: tuple[Standing, ...] = get_args(Standing)

_MET = 2
_COMPARE = "compare with an earlier release: `archcheck diff`, or `check --since`"


class Score(Struct, frozen=True):
    """How a line stands: `findings` counts its findings, `reason` says in a few words why it is not simply a pass.

    `not checked` is a line whose rules were left out of the run, or whose files could not all be read; `not applicable`
    one of whose kind the project has nothing; `not checkable` one that no rule watches over yet.
    """

    line: ChecklistLine
    standing: Standing
    findings: int = 0
    reason: str = ""


def scorecard(report: Report) -> tuple[Score, ...]:
    """The scores of all lines: those of the checklist in its order, then those only the rules that ran name."""
    found = Counter(verdict.rule for verdict in report.verdicts)
    debt = Counter(verdict.rule for verdict in report.debt)
    return tuple(
        _score(line, sum(found[name] for name in line.rules), sum(debt[name] for name in line.rules), report)
        for line in _lines(report)
    )


def standings(scores: Iterable[Score]) -> str:
    """How many lines stand how: `2 with findings, 5 passed, 1 not checked and 30 not checkable`."""
    counts = Counter(score.standing for score in scores)
    words = {"findings": "with findings", "pass": "passed"}
    return listed(f"{counts[name]} {words.get(name, name)}" for name in STANDINGS if counts[name])


def _lines(report: Report) -> list[ChecklistLine]:
    lines = {line.anchor: line for line in report.checklist}
    for rule in sorted(report.rules.values(), key=lambda rule: (rule.checklist, rule.id)):
        line = lines.setdefault(rule.checklist, ChecklistLine(rule.checklist, ""))
        if rule.id not in line.rules:
            lines[rule.checklist] = replace(line, rules=(*line.rules, rule.id))
    return list(lines.values())


def _score(line: ChecklistLine, findings: int, accepted: int, report: Report) -> Score:
    if not line.checkable:
        return Score(line, "not checkable", reason="no rule watches over it yet")
    ran = [report.rules[name] for name in line.rules if name in report.rules]
    if findings:
        return Score(line, "findings", findings)
    if not ran:
        return Score(line, "not checked", reason=_COMPARE if line.changes else "its rules were left out of this run")
    if line.unread:
        return Score(line, "not checked", reason=f"{counted(line.unread, 'files')} could not be checked")
    if all(rule.changes for rule in ran):
        if not report.coverage.counts.get("contract", {}).get("releases"):
            return Score(line, "not applicable", reason="no OpenAPI document has changed")
    elif not any(_has(rule.surface, report.coverage) for rule in ran if not rule.changes):
        return Score(line, "not applicable", reason=_nothing({rule.surface for rule in ran}))
    but = [f"without {counted(left_out, 'rules')} that did not run"] if (left_out := len(line.rules) - len(ran)) else []
    but += [f"but for {counted(accepted, 'findings')} in the baseline"] if accepted else []
    return Score(line, "pass", reason=", ".join(but))


def _has(surface: str, coverage: RunCoverage) -> bool:
    """Whether the project has anything that rules of the surface judge; contracts need two sides."""
    read = {name for name, counts in coverage.counts.items() if any(counts.values())}
    if surface == "contract":
        return len(read - {"contract"}) >= _MET
    return surface == "tool" or surface in read


def _nothing(surfaces: Collection[str]) -> str:
    nouns = {"openapi": "OpenAPI document", "sql": "migration", "python": "Python module"}
    missing = [nouns[name] for name in nouns if name in surfaces]
    if not missing:
        return "there was nothing of the kind to read"
    return f"no {' or '.join(missing)} was read"
