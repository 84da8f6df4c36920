"""What `check --since` adds to a report: the documents that have changed, compared with what they were then."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from archcheck import packs
from archcheck.cache import NoStore, Store
from archcheck.cli import streams
from archcheck.cli.options import CheckArguments
from archcheck.cli.touched import within
from archcheck.config import ConfigError
from archcheck.diffing import Bar, Couple, Found, compare_pairs, joined, report_of
from archcheck.engine import Bench, Request, listing_of
from archcheck.files import Disk
from archcheck.git import GitError, gone_since, prefix_of, renamed_since, start_of_work
from archcheck.plan import remembered_plan
from archcheck.report import Report
from archcheck.revisions import Revision
from archcheck.sides import Side
from archcheck.source import Unread
from archcheck.surfaces.openapi.surface import OpenApi

_ELSEWHERE: Final = re.compile(rb"""\$ref["']?[ \t]*:\s*["']?(?!["'#])\S""")
"""A reference that leads out of its file."""
_SHORT: Final = 12


class _Since(Struct, frozen=True):
    """What git tells: the commit, the files that differ, those that are gone, and the former names of some."""

    commit: str
    prefix: str
    changed: frozenset[str]
    gone: tuple[str, ...]
    renamed: Mapping[str, str]


def compared(report: Report, request: Request, arguments: CheckArguments, asked: Sequence[Path]) -> Report:
    """The report with what breaks clients of the documents that have changed since a revision. Raises `ConfigError`.

    `asked` are the paths that the run is limited to; none for all.
    """
    index = packs.load(packs.Compiled())
    bench = Bench.of(index, request.config)
    if not bench.changes:
        return report
    since = _since(request, arguments.since, asked)
    limit = request.limits.file_size
    ground = Revision(str(request.root), since.commit, since.prefix, limit)
    bar = Bar(
        index=index,
        config=bench.config,
        entries=bench.changes,
        base=Side(ground, f"{since.commit[:_SHORT]}:{since.prefix}", ()),
        revision=Side(Disk(request.root, limit), "", ()),
        today=datetime.now(UTC).date(),
        limits=request.limits,
        changed=since.changed,
        lenient=True,
    )
    found = Found()
    if any(path.lower().endswith(OpenApi.suffixes) for path in since.changed):
        pairs = _pairs(bar, since, _roots(request, bench, since))
        found = compare_pairs(bar, pairs)
    for note in found.notes if not arguments.quiet else ():
        streams.complain(note)
    return joined(report, report_of(bar, found), bar)


def _since(request: Request, revision: str, asked: Sequence[Path]) -> _Since:
    root = request.root
    try:
        commit = start_of_work(str(root), revision)
        gone = within(asked, (root / name for name in gone_since(str(root), commit)))
        renamed, prefix = renamed_since(str(root), commit), prefix_of(str(root))
    except GitError as error:
        raise ConfigError("", 0, f"--since: {error}") from None
    left = [path.relative_to(root).as_posix() for path in gone]
    changed = (path.relative_to(root).as_posix() for path in request.paths)
    return _Since(commit, prefix, frozenset((*changed, *left)), tuple(left), renamed)


def _roots(request: Request, bench: Bench, since: _Since) -> list[str]:
    """The documents that may have changed: those that differ, and those that refer to other files."""
    disk = Disk(request.root, request.limits.file_size)
    whole = replace(request, paths=(), touching=False)
    with Store.open(request.cache_dir, request.root) if request.cache else NoStore() as store:
        listing = listing_of(whole, bench)
        digests = store.digests(listing.stats, request.root, limit=request.limits.file_size)
        planned, _ = remembered_plan(bench.surfaces, listing, disk, store, bench.index.digest, digests)
    roots = [unit.name for unit in planned.units if unit.surface == OpenApi.name]
    return [root for root in roots if root in since.changed or _refers(disk, root)]


def _refers(disk: Disk, path: str) -> bool:
    try:
        return _ELSEWHERE.search(disk.read(path)) is not None
    except Unread:
        return False


def _pairs(bar: Bar, since: _Since, roots: Sequence[str]) -> list[Couple]:
    """Every document with the one that it was, found by its path, or by the name that git says it had."""
    former = {path: since.renamed.get(path, path) for path in roots}
    gone = [path for path in since.gone if path not in former.values() and path.lower().endswith(OpenApi.suffixes)]
    known = set(replace(bar.base, paths=tuple(dict.fromkeys((*former.values(), *gone)))).roots()[0])
    pairs = [Couple(before if before in known else "", path) for path, before in former.items()]
    return pairs + [Couple(path) for path in gone if path in known]
