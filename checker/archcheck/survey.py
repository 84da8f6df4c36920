"""A survey asks one surface what its units are, and judges nothing: for commands that list what there is."""

from __future__ import annotations

from msgspec import Struct

from archcheck import packs
from archcheck.cache import NoStore, Store
from archcheck.engine import Bench, Request, listing_of
from archcheck.files import Disk
from archcheck.plan import remembered_plan
from archcheck.reading import Reader, Work
from archcheck.registry import SURFACES
from archcheck.surface import Gap


class Survey(Struct, frozen=True):
    """What the units of a surface tell of themselves, by name and encoded, and what could not be read."""

    interfaces: tuple[tuple[str, bytes], ...]
    gaps: tuple[Gap, ...]


def survey(request: Request, surface: str) -> Survey:
    """Read the units of a surface that the asked files belong to. Raises `ConfigError`."""
    disk = Disk(request.root, request.limits.file_size)
    with Store.open(request.cache_dir, request.root) if request.cache else NoStore() as store:
        bench = Bench(packs.load(packs.Compiled(), store), request.config, (), (SURFACES[surface],))
        listing = listing_of(request, bench)
        digests = store.digests(listing.stats, request.root, limit=request.limits.file_size)
        planned, _ = remembered_plan(bench.surfaces, listing, disk, store, bench.index.digest, digests)
        asked = frozenset(listing.asked)
        units = [unit for unit in planned.units if asked.intersection(unit.files)]
        reader = Reader(
            work=Work(request.root, bench.settings(request.limits), (), {}),
            store=store,
            base=bench.index.digest,
            own=bench.digest(request.limits),
            digests=digests,
            jobs=request.config.jobs,
        )
        harvest = reader.read(units, bench.surfaces)
        told = reader.told(units, harvest)
    gaps = dict.fromkeys(gap for outcome in harvest.outcomes.values() for gap in outcome.gaps)
    return Survey(told, (*listing.gaps, *gaps))
