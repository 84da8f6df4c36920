"""What a document can bind its operations to, as connexion has it: the functions of all modules by their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from archcheck.surfaces.python.interface import Interface
from archcheck.surfaces.python.routes_answers import Answers
from archcheck.surfaces.python.routes_auth import Guards
from archcheck.surfaces.python.routes_values import Func, Place
from archcheck.surfaces.python.served import Bound, Home

_BINDS: Final = "connexion"


def homes(modules: Sequence[Interface], places: dict[str, Place], guards: Guards) -> Iterator[Home]:
    """The modules of a project where anything binds a document to functions."""
    if not any(_origins(module) for module in modules):
        return
    answers = Answers(guards, guards.reader)
    for module in modules:
        if module.place != "test":
            yield _home(module, places[module.path], guards, answers)


def _origins(module: Interface) -> bool:
    return any(origin.partition(".")[0] == _BINDS for origin in module.imports.values())


def _home(module: Interface, place: Place, guards: Guards, answers: Answers) -> Home:
    body = module.web.body if module.web is not None else ()
    env = guards.runner.names.module(place, body, module.imports, module.stars)
    functions = [held for held in env.names.values() if isinstance(held, Func) and held.env.module is place]
    told = tuple(_bound(held, guards, answers) for held in functions if held.owner is None)
    told_of = (*module.answers, *module.imports, *module.others, *env.names)
    names = {name.removesuffix("()").partition(".")[0] for name in told_of}
    opened = bool(module.stars) or "__getattr__" in names
    return Home(module.module, module.path, told, tuple(sorted(names)), opened, _origins(module))


def _bound(func: Func, guards: Guards, answers: Answers) -> Bound:
    success, answered = answers.returned(func, None)
    raised = tuple(guards.reader.raises(func).own)
    return Bound(func.function.name, func.at, raised, success, tuple(sorted(answered)))
