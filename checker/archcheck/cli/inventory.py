"""The files that a run would check, without checking them."""

from __future__ import annotations

from archcheck import packs
from archcheck.cache import NoStore
from archcheck.engine import Bench, Request, listing_of
from archcheck.files import Disk, ProjectFiles
from archcheck.plan import plan


def files(request: Request) -> list[str]:
    """Root-relative paths, sorted: the files of all units that are asked for.

    What a unit opens only while it is read (the targets of references) is not known yet.
    """
    bench = Bench.of(packs.load(packs.Compiled()), request.config)
    listing = listing_of(request, bench)
    disk = Disk(request.root, request.limits.file_size)
    planned = plan(bench.surfaces, listing, ProjectFiles(disk), NoStore(), b"", {})
    return sorted({path for unit in planned.units for path in unit.files} & set(listing.asked))
