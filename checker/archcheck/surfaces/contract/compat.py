"""Compares two releases of one API: what a client that relied on the first will miss in the second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from archcheck.surface import Coverage
from archcheck.surfaces.contract.changes import Change
from archcheck.surfaces.contract.compat_ledger import Ledger
from archcheck.surfaces.contract.compat_paths import Comparison
from archcheck.surfaces.contract.compat_release import release
from archcheck.surfaces.openapi.model import OpenApiModel


def compare(
    base: OpenApiModel, revision: OpenApiModel, *, today: date | None = None, coverage: Coverage | None = None
) -> Iterator[Change]:
    """Everything that differs between two documents as far as clients can tell, in the order of the revision.

    Both models are read by `archcheck.surfaces.openapi`, each through a door and under a path of its own: the paths of
    the places are those of the sources, so a caller that reads the same file at two revisions gives them two names, or
    knows them apart by `Change.base` and `Change.revision`. Versions may differ, from 2.0 to 3.2. The last subject is
    always one `Release`. Subjects hold no parser nodes; rules judge them by type, and `Change.breaking` tells what
    breaks clients without asking a rule. Nothing is printed, opened or raised beyond `Unread` of either model.

    `today` is the day against which sunset dates are held; without it a date that is given counts as still to come.
    `coverage`, when given, receives the counts of operations and schemas compared, and by reason what was undecided.
    """
    ledger = Ledger()
    comparison = Comparison(base.api, revision.api, ledger, today)
    comparison.run()
    changes = list(ledger.changes())
    yield from changes
    yield release(base.api, revision.api, changes)
    if coverage is not None:
        coverage.counts["operations"] = len(ledger.operations)
        coverage.counts["schemas"] = comparison.relation.compared
        for reason, count in ledger.undecided.items():
            coverage.undecided[reason] = coverage.undecided.get(reason, 0) + count
