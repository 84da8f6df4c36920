"""What only all modules together tell beside their routes and queries: work, layers, stored passwords."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from archcheck.surface import Coverage, SubjectSource
from archcheck.surfaces.python.credential import PasswordUse
from archcheck.surfaces.python.interface import Interface
from archcheck.surfaces.python.layer import Breach, Mixture
from archcheck.surfaces.python.routes_compose import Composed
from archcheck.surfaces.python.task import Task, TaskApp


def joins(modules: Sequence[Interface]) -> bool:
    """Whether any module tells of what is joined here."""
    return any(module.jobs is not None or module.leaning is not None or module.vault is not None for module in modules)


def joint(
    modules: Sequence[Interface],
    find: Callable[[str, Interface], Interface | None],
    routes: Callable[[], Composed],
    coverage: Coverage,
) -> SubjectSource:
    """The subjects of the wanted types; what joins a kind of them is imported only when it is wanted."""

    def subjects(wanted: frozenset[type]) -> Iterator[object]:
        if not wanted.isdisjoint((Task, TaskApp)):
            from archcheck.surfaces.python.tasks_link import tasks

            yield from (subject for subject in tasks(modules, find, coverage) if type(subject) in wanted)

        if PasswordUse in wanted:
            from archcheck.surfaces.python.vault_link import stored

            yield from stored(modules, find)
        if Mixture in wanted:
            from archcheck.surfaces.python.layers_link import mixtures

            yield from mixtures(modules, routes())
        if Breach in wanted:
            from archcheck.surfaces.python.layers_link import breaches

            yield from breaches(modules, coverage)

    return subjects
