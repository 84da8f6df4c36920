"""The parts of the HTML report around its findings: the scorecard, the rules' pages and the coverage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archcheck.finding import Verdict
from archcheck.report import Report, RuleInfo
from archcheck.reports.html_text import anchor, linked, page, prose, text
from archcheck.reports.scorecard import Score, standings
from archcheck.reports.text import counted

_LEGEND = "A line is not checkable as long as no rule watches over it: people read it."


def score_table(scores: Sequence[Score], report: Report) -> Iterator[str]:
    """The checklist line by line, each with how it stands and why."""
    yield '<section id="checklist">\n<h2>Checklist</h2>\n'
    if not scores:
        yield "<p>No checklist is installed.</p>\n</section>\n"
        return
    yield f"<p>{counted(len(scores), 'lines')}: {standings(scores)}. {_LEGEND}</p>\n"
    pages = {verdict.rule for verdict in report.verdicts}
    section = None
    for score in scores:
        if score.line.section != section:
            yield "</tbody></table>\n" if section is not None else ""
            section = score.line.section
            yield f"<h3>{text(section or 'Further lines')}</h3>\n<table><tbody>\n"
        yield from _scored(score, pages)
    yield "</tbody></table>\n</section>\n"


def _scored(score: Score, pages: set[str]) -> Iterator[str]:
    line = score.line
    stands = counted(score.findings, "findings") if score.findings else score.standing
    yield f'<tr class="{score.standing.replace(" ", "-")}"><td><b>{stands}</b></td>'
    yield f"<td><code>{text(line.anchor)}</code> {text(line.title)}"
    if score.reason and line.checkable:
        yield f" <small>({prose(score.reason)})</small>"
    yield "</td><td>"
    spoken = [name for name in line.rules if name in pages]
    yield " ".join(f'<a href="#{anchor("r", name)}"><code>{text(name)}</code></a>' for name in spoken)
    if silent := [name for name in line.rules if name not in pages]:
        # A line may have dozens of rules: those that found something are what the reader came for.
        head = f"{len(silent):,} more" if spoken else counted(len(silent), "rules")
        names = " ".join(f"<code>{text(name)}</code>" for name in silent)
        yield f"<details><summary>{head}</summary>{names}</details>"
    yield "</td></tr>\n"


def rules(report: Report) -> Iterator[str]:
    """The page of every rule that found something, with links to what it found; the names of the others."""
    found: dict[str, list[Verdict]] = {}
    for verdict in report.verdicts:
        found.setdefault(verdict.rule, []).append(verdict)
    yield '<section id="rules">\n<h2>Rules</h2>\n'
    for name in sorted(found):
        yield from _rule(name, report.rules.get(name), found[name])
    if silent := [report.rules[name] for name in sorted(report.rules) if name not in found]:
        yield f"<h3>{counted(len(silent), 'rules')} found nothing{' new' if report.debt else ''}</h3>\n<dl>\n"
        for rule in silent:
            yield f"<dt><code>{text(rule.id)}</code></dt><dd>{text(rule.summary)}</dd>\n"
        yield "</dl>\n"
    yield "</section>\n"


def debt(report: Report) -> Iterator[str]:
    """What the baseline accepts, a line each and folded away: the page is about what is new."""
    if not report.debt:
        return
    yield f'<details class="debt"><summary>{counted(len(report.debt), "findings")} in the baseline</summary>\n<ul>\n'
    for verdict in report.debt:
        place = f"{verdict.at.path}:{verdict.at.line}"
        yield f'<li><b class="{verdict.severity}">{verdict.severity}</b> {prose(verdict.finding.message)} '
        yield f"<small><code>{text(place)}</code> {text(verdict.rule)}</small></li>\n"
    yield "</ul></details>\n"


def _rule(name: str, rule: RuleInfo | None, verdicts: Sequence[Verdict]) -> Iterator[str]:
    yield f'<section class="rule" id="{anchor("r", name)}">\n<h3><code>{text(name)}</code></h3>\n'
    if rule is not None:
        yield f'<p><b>{linked(text(rule.summary), rule.url)}</b></p>\n<ul class="facts">'
        facts = [rule.severity, f"profile {rule.profile}", f"checklist {rule.checklist}", f"precision {rule.precision}"]
        facts += [f"security {rule.security:.1f}"] if rule.security is not None else []
        facts += [rule.cwe] if rule.cwe else []
        yield "".join(f"<li>{text(fact)}</li>" for fact in facts)
        yield f"</ul>\n{page(rule.docs)}\n"
    yield f'<details><summary>{counted(len(verdicts), "findings")}</summary>\n<ul class="where">'
    for verdict in verdicts:
        place = f"{verdict.at.path}:{verdict.at.line}"
        yield f'<li><a href="#{anchor("f", verdict.fingerprint)}">{text(place)}</a></li>\n'
    yield "</ul></details>\n</section>\n"


def coverage(report: Report) -> Iterator[str]:
    """What was read, and all that was not checked, with its reason."""
    run = report.coverage
    yield '<section id="coverage">\n<h2>Coverage</h2>\n'
    yield f"<p>{counted(run.files, 'files')} read, {counted(run.rules, 'rules')} run.</p>\n"
    if run.gaps:
        yield f"<h3>Not checked in full: {len(run.gaps):,}</h3>\n<table><tbody>\n"
        for gap in run.gaps:
            place = f"{gap.path or 'the project'}{f':{gap.line}' if gap.line else ''}"
            way_out = f" <small>({text(gap.way_out)})</small>" if gap.way_out else ""
            yield f'<tr class="findings"><td><b>{text(gap.kind)}</b></td><td><code>{text(place)}</code> '
            yield f"{text(gap.reason)}{way_out}</td></tr>\n"
        yield "</tbody></table>\n"
    for surface in sorted({*run.counts, *run.opaque}):
        yield from _counts(f"Read: {surface}", run.counts.get(surface, {}))
        yield from _counts(f"Not understood: {surface}", run.opaque.get(surface, {}))
    yield from _counts("Verdicts withheld for lack of proof", run.undecided)
    yield from _counts("Files passed over", run.passed_over)
    if run.notes:
        yield f"<h3>Notes</h3>\n<ul>{''.join(f'<li>{text(note)}</li>' for note in run.notes)}</ul>\n"
    yield "</section>\n"


def _counts(title: str, counts: Mapping[str, int]) -> Iterator[str]:
    if counts:
        yield f'<h3>{text(title)}</h3>\n<table class="counts"><tbody>\n'
        for name, number in counts.items():
            yield f"<tr><td>{number:,}</td><td>{text(name)}</td></tr>\n"
        yield "</tbody></table>\n"


def about(report: Report) -> str:
    """The last line."""
    words = f"Written by archcheck {text(report.version)}. Nothing in this file is loaded from elsewhere."
    return f"<footer><p>{words}</p></footer>\n"
