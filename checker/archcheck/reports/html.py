"""The HTML report: one file that holds everything, asks nothing of the network and works without scripts.

A policy in its head forbids the browser all but the one style sheet and the one small script of this report, by their
hashes; so even text that got around the escaping could neither run nor load anything.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TextIO

from archcheck.report import Report
from archcheck.reports.coverage import checked, found
from archcheck.reports.html_finding import article
from archcheck.reports.html_parts import about, coverage, debt, rules, score_table
from archcheck.reports.html_text import text
from archcheck.reports.ranking import by_severity, tally
from archcheck.reports.scorecard import scorecard
from archcheck.reports.text import counted

_OTHER = "other"


def write(report: Report, out: TextIO) -> None:
    """Write the whole page."""
    out.write(_head(report))
    out.writelines(_summary(report))
    out.writelines(score_table(scorecard(report), report))
    out.writelines(_findings(report))
    out.writelines(rules(report))
    out.writelines(coverage(report))
    out.write(f"{about(report)}</main>\n<script>{_part('html_page.js')}</script>\n</body>\n</html>\n")


def _head(report: Report) -> str:
    style, script = _part("html_page.css"), _part("html_page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>archcheck: {tally(report.verdicts) or 'no findings'}</title>\n"
        f"<style>{style}</style>\n</head>\n<body>\n"
    )


@cache
def _part(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _hash(part: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}"


def _summary(report: Report) -> Iterator[str]:
    yield "<header>\n<h1>archcheck</h1>\n"
    yield '<nav><a href="#checklist">Checklist</a> <a href="#findings">Findings</a> <a href="#rules">Rules</a> '
    yield '<a href="#coverage">Coverage</a></nav>\n</header>\n<main>\n<section id="summary">\n<ul class="tally">'
    for severity, number in by_severity(report.verdicts).items():
        word = counted(number, f"{severity}s").partition(" ")[2]
        yield f'<li class="{severity if number else "none"}"><b>{number:,}</b> {word}</li>'
    yield f"</ul>\n<p>{text(found(report))} {_outcome(report)}</p>\n"
    yield f"<p>{text(checked(report.coverage))}</p>\n</section>\n"


def _outcome(report: Report) -> str:
    if report.exit_code == 0:
        return "The run passed."
    reasons = {
        1: f"The run failed: there are findings at or above <code>{text(report.fail_on)}</code>.",
        3: "The run failed: not everything that was asked for could be checked.",
    }
    return reasons.get(report.exit_code, "The run failed.")


def _findings(report: Report) -> Iterator[str]:
    yield '<section id="findings">\n<h2>Findings</h2>\n'
    if not report.verdicts:
        yield f"<p>None{' that is new' if report.debt else ''}.</p>\n"
        yield from debt(report)
        yield "</section>\n"
        return
    yield from _tools(report)
    surfaces = {rule.id: rule.surface for rule in report.rules.values()}
    files: dict[str, list[int]] = {}
    for index, verdict in enumerate(report.verdicts):
        files.setdefault(verdict.at.path, []).append(index)
    yield '<div id="groups">\n'
    for path, indexes in files.items():
        yield f'<section class="group">\n<h3><span>{text(path)}</span> <small>{len(indexes):,}</small></h3>\n'
        for index in indexes:
            verdict = report.verdicts[index]
            yield from article(verdict, surfaces.get(verdict.rule, _OTHER), report.lines)
        yield "</section>\n"
    yield "</div>\n"
    yield from debt(report)
    yield "</section>\n"


def _tools(report: Report) -> Iterator[str]:
    """What the script filters and groups by; hidden until it runs."""
    surfaces = {rule.id: rule.surface for rule in report.rules.values()}
    names = sorted({verdict.rule for verdict in report.verdicts})
    yield '<form id="tools" hidden>\n<label>Search <input type="search" name="search"></label>\n'
    yield '<label>Group by <select name="group">'
    yield from (f'<option value="{name}">{name}</option>' for name in ("file", "rule", "surface", "severity"))
    yield '</select></label>\n<label>Surface <select name="surface"><option value="">all</option>'
    for name in dict.fromkeys(sorted(surfaces.get(rule, _OTHER) for rule in names)):
        yield f'<option value="{text(name)}">{text(name)}</option>'
    yield '</select></label>\n<label>Rule <select name="rule"><option value="">all</option>'
    yield from (f'<option value="{text(name)}">{text(name)}</option>' for name in names)
    yield "</select></label>\n<fieldset><legend>Severity</legend>"
    for severity, number in by_severity(report.verdicts).items():
        yield f'<label><input type="checkbox" name="{severity}" checked> {severity} <small>{number:,}</small></label> '
    yield '</fieldset>\n<output aria-live="polite"></output>\n</form>\n'
