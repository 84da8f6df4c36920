"""The engine runs a check: discover, plan, read, link, settle.

Units are read and judged in workers, each on its own; what came of them crosses back as plain data and is remembered
under everything it depends on. Only then are surfaces linked, from interfaces alone, and compared, and acceptances
applied.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from archcheck import packs
from archcheck.cache import NoStore, Store
from archcheck.config import Config, current_names, select_rules
from archcheck.files import Disk, MemoryFiles, ProjectFiles, ReadSet, digest
from archcheck.finding import Profile
from archcheck.packs import Entry, Index
from archcheck.project import Listing, discover
from archcheck.recollection import key_of, recalled, remember
from archcheck.registry import CONTRACT, SURFACES, UNREAD_SUFFIXES, belongs
from archcheck.report import Report
from archcheck.surface import Layers, Limits, Settings, Surface, Unit

# What reads and judges is imported by the functions that need it: a run that recalls everything does without.


class Request(Struct, frozen=True, kw_only=True):
    """What is asked of a run. `paths` name what is reported and owed; none means the whole root.

    With `touching` they are files that have changed: the whole project is read, and what is reported is what touches
    them, by its place or a related one. Those that are gone or of no concern are passed over.
    `instead` holds by path what files are taken to hold, to see what a change would do before it is written.
    `cache_dir` None is the user's cache folder. `started` is called once the workers are forked (only then may threads
    be started), `progress` with the units done and the units in all.
    """

    root: Path
    config: Config
    paths: tuple[Path, ...] = ()
    touching: bool = False
    limits: Limits = field(default_factory=Limits)
    cache: bool = True
    cache_dir: Path | None = None
    force_exclude: bool = False
    category: str = ""
    instead: Mapping[str, bytes] = field(default_factory=dict)
    started: Callable[[], None] | None = None
    progress: Callable[[int, int], None] | None = None

    def has(self, path: str) -> bool:
        """Whether there is such a file, by its path from the root."""
        return (self.root / path).is_file()


class Bench(Struct, frozen=True):
    """Who judges in a run: the chosen rules with their options, and the surfaces that they ask.

    `changes` are those of the chosen that judge what changed between two releases: a run has nothing for them.
    """

    index: Index
    config: Config
    entries: tuple[Entry, ...]
    surfaces: tuple[Surface, ...]
    changes: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, index: Index, config: Config) -> Bench:
        """Choose the rules. Raises `ConfigError` for unknown names, and for options and patterns that do not fit."""
        chosen = select_rules(index.rules.values(), config)
        current = current_names(index.rules.values(), config)
        entries = tuple(entry for id, entry in index.rules.items() if id in chosen)
        for entry in entries:
            if entry.id in current.options:
                _check_options(entry, current)
        for decided in current.per_path:
            _check_pattern(decided.glob, current)
        changes = tuple(entry for entry in entries if entry.stage == "change")
        entries = tuple(entry for entry in entries if entry.stage != "change")
        judged = {entry.surface for entry in entries} | ({"openapi"} if changes else set())
        # What surfaces have in common is asked of all of them.
        surfaces = tuple(late for name, late in SURFACES.items() if not judged.isdisjoint((name, CONTRACT)))
        return cls(index, current, entries, surfaces, changes)

    def entries_of(self, surface: str) -> list[Entry]:
        """The chosen rules of one surface."""
        return [entry for entry in self.entries if entry.surface == surface]

    def settings(self, limits: Limits) -> Settings:
        """What concerns reading."""
        config = self.config
        return Settings(config.dialect, config.postgres_version, limits, config.applied, config.pairs, config.layers)

    def digest(self, limits: Limits) -> bytes:
        """A digest over everything that decides what comes out, but for the files."""
        decided = (self.settings(limits), self.entries, self.config.options)
        return digest(self.index.digest + msgspec.json.encode(decided, order="sorted"))


def run(request: Request) -> Report:
    """Check a project on disk. Raises `ConfigError` for what the user set wrongly, and nothing else."""
    disk = Disk(request.root, request.limits.file_size, request.instead)
    with Store.open(request.cache_dir, request.root) if request.cache else NoStore() as store:
        bench = Bench.of(packs.load(packs.Compiled(), store), request.config)
        listing = listing_of(request, bench)
        digests = store.digests(listing.stats, request.root, limit=request.limits.file_size)
        digests |= {path: digest(data) for path, data in request.instead.items()}
        asked = _asked(request, listing)
        key = key_of(bench.digest(request.limits), bench.config, listing, asked, request.touching)
        whole = not listing.gaps and not bench.index.broken
        report = recalled(store, key, digests, disk, bench.config) if whole else None
        if report is None:
            report, read_sets = _inquire(request, bench, listing, asked, disk, store, digests)
            if whole and not report.coverage.gaps:
                remember(store, key, report, read_sets)
    return replace(report, category=request.category)


def examine(
    sources: Mapping[str, str | bytes],
    *,
    rules: Collection[str] | None = None,
    profile: Profile = "audit",
    options: Mapping[str, Mapping[str, object]] | None = None,
    postgres_version: int = 14,
    applied: Collection[str] = (),
    pairs: Collection[tuple[str, str]] = (),
    layers: Layers | None = None,
) -> Report:
    """Check files that exist only in memory, in this process and without a cache: for examples, tests and editors.

    `rules` None judges by all of them.
    """
    from archcheck.judge import law, link_surface, meet_surfaces, read_unit
    from archcheck.plan import plan
    from archcheck.reading import Harvest
    from archcheck.settling import Court, conclude

    config = Config(
        select=tuple(rules or ()),
        profile=profile,
        options=options or {},
        postgres_version=postgres_version,
        applied=tuple(applied),
        pairs=tuple(pairs),
        layers=layers,
    )
    bench = Bench.of(_index(), config)
    settings = bench.settings(Limits())
    paths = tuple(sorted(sources))
    listing = Listing(paths=paths, asked=paths, named=frozenset(), gaps=(), passed_over={}, stats={})
    planned = plan(bench.surfaces, listing, MemoryFiles(sources), NoStore(), b"", {})
    harvest = Harvest()
    interfaces: dict[str, list[tuple[str, bytes]]] = {}
    surfaces = {unit.surface for unit in planned.units}
    laws = {each: law(bench.entries_of(each), bench.config.options) for each in (*surfaces, CONTRACT)}
    for unit in planned.units:
        reading = read_unit(unit, MemoryFiles(sources), None, laws[unit.surface], settings)
        harvest.add(unit, reading.outcome, reading.read_set)
        if reading.interface:
            interfaces.setdefault(unit.surface, []).append((unit.name, reading.interface))
    for name, told in interfaces.items():
        linked = link_surface(name, told, laws[name], tells=bool(laws[CONTRACT].rules))
        harvest.linked[name] = linked.outcome
        interfaces[name] = [("", linked.interface)] if linked.interface else told
    if laws[CONTRACT].rules:
        harvest.linked[CONTRACT] = meet_surfaces(interfaces, laws[CONTRACT], settings).outcome
    court = Court(bench.index, bench.config, bench.entries, bench.surfaces, None, listing, planned)
    return conclude(court, harvest, MemoryFiles(sources).open)


@cache
def _index() -> Index:
    return packs.load()


def _inquire(
    request: Request,
    bench: Bench,
    listing: Listing,
    asked: frozenset[str] | None,
    disk: Disk,
    store: Store,
    digests: Mapping[str, bytes],
) -> tuple[Report, list[ReadSet]]:
    """Plan, read, link and settle; and everything that was read for it."""
    from archcheck.plan import remembered_plan
    from archcheck.reading import Reader, Work
    from archcheck.settling import Court, conclude

    planned, looked = remembered_plan(bench.surfaces, listing, disk, store, bench.index.digest, digests)
    reader = Reader(
        work=Work(request.root, bench.settings(request.limits), bench.entries, bench.config.options, request.instead),
        store=store,
        base=bench.index.digest,
        own=bench.digest(request.limits),
        digests=digests,
        jobs=request.config.jobs,
        started=request.started,
        progress=request.progress,
    )
    harvest = reader.read(_concerned(planned.units, bench, listing, request.touching), bench.surfaces)
    court = Court(bench.index, bench.config, bench.entries, bench.surfaces, asked, listing, planned, request.touching)
    report = conclude(court, harvest, ProjectFiles(disk).open)
    return report, [looked, *harvest.read_sets.values()]


def _asked(request: Request, listing: Listing) -> frozenset[str] | None:
    """The files that are reported and owed; None for all, also those that only a reference names."""
    root = os.path.realpath(request.root)
    if request.touching:
        return frozenset(listing.asked)
    if not request.paths or any(os.path.realpath(path) == root for path in request.paths):
        return None
    return frozenset(listing.asked)


def listing_of(request: Request, bench: Bench) -> Listing:
    """The files of the project and those that are asked for. Raises `ConfigError` for a pattern that cannot be used."""
    paths = tuple(path for path in request.paths if path.is_file()) if request.touching else request.paths
    try:
        listing = discover(
            request.root,
            paths,
            suffixes=frozenset(suffix for each in bench.surfaces for suffix in each.suffixes) | UNREAD_SUFFIXES.keys(),
            include=request.config.include,
            exclude=request.config.exclude,
            force_exclude=request.force_exclude,
            limits=request.limits,
        )
    except ValueError as error:  # a pattern that cannot be used
        raise request.config.error(("exclude",), str(error)) from None
    # A file that an editor has not saved yet, or that a fix is to make, is listed by nobody.
    held = {path for path in request.instead if any(belongs(path, each) for each in bench.surfaces)}
    if not request.touching:
        made = {path for path in held if not (request.root / path).is_file()}
        return _with(listing, made) if made else listing
    # Nobody has named the others to have each checked.
    if request.force_exclude:  # what it has saved, and the walk passes over, is excluded
        held = {path for path in held if path in listing.paths or not (request.root / path).is_file()}
    asked = held.union(listing.asked) if paths else held
    return replace(
        listing, paths=tuple(sorted(held.union(listing.paths))), asked=tuple(sorted(asked)), named=frozenset()
    )


def _with(listing: Listing, made: set[str]) -> Listing:
    """The listing with files that are not on the disk; they are asked for where all are."""
    every = tuple(sorted(made.union(listing.paths)))
    return replace(listing, paths=every, asked=every if len(listing.asked) == len(listing.paths) else listing.asked)


def _concerned(units: tuple[Unit, ...], bench: Bench, listing: Listing, touching: bool) -> tuple[Unit, ...]:
    """The units of the surfaces that a file asked for may belong to; all, where surfaces are compared or files touched.

    A unit is read whole, and a surface linked whole, so a single file never yields an absence caused by not looking.
    """
    if len(listing.asked) == len(listing.paths):
        return units
    names = {each.name for each in bench.surfaces if any(belongs(path, each) for path in listing.asked)}
    if names and (touching or bench.entries_of(CONTRACT)):
        return units
    return tuple(unit for unit in units if unit.surface in names)


def _check_options(entry: Entry, config: Config) -> None:
    from archcheck.judge import OptionError, options_of

    try:
        options_of(entry.load(), config.options[entry.id])
    except OptionError as error:
        raise config.error(("rules", entry.id, error.option), error.message) from None


def _check_pattern(glob: str, config: Config) -> None:
    from archcheck.walk import Patterns

    try:
        Patterns((glob,))
    except ValueError as error:
        raise config.error(("per-path", glob), str(error)) from None
