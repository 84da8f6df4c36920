"""The plan of a run: which files carry a surface's mark, which units they make, and what was named in vain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from archcheck.cache import Store
from archcheck.files import Disk, ProjectFiles, ReadSet, RecordedFiles, digest
from archcheck.judge import gap_of
from archcheck.project import Listing
from archcheck.registry import belongs
from archcheck.source import Unread
from archcheck.surface import Gap, Noting, Surface, Tree, Unit


class Plan(Struct, frozen=True):
    """The units to read, the marks by surface and path, the gaps met while looking, and what was passed over."""

    units: tuple[Unit, ...]
    marks: Mapping[str, Mapping[str, str]]
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]


class _Remembered(Struct, frozen=True):
    read_set: ReadSet
    plan: Plan


def plan(
    surfaces: Sequence[Surface],
    listing: Listing,
    files: RecordedFiles,
    store: Store,
    base: bytes,
    digests: Mapping[str, bytes],
) -> Plan:
    """Sniff what is not remembered, and ask each surface for its units.

    `base` is the digest of the tool; `digests` holds the content digests that are already known: a file without one is
    sniffed and not remembered.
    """
    units: list[Unit] = []
    marks: dict[str, dict[str, str]] = {}
    gaps: list[Gap] = []
    large: set[str] = set()
    passed: list[str] = []
    for surface in surfaces:
        candidates = [path for path in listing.paths if belongs(path, surface)]
        marks[surface.name] = _marked(surface, candidates, files, store, base, digests, gaps, large)
        if not marks[surface.name]:  # a surface that has nothing to read is not even imported
            continue
        tree = Tree(listing.paths, marks[surface.name])
        try:
            units += sorted(surface.units(tree, files), key=lambda unit: unit.name)
            passed += surface.notes(tree) if isinstance(surface, Noting) else ()
        except Unread as unread:
            gaps.append(gap_of(unread))
    return Plan(tuple(units), marks, tuple(gaps), (*sorted(large), *passed))


def remembered_plan(
    surfaces: Sequence[Surface], listing: Listing, disk: Disk, store: Store, base: bytes, digests: Mapping[str, bytes]
) -> tuple[Plan, ReadSet]:
    """The plan of a former run while nothing it depends on has changed, else a new one; and all that was read for it.

    It depends on the tool (`base`), the surfaces, the list of files, the content of those that are sniffed, and
    whatever the surfaces asked the disk. A plan with gaps is not remembered.
    """
    names = [surface.name for surface in surfaces]
    key = digest(base + msgspec.msgpack.encode((names, listing.paths, sorted(listing.named))))
    files = ProjectFiles(disk)
    if (data := store.get("plan", key)) is not None:
        former = msgspec.msgpack.decode(data, type=_Remembered)
        if not store.changed(former.read_set, digests, files):
            return former.plan, former.read_set
    made = plan(surfaces, listing, files, store, base, digests)
    sniffing = [surface for surface in surfaces if surface.sniffs]
    looked = (path for path in listing.paths if any(belongs(path, surface) for surface in sniffing))
    seen = {path: digests[path] for path in looked if path in digests}
    asked = files.read_set()
    # What was opened stands with what was in it then: it may have changed since its digest was taken.
    read_set = replace(asked, opened=tuple(sorted((seen | dict(asked.opened)).items())))
    if not made.gaps:
        store.put("plan", key, msgspec.msgpack.encode(_Remembered(read_set, made)))
    return made, read_set


def unclaimed(
    surfaces: Sequence[Surface], listing: Listing, marks: Mapping[str, Mapping[str, str]], read: frozenset[str]
) -> Iterator[Gap]:
    """The files named one by one that a surface owed a reading and that no unit read."""
    for path in sorted(listing.named - read):
        for surface in surfaces:
            if belongs(path, surface) and surface.owed(path, marks[surface.name].get(path, "")):
                reason = f"no {surface.name} unit of the project reads it"
                yield Gap(path, 0, "unreadable", reason, "name its root file")
                break


def _marked(
    surface: Surface,
    candidates: Sequence[str],
    files: RecordedFiles,
    store: Store,
    base: bytes,
    digests: Mapping[str, bytes],
    gaps: list[Gap],
    large: set[str],
) -> dict[str, str]:
    if not surface.sniffs:
        return dict.fromkeys(candidates, surface.name)
    kind = f"mark:{surface.name}:{base.hex()}"
    known = store.get_many(kind, [(path, digests[path]) for path in candidates if path in digests])
    found: dict[str, str] = {}
    fresh: dict[str, bytes] = {}
    for path in candidates:
        data = known.get(path)
        if data is None:
            try:
                data = surface.sniff(files.open(path)).encode()
            except Unread as unread:
                if unread.kind != "limit" or surface.sniff(files.head(path)):
                    gaps.append(gap_of(unread))
                else:
                    large.add(f"{path} was not looked into: {unread.reason}")
                continue
            if path in digests:
                fresh[path] = data
        if data:
            found[path] = data.decode()
    store.put_many(kind, [(path, was, fresh[path]) for path, was in files.read_set().opened if path in fresh])
    return found
