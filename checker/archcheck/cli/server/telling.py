"""Telling: findings as the protocol's diagnostics, and the page of a rule for whoever points at one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from lsprotocol.types import (
    CodeDescription,
    Diagnostic,
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    MarkupContent,
    MarkupKind,
)
from lsprotocol.types import Location as Place

from archcheck import packs
from archcheck.cli.catalogue import facts, lines
from archcheck.cli.server.places import Encoding, Texts, range_of, uri_of
from archcheck.finding import Severity, Verdict
from archcheck.packs import Entry, Index
from archcheck.reports.page import markdown
from archcheck.reports.text import visible

NAME = "archcheck"

_SEVERITIES: Mapping[Severity, DiagnosticSeverity] = {
    "error": DiagnosticSeverity.Error,
    "warning": DiagnosticSeverity.Warning,
    "note": DiagnosticSeverity.Information,
}


def diagnostic(
    verdict: Verdict, root: Path, texts: Texts, encoding: Encoding, *, url: str = "", related: bool = True
) -> Diagnostic:
    """A finding as an editor shows it. `url` is the true address of the rule's page, where there is one."""
    finding = verdict.finding
    others = [
        DiagnosticRelatedInformation(
            Place(uri_of(root, each.at.path), range_of(each.at, texts(each.at.path), encoding)), visible(each.label)
        )
        for each in (finding.related if related else ())
    ]
    return Diagnostic(
        range=range_of(finding.at, texts(finding.at.path), encoding),
        message=visible(finding.message),
        severity=_SEVERITIES[verdict.severity],
        code=verdict.rule,
        code_description=CodeDescription(url) if url else None,
        source=NAME,
        related_information=others or None,
        data=verdict.fingerprint,
    )


def hover(rules: Iterable[str], *, marked: bool) -> MarkupContent | None:
    """The pages of some rules, in Markdown or as `archcheck explain` prints them; None where there are none."""
    entries = [entry for entry in map(_index().resolve, dict.fromkeys(rules)) if entry is not None]
    if not entries:
        return None
    if marked:
        return MarkupContent(MarkupKind.Markdown, "\n\n---\n\n".join(map(_marked, entries)))
    return MarkupContent(MarkupKind.PlainText, "\n\n".join(map(_plain, entries)))


def allowable(rule: str) -> bool:
    """Whether findings of a rule may be accepted beside what they are about."""
    entry = _index().resolve(rule)
    return entry is not None and entry.surface != "tool"


def _marked(entry: Entry) -> str:
    parts = [f"**{entry.id}** ({facts(entry)})", markdown(entry.docs).rstrip("\n")]
    if entry.options:
        settings = "\n".join(entry.options)
        parts += [f"Options, under `[rules.{entry.id}]` in the configuration:", f"```toml\n{settings}\n```"]
        parts.append(entry.meaning)
    if allowable(entry.id):
        parts.append(f"To accept one case, write beside it: `archcheck: allow[{entry.id}]` and the reason.")
    return "\n\n".join(filter(None, parts)) + "\n"


def _plain(entry: Entry) -> str:
    return "\n".join(lines(entry)) + "\n"


@cache
def _index() -> Index:
    return packs.load(packs.Compiled())
