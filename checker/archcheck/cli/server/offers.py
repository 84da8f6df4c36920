"""Offers: what an editor can do about a finding, the fix that mends it and the comment that accepts it.

Either is offered only after a check with its result: the finding is gone, no new one came, and everything can still be
read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from archcheck.cli.server.allowing import REASONS, comments, entries
from archcheck.cli.server.desk import Desk
from archcheck.cli.server.talk import Trial
from archcheck.cli.server.telling import allowable
from archcheck.finding import Edit, Verdict, together
from archcheck.fixing import edited
from archcheck.source import Unread


class Offer(Struct, frozen=True):
    """Something that can be done about a finding: it `mends` it or accepts it; `preferred` if only it changes.

    `files` are those that it makes, with their texts.
    """

    title: str
    verdict: Verdict
    edits: tuple[Edit, ...]
    mends: bool = False
    preferred: bool = False
    files: Mapping[str, str] = {}


async def offers(desk: Desk, uri: str, verdicts: Iterable[Verdict]) -> list[Offer]:
    """What can be done about some findings of a document."""
    found: list[Offer] = []
    for verdict in verdicts:
        found += await _fixes(desk, uri, verdict)
        found += await _allowed(desk, uri, verdict)
    return sorted(found, key=lambda offer: (not offer.preferred, not offer.mends))


async def _fixes(desk: Desk, uri: str, verdict: Verdict) -> list[Offer]:
    fix = verdict.finding.fix
    if fix is None or not (fix.edits or fix.files):
        return []
    title = f"{fix.title[:1].upper()}{fix.title[1:]}"
    if not fix.safe:
        title += " (to be reviewed: it may change what the code does)"
    offer = Offer(title, verdict, fix.edits, mends=True, preferred=fix.safe, files=together(fix.files))
    trial = _trial(desk, offer)
    return [] if trial is None or any(await desk.judged(uri, [trial])) else [offer]


async def _allowed(desk: Desk, uri: str, verdict: Verdict) -> list[Offer]:
    source = desk.source(verdict.at.path)
    if source is None or not allowable(verdict.rule):
        return []
    try:
        places = [[*comments(verdict, source, reason), *entries(verdict, source, reason)] for reason in REASONS]
    except (Unread, UnicodeError, ValueError, IndexError):
        return []
    for place in zip(*places, strict=True):
        tried = [_offer(verdict, reason, edit) for reason, edit in zip(REASONS, place, strict=True)]
        trial = _trial(desk, tried[0])
        if trial is not None and not any(await desk.judged(uri, [trial])):
            return tried
    return []


def _offer(verdict: Verdict, reason: str, edit: Edit) -> Offer:
    return Offer(f"Allow {verdict.rule}: {reason}", verdict, (edit,))


def _trial(desk: Desk, offer: Offer) -> Trial | None:
    """The files as they would be; None where the edits do not fit."""
    mine: dict[str, list[Edit]] = {}
    for edit in offer.edits:
        mine.setdefault(edit.path, []).append(edit)
    files = {path: text.encode("utf-8") for path, text in offer.files.items()}
    if any(desk.holds(path) for path in files):
        return None
    for path, edits in mine.items():
        source = desk.source(path)
        if source is None:
            return None
        try:
            files[path] = source.with_text(edited(source, edits)).data
        except (Unread, UnicodeError, ValueError, IndexError):
            return None
    return Trial(offer.verdict.rule, offer.verdict.fingerprint, files)
