"""The catalogue: the rules that are installed, the page of one of them, and whether all are well formed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec

from archcheck import packs
from archcheck.cli import streams
from archcheck.cli.options import Misused
from archcheck.config import SURFACES, Config, ConfigError, nearest, select_rules, selected_by
from archcheck.finding import Profile
from archcheck.packs import Entry, Index
from archcheck.reports.page import plain


def explain(name: str) -> int:
    """Print the page of a rule. Raises `Misused` for a name that no rule has."""
    index = packs.load(packs.Compiled())
    entry = index.resolve(name)
    if entry is None:
        raise Misused(_no_rule(name, index))
    if name != entry.id:
        streams.say(f"'{name}' is now '{entry.id}'.")
    print("\n".join(lines(entry)))
    return 0


def lines(entry: Entry) -> Iterator[str]:
    """The page of a rule as plain text."""
    yield f"{entry.id} ({facts(entry)})\n\n{plain(entry.docs)}".rstrip("\n")
    if entry.options:
        yield f"\nOptions, under [rules.{entry.id}] in the configuration:\n"
        yield from (f"    {setting}" for setting in entry.options)
        if entry.meaning:
            yield f"\n{entry.meaning}"
    if entry.surface != "tool":
        yield f"\nTo accept one case, write beside it: archcheck: allow[{entry.id}] and the reason."


def facts(entry: Entry) -> str:
    """What stands at the head of a rule's page, in one phrase."""
    told = [entry.severity, f"profile {entry.profile}", f"checklist {entry.checklist}", f"since {entry.since}"]
    told += [f"security {entry.security}"] if entry.security is not None else []
    return ", ".join([*told, *([entry.cwe] if entry.cwe else [])])


def table(*, select: tuple[str, ...], ignore: tuple[str, ...], profile: Profile, output: str) -> int:
    """Print the chosen rules by surface, or as JSON. Raises `Misused` for a selector that means nothing."""
    index = packs.load(packs.Compiled())
    try:
        chosen = select_rules(index.rules.values(), Config(select=select, ignore=ignore, profile=profile))
    except ConfigError as error:
        raise Misused(error.message) from None
    entries = [entry for entry in index.rules.values() if entry.id in chosen and _asked(entry, select)]
    entries.sort(key=lambda entry: (_rank(entry.surface), entry.checklist, entry.id))
    print(json.dumps([_data(entry) for entry in entries], indent=2) if output == "json" else _table(entries))
    for broken in index.broken:
        streams.complain(f"{broken.file}: {broken.reason}")
    return 0


def validate() -> int:
    """Check every rule of every pack; prints what is wrong with which file. Returns 1 when something is."""
    index = packs.load(packs.Compiled())
    for broken in index.broken:
        print(f"{broken.file}: {broken.reason}")
    names = ", ".join(pack.name for pack in index.packs) or "none"
    print(f"{len(index.rules)} rules are well formed and {len(index.broken)} are not; packs: {names}.")
    return 1 if index.broken else 0


def _asked(entry: Entry, select: tuple[str, ...]) -> bool:
    """In a run the rules about the run stay on; in a list they stand only when they are asked for."""
    return not select or any(selected_by(name, entry, entry.severity) for name in select)


def _no_rule(name: str, index: Index) -> str:
    lines = {entry.checklist for entry in index.rules.values()} | set(SURFACES)
    if any(line == name or line.startswith(f"{name}.") for line in lines):
        return f"'{name}' is no rule; `archcheck rules --select {name}` lists the rules it stands for"
    return f"there is no rule '{name}'{nearest(name, index.rules) or '; `archcheck rules` lists them'}"


def _table(entries: list[Entry]) -> str:
    if not entries:
        return "No rule matches."
    rows = [(entry.id, entry.severity, entry.profile, entry.checklist, entry.short) for entry in entries]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines: list[str] = []
    surface = ""
    for entry, row in zip(entries, rows, strict=True):
        if entry.surface != surface:
            surface = entry.surface
            lines += ["", surface] if lines else [surface]
        cells = [f"{cell:{width}}" for cell, width in zip(row[:4], widths, strict=True)]
        lines.append(f"  {'  '.join(cells)}  {row[4]}")
    lines += ["", f"{len(entries)} rules; `archcheck explain RULE` tells more."]
    return "\n".join(lines)


def _data(entry: Entry) -> dict[str, object]:
    data = msgspec.structs.asdict(entry)
    for private in ("module", "subject", "options", "meaning"):
        del data[private]
    return {"id": data.pop("id"), "summary": entry.short, **data}


def _rank(surface: str) -> int:
    return SURFACES.index(surface) if surface in SURFACES else len(SURFACES)
