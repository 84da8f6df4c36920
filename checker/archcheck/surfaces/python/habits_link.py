"""Joining the habits of all modules: helpers that stop the event loop, prints in a service, one setup of logs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from archcheck.surface import SubjectSource
from archcheck.surfaces.python.habits import Ask, Habits, Stall
from archcheck.surfaces.python.interface import Interface
from archcheck.surfaces.python.logs import LogSetup, Prints
from archcheck.surfaces.python.outbound import Blocked, Unguarded
from archcheck.surfaces.python.route import rehearses

Find = Callable[[str, Interface], Interface | None]
_FARTHEST: Final = 5
_SHOWN: Final = 6
_TESTS: Final = re.compile(r"(?:^|/)(?:tests?|\w*migrations)/")
_MIGRATES: Final = re.compile(r"migrations/(?:\w+/)*\d{4}_\w+\.py$")


def habitual(modules: Sequence[Interface]) -> bool:
    """Whether any module has something to tell that only the project can judge."""
    return any(module.habits is not None and (module.habits.asks or module.habits.outside) for module in modules)


def judged(modules: Sequence[Interface], find: Find) -> SubjectSource:
    """What rules may want to see of the joined habits."""

    def subjects(wanted: frozenset[type]) -> Iterator[object]:
        told = [(module, module.habits) for module in modules if module.habits is not None]
        if Blocked in wanted:
            yield from _blocked(told, find)
        if Unguarded in wanted:
            yield from _unguarded(told, modules)
        if any(module.web is not None and module.web.web for module in modules):
            yield from _prints(told, modules, find) if Prints in wanted else ()
            yield from _setup(told, modules) if LogSetup in wanted else ()

    return subjects


_Told = Sequence[tuple[Interface, Habits]]


def _blocked(told: _Told, find: Find) -> Iterator[Blocked]:
    """One for each helper that waits, at the first coroutine that calls it; for calls that wait themselves, one for
    each function and kind of work."""
    found: dict[object, list[tuple[Ask, Stall]]] = {}
    for module, habits in told:
        for ask in habits.asks:
            stall = ask.stall or _answer(ask.target, module, find, 0)
            if stall is not None:
                found.setdefault((ask.function, stall.kind) if ask.stall else stall.at, []).append((ask, stall))
    for several in found.values():
        several.sort(key=lambda one: (one[0].at.path, one[0].at.line, one[0].at.column))
        ask, stall = several[0]
        steps = [(f"`{stall.inner}` waits here", stall.at)] if ask.stall is None else []
        steps += (("so does this", other.at) for other, _ in several[1:_SHOWN])
        yield Blocked(ask.at, ask.function, ask.call, stall.inner, stall.kind, tuple(steps), len(several) - 1)


def _answer(target: str, asker: Interface, find: Find, far: int) -> Stall | None:
    """Whether a function of the project waits, through re-exports."""
    if far > _FARTHEST:
        return None
    parts = target.split(".")
    if target.startswith(f"{asker.module}."):
        rest = target[len(asker.module) + 1 :]
        return asker.habits.stalls.get(rest) if asker.habits is not None else None
    for cut in range(len(parts) - 1, 0, -1):
        module = find(".".join(parts[:cut]), asker)
        if module is None:
            continue
        rest = ".".join(parts[cut:])
        if module.habits is not None and rest in module.habits.stalls:
            return module.habits.stalls[rest]
        head, _, tail = rest.partition(".")
        origin = module.imports.get(head)
        return _answer(f"{origin}.{tail}" if tail else origin, module, find, far + 1) if origin else None
    return None


def _unguarded(told: _Told, modules: Sequence[Interface]) -> Iterator[Unguarded]:
    """A module that calls out, where neither it nor a module that imports it speaks of retries or breakers."""
    guards = [module for module, habits in told if habits.guards]
    guarded = {name for module in guards for origin in module.imports.values() for name in _beginnings(origin)}
    for module, habits in told:
        if habits.outside is None or habits.guards or module.module in guarded:
            continue
        count, call, at = habits.outside
        yield Unguarded(at, module.module, call, count)


def _beginnings(origin: str) -> Iterator[str]:
    parts = origin.split(".")
    for end in range(1, len(parts) + 1):
        yield ".".join(parts[:end])


def _prints(told: _Told, modules: Sequence[Interface], find: Find) -> Iterator[Prints]:
    printing = [(module, habits) for module, habits in told if habits.prints]
    importers = _importers(modules, find) if printing else {}
    for module, habits in printing:
        if rehearses(module.path) or _MIGRATES.search(module.path):
            continue
        if _commanded(module, importers) or not _reached(module, importers):
            continue
        asking = [(asker, set(_brought(asker))) for asker in importers.get(module.path, ())]
        left = [at for at, function in habits.prints if not _of_commands(f"{module.module}.{function}", asking)]
        if left:
            yield Prints(module.module, left[0], len(left))


def _of_commands(function: str, asking: Sequence[tuple[Interface, set[str]]]) -> bool:
    """Whether only commands and scripts import a function, of all that import its module."""
    named = [asker for asker, brought in asking if function in brought]
    return bool(named) and all(asker.place != "service" for asker in named)


def _importers(modules: Sequence[Interface], find: Find) -> dict[str, list[Interface]]:
    """Which modules import one, by its path."""
    found: dict[str, list[Interface]] = {}
    for asker in modules:
        for origin in _brought(asker):
            module = find(origin, asker) or find(origin.rpartition(".")[0], asker)
            if module is not None:
                found.setdefault(module.path, []).append(asker)
    return found


def _brought(asker: Interface) -> set[str]:
    brings = asker.habits.brings if asker.habits is not None else ()
    return {*asker.imports.values(), *asker.stars, *brings}


def _commanded(module: Interface, importers: dict[str, list[Interface]]) -> bool:
    """Whether only commands, scripts, tests and migrations ever reach a module: its prints are read at a terminal."""
    pending, seen, found = [module], {module.path}, False
    while pending:
        here = pending.pop()
        if here.place != "service" or _TESTS.search(here.path):
            found = True
            continue
        asking = importers.get(here.path, ())
        if (here.web is not None and here.web.web) or not asking:
            return False
        pending += [asker for asker in asking if asker.path not in seen]
        seen.update(asker.path for asker in asking)
    return found


def _reached(module: Interface, importers: dict[str, list[Interface]]) -> bool:
    """Whether anything that serves or works reaches a module: what only the front of a library takes is for its users.

    A module that nobody imports may be loaded by its name, but for the front of a package.
    """
    pending, seen = [module], {module.path}
    while pending:
        here = pending.pop()
        if (here.web is not None and here.web.web) or here.jobs is not None:
            return True
        asking = importers.get(here.path, ())
        if not asking and not (here.path.endswith("__init__.py") and here is not module):
            return True
        pending += [asker for asker in asking if asker.path not in seen]
        seen.update(asker.path for asker in asking)
    return False


def _setup(told: _Told, modules: Sequence[Interface]) -> Iterator[LogSetup]:
    """The setup of the package that serves most; that of tools beside it is another matter."""
    serving = Counter(_top(module) for module in modules if module.web is not None and module.web.web)
    most = max(serving.values(), default=0)
    setups = [
        habits.setup
        for module, habits in told
        if habits.setup is not None and serving[_top(module)] and (serving[_top(module)] == most or _starts(module))
    ]
    if setups:
        first = min(setups, key=lambda setup: (setup.at.path.count("/"), setup.at.path))
        yield LogSetup(first.at, first.call, any(habits.structured for _, habits in told))


def _starts(module: Interface) -> bool:
    """Whether a module is one of Django's settings, or stands at the root where services are started."""
    return "ROOT_URLCONF" in module.texts or "/" not in module.path


def _top(module: Interface) -> str:
    return module.module.partition(".")[0]
