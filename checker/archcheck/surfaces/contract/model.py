"""The model of the meeting: what the surfaces of a project have in common, and what they tell differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from archcheck.surface import Allow, Coverage, Piece
from archcheck.surfaces.contract.pairing import Fit, settled
from archcheck.surfaces.contract.pairing_bound import bind
from archcheck.surfaces.contract.pairing_choice import choose
from archcheck.surfaces.contract.pairing_drifts import drifts
from archcheck.surfaces.contract.pairing_routes import match
from archcheck.surfaces.contract.pairing_tables import clashes, couples
from archcheck.surfaces.openapi.interface import Interface
from archcheck.surfaces.python.route import App
from archcheck.surfaces.python.served import Home
from archcheck.surfaces.sql.interface import HistoryView


class Met:
    """Documents with the apps that serve them and the tables behind them."""

    def __init__(
        self,
        specs: Sequence[Interface],
        apps: Sequence[App],
        stated: Iterable[tuple[str, str]],
        histories: Sequence[HistoryView] = (),
        homes: Sequence[Home] = (),
    ) -> None:
        self.coverage = Coverage()
        self._specs = specs
        self._apps = [settled(app) for app in apps]
        self._stated = tuple(stated)
        self._histories = histories
        self._homes = homes

    def pieces(self) -> Iterator[Piece]:
        """One piece: what is compared is all known."""
        yield Piece("all", True, self._subjects)

    def allows(self) -> Iterable[Allow]:
        """None: acceptances are in the files of the other surfaces."""
        return ()

    def interface(self) -> bytes:
        """Nothing: this is the end."""
        return b""

    def memory(self) -> bytes:
        """Nothing: it is worked out anew when anything has changed."""
        return b""

    def _subjects(self, wanted: frozenset[type]) -> Iterator[object]:
        for subject in chain(self._routes(), self._tables()):
            if type(subject) in wanted:
                yield subject

    def _routes(self) -> Iterator[object]:
        choice = choose(self._apps, self._specs, self._stated)
        bound, notes = bind(choice.bound, self._homes)
        coverage = self.coverage
        coverage.notes += choice.notes + notes
        coverage.gaps += choice.gaps
        matched = 0
        for found in chain(map(match, _joined(choice.fits)), bound):
            matched += len(found.matched)
            yield from found.undocumented
            yield from found.unimplemented
            yield from drifts(found)
            coverage.notes += found.notes
            for rule, count in found.undecided.items():
                coverage.undecided[rule] = coverage.undecided.get(rule, 0) + count
        if choice.fits or bound:
            coverage.counts["comparisons"] = len(choice.fits) + len(bound)
            coverage.counts["routes"] = matched

    def _tables(self) -> Iterator[object]:
        found = list(couples(self._specs, self._histories))
        if found:
            self.coverage.counts["comparisons"] = self.coverage.counts.get("comparisons", 0) + 1
            self.coverage.counts["tables"] = len({couple.table.at for couple in found})
        yield from clashes(found)


def _joined(fits: Sequence[Fit]) -> list[list[Fit]]:
    """Fits that have an app or a document in common, together."""
    groups: list[list[Fit]] = []
    for fit in fits:
        near = [g for g in groups if any(o.app.at == fit.app.at or o.spec.file == fit.spec.file for o in g)]
        groups = [g for g in groups if not any(g is one for one in near)]
        groups.append([*(each for group in near for each in group), fit])
    return groups
