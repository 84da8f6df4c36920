"""Choosing: of all the apps and documents that tell of the same, those that belong together; a tie is left open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from archcheck.source import Location
from archcheck.surface import Gap
from archcheck.surfaces.contract.pairing import Fit, fits
from archcheck.surfaces.openapi.interface import Interface
from archcheck.surfaces.python.route import App

_BOUND = 0.5
_APART = 0.2


class Choice(Struct):
    """What belongs together: the fits that stand, why others do not, and what the settings name in vain.

    `bound` are the documents that name the functions which serve them.
    """

    fits: list[Fit]
    notes: list[str]
    gaps: list[Gap]
    bound: list[Interface] = field(default_factory=list)


def choose(apps: Sequence[App], specs: Sequence[Interface], stated: Iterable[tuple[str, str]]) -> Choice:
    """The fits that stand. `stated` are pairs of a document and an app that the settings put together."""
    choice = Choice([], [], [])
    wanted: list[tuple[Interface, App]] = []
    for document, name in stated:
        spec = next((each for each in specs if each.file == document), None)
        app = next((each for each in apps if _named(each, name)), None)
        if spec is None:
            choice.gaps.append(
                _vain(document, "[contract] pairs names it, and it is no OpenAPI document that was read")
            )
        if app is None:
            choice.gaps.append(_vain(name, "[contract] pairs names it, and no app was found there"))
        if spec is not None and app is not None:
            wanted.append((spec, app))
    settled = {spec.file for spec, _ in wanted}
    for spec, app in wanted:
        found = next(fits([app], [spec]), None)
        choice.fits.append(found or Fit(app, spec, "", "", frozenset(), 1.0))
    taken = {app.at for _, app in wanted}
    rest = [spec for spec in specs if spec.file not in settled]
    choice.bound = [spec for spec in rest if _binds(spec)]
    free = [fit for fit in fits(apps, rest) if fit.spec not in choice.bound and fit.app.at not in taken]
    for fit in _one_app_each(free, choice.notes):
        choice.fits.append(fit)
    choice.fits = _one_telling_each(choice.fits, settled, choice.notes)
    return choice


def _named(app: App, name: str) -> bool:
    path, _, attribute = name.partition(":")
    return app.at.path == path and attribute in ("", app.name)


def _vain(name: str, reason: str) -> Gap:
    return Gap(name, 0, "missing", reason, "correct the setting")


def _binds(spec: Interface) -> bool:
    """Whether its operations name the functions that serve them, as connexion has it: the document makes the routes."""
    named = sum("." in fact.id or bool(fact.controller) for fact in spec.operations)
    return named > _BOUND * len(spec.operations)


def _one_app_each(found: Sequence[Fit], notes: list[str]) -> list[Fit]:
    """For each document the app that serves most of it, or several that serve different parts."""
    by_spec: dict[str, list[Fit]] = {}
    for fit in found:
        by_spec.setdefault(fit.spec.file, []).append(fit)
    kept: list[Fit] = []
    for file, mine in by_spec.items():
        stands, tied = _best(mine)
        kept += stands
        if tied:
            names = " and ".join(f"{fit.app} ({fit.app.at.path})" for fit in tied[:3])
            notes.append(
                f"{file}: not compared, because {names} serve it alike; name one in [contract] pairs of the settings"
            )
    return kept


def _one_telling_each(found: Sequence[Fit], settled: set[str], notes: list[str]) -> list[Fit]:
    """For each app the document that tells most of it, or several that tell of different parts."""
    by_app: dict[Location, list[Fit]] = {}
    for fit in found:
        by_app.setdefault(fit.app.at, []).append(fit)
    kept: list[Fit] = []
    for mine in by_app.values():
        sure = [fit for fit in mine if fit.spec.file in settled]
        stands, tied = (sure, []) if sure else _best(mine)
        kept += stands
        if tied:
            names = " and ".join(fit.spec.file for fit in tied[:3])
            notes.append(
                f"{tied[0].app} ({tied[0].app.at.path}): not compared, because {names} describe it alike; "
                "name one in [contract] pairs of the settings"
            )
    return kept


def _best(mine: Sequence[Fit]) -> tuple[list[Fit], list[Fit]]:
    """Those that stand, or else those that tie. Fits that share little stand together; of others the largest, then the
    nearest does.
    """
    ranked = sorted(mine, key=lambda fit: (-len(fit.shared), -_nearness(fit), fit.spec.file, fit.app.at))
    kept: list[Fit] = []
    for fit in ranked:
        rival = next((each for each in kept if len(each.shared & fit.shared) > _APART * len(fit.shared)), None)
        if rival is None:
            kept.append(fit)
        elif (len(rival.shared), _nearness(rival)) == (len(fit.shared), _nearness(fit)):
            return [], [rival, fit]
    return kept, []


def _nearness(fit: Fit) -> int:
    """How many folders the two have in common."""
    count = 0
    for left, right in zip(fit.spec.file.split("/")[:-1], fit.app.at.path.split("/")[:-1], strict=False):
        if left != right:
            break
        count += 1
    return count
