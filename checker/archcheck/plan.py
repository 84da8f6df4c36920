"""The plan of a run: which files carry a surface's mark, which units they make, and what was named in vain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from archcheck.judge import gap_of
from archcheck.project import Listing
from archcheck.source import Unread
from archcheck.surface import Files, Gap, Surface, Tree, Unit


class Marks(Protocol):
    """Where the marks of files are remembered, under their content."""

    def get_many(self, kind: str, wanted: Sequence[tuple[str, bytes]]) -> Mapping[str, bytes]: ...

    def put_many(self, kind: str, items: Sequence[tuple[str, bytes, bytes]]) -> None: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """The units to read, the marks by surface and path, the gaps met while looking, and the files not looked into."""

    units: tuple[Unit, ...]
    marks: Mapping[str, Mapping[str, str]]
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]


def plan(
    surfaces: Sequence[Surface], listing: Listing, files: Files, remembered: Marks, digests: Mapping[str, bytes]
) -> Plan:
    """Sniff what is not remembered, and ask each surface for its units.

    `digests` holds the content digests that are already known; a file without one is sniffed and not remembered.
    """
    units: list[Unit] = []
    marks: dict[str, dict[str, str]] = {}
    gaps: list[Gap] = []
    for surface in surfaces:
        candidates = [path for path in listing.paths if path.endswith(surface.suffixes)]
        marks[surface.name] = _marked(surface, candidates, files, remembered, digests, gaps)
        tree = Tree(listing.paths, marks[surface.name])
        try:
            units += sorted(surface.units(tree, files), key=lambda unit: unit.name)
        except Unread as unread:
            gaps.append(gap_of(unread))
    owed, unlooked = _sorted_out(gaps, listing.named)
    return Plan(tuple(units), marks, owed, unlooked)


def unclaimed(
    surfaces: Sequence[Surface], listing: Listing, marks: Mapping[str, Mapping[str, str]], read: frozenset[str]
) -> Iterator[Gap]:
    """The files named one by one that a surface owed a reading and that no unit read."""
    for path in sorted(listing.named - read):
        for surface in surfaces:
            if path.endswith(surface.suffixes) and surface.owed(path, marks[surface.name].get(path, "")):
                reason = f"no {surface.name} unit of the project reads it"
                yield Gap(path, 0, "unreadable", reason, "name its root file")
                break


def _sorted_out(gaps: Sequence[Gap], named: frozenset[str]) -> tuple[tuple[Gap, ...], tuple[str, ...]]:
    """Tell gaps from files that are merely too large to be looked into: data, as long as nobody named them."""
    data = {gap for gap in gaps if gap.kind == "limit" and gap.path not in named}
    notes = tuple(sorted({f"{gap.path} was not looked into: {gap.reason}" for gap in data}))
    return tuple(gap for gap in gaps if gap not in data), notes


def _marked(
    surface: Surface,
    candidates: Sequence[str],
    files: Files,
    remembered: Marks,
    digests: Mapping[str, bytes],
    gaps: list[Gap],
) -> dict[str, str]:
    if not surface.sniffs:
        return dict.fromkeys(candidates, surface.name)
    kind = f"mark:{surface.name}"
    known = remembered.get_many(kind, [(path, digests[path]) for path in candidates if path in digests])
    found: dict[str, str] = {}
    fresh: list[tuple[str, bytes, bytes]] = []
    for path in candidates:
        data = known.get(path)
        if data is None:
            try:
                data = surface.sniff(files.open(path)).encode()
            except Unread as unread:
                gaps.append(gap_of(unread))
                continue
            if path in digests:
                fresh.append((path, digests[path], data))
        if data:
            found[path] = data.decode()
    remembered.put_many(kind, fresh)
    return found
