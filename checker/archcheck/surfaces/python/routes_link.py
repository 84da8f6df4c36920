"""Joining the facts of all modules into apps and their routes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from msgspec import structs

from archcheck.source import Location
from archcheck.surfaces.python.interface import Interface
from archcheck.surfaces.python.routes_bound import homes
from archcheck.surfaces.python.routes_builder import ADDS, joined
from archcheck.surfaces.python.routes_compose import Composed, Composer
from archcheck.surfaces.python.routes_django import Django
from archcheck.surfaces.python.routes_facts import FRAMEWORKS
from archcheck.surfaces.python.routes_form import Attr, Bind, Deed, Do, Invoke, Name
from archcheck.surfaces.python.routes_run import Runner
from archcheck.surfaces.python.routes_values import Class, Func, Instance, Place, Ref
from archcheck.surfaces.python.routes_wire import BUILDS

_LIMITS: Final = re.compile(r"(?:^|[._])(?:rate_?limit|throttl)", re.IGNORECASE)


def routes(modules: Sequence[Interface], find: Callable[[str, Interface], Interface | None]) -> Composed:
    """Every route of a project. `find` gives the module that a dotted name means to a module."""
    telling = [module for module in modules if module.web is not None and module.web.web]
    if not telling:
        return Composed()
    places = {
        module.path: Place(module.path, module.module, None, module.web.branches if module.web is not None else ())
        for module in modules
    }
    by_path = {module.path: module for module in modules}

    @cache
    def known(name: str, asker: Place) -> tuple[Place, Sequence[Deed], dict[str, str], tuple[str, ...]] | None:
        found = find(name, by_path[asker.path])
        if found is None or (name.partition(".")[0] in FRAMEWORKS and found.module != name):
            return None
        body = found.web.body if found.web is not None else ()
        return places[found.path], body, found.imports, found.stars

    def plain(place: Place, name: str) -> bool:
        return f"{name}()" in by_path[place.path].answers

    runner = Runner(known, plain)
    for module in telling:
        assert module.web is not None
        try:
            runner.names.module(places[module.path], module.web.body, module.imports, module.stars)
        except RecursionError:
            runner.wiring.lost.append(("it wires too deeply to be followed", Location(module.path, 1)))
    _call_the_rest(runner)
    _call_the_initializers(runner)
    for module in _settings(modules, find):
        body = module.web.body if module.web is not None else ()
        runner.names.module(places[module.path], body, module.imports, module.stars)
    branches = {path: place.branches for path, place in places.items() if place.branches}
    named = {kit for module in modules if module.web is not None for kit in module.web.kits}
    if any(_LIMITS.search(module.module) for module in modules):
        named.add("own-limiter")
    kits = tuple(sorted(named))
    composer = Composer(runner, branches, kits)
    composed = composer.compose()
    envs = {path: place.env for path, place in sorted(places.items()) if place.env is not None}
    django = Django(runner, composer.guards, composer.entries.handling, envs)
    composed.apps += django.apps()
    composed.hooks += {hook.at: hook for hook in django.hooks}.values()
    composed.apps = [structs.replace(app, kits=kits) for app in composed.apps]
    composed.routers += django.orphans(any(app.framework == "django" for app in composed.apps))
    composed.notes += [f"{at.path}:{at.line}: {text}" for text, at in dict.fromkeys(django.lost)]
    composed.homes = list(homes(modules, places, composer.guards))
    return composed


def _settings(modules: Sequence[Interface], find: Callable[[str, Interface], Interface | None]) -> Sequence[Interface]:
    """The modules that name a root urlconf, and those that gather them: `from .django import *` in a package."""
    rooted = {module.path for module in modules if module.web is not None and "ROOT_URLCONF" in module.answers}
    return [
        module
        for module in modules
        if module.path in rooted
        or (rooted and module.web is not None and any(map(_settles, module.web.body)))
        or (rooted and any((held := find(star, module)) and held.path in rooted for star in module.stars))
    ]


def _settles(deed: Deed) -> bool:
    """Whether a statement sets what holds for every view of Django."""
    match deed:
        case Bind(Name(name)) | Do(Invoke(Attr(Name(name)))):
            return name in ("MIDDLEWARE", "REST_FRAMEWORK")
    return False


def _call_the_rest(runner: Runner) -> None:
    """Factories that nobody calls here are called by a server or by a plugin's host: callers before what they call."""
    waiting = [func for func in _wiring(runner.functions) if func.owner is None]
    while waiting:
        waiting = [func for func in waiting if id(func.function) not in runner.called]
        mentioned = {
            name.rpartition(".")[2] for func in waiting for name in func.function.calls if name != func.function.name
        }
        outermost = [func for func in waiting if func.function.name not in mentioned] or waiting[:1]
        for func in outermost:
            if id(func.function) not in runner.called:
                runner.call(func, (), {}, func.at)


def _call_the_initializers(runner: Runner) -> None:
    """Methods that add views to a builder of Flask-AppBuilder, and the function that makes its app."""
    for func in list(runner.functions):
        needs = [param for param in func.function.params[1:] if param.default is None and not param.star]
        if func.owner is None or needs or id(func.function) in runner.called:
            continue
        if any(name.rpartition(".")[2] in ADDS for name in func.function.calls):
            runner.call(func, (Instance(func.owner, (), {}, func.at),), {}, func.at)
    if any(node.what == "builder" for node in runner.wiring.nodes):
        for func in list(runner.functions):
            if func.owner is None and id(func.function) not in runner.called and _makes_app(func, runner):
                runner.call(func, (), {}, func.at)
        joined(runner.wiring.nodes)


def _makes_app(func: Func, runner: Runner) -> bool:
    """Whether a function makes an app of a class of the project's own."""
    for name in func.function.calls:
        held = runner.lookup(name, func.env) if "." not in name and name[:1].isupper() else None
        if isinstance(held, Class) and any(
            isinstance(each, Ref) and BUILDS.get(each.name, ("", "", False))[2] for each in held.mro()
        ):
            return True
    return False


def _wiring(functions: Sequence[Func]) -> list[Func]:
    """The functions that wire something, themselves or through another one that is called by its bare name."""
    found = [func for func in functions if func.function.wires]
    for _ in range(3):
        names = {func.function.name for func in found}
        found = [func for func in functions if func.function.wires or not names.isdisjoint(func.function.calls)]
    return found
