"""Names across modules: what an absolute dotted name or a star import means to a module, which runs when asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from archcheck.surfaces.python.routes_form import Deed
from archcheck.surfaces.python.routes_values import MISSING, Env, Module, Place, Ref, Unknown, Value

if TYPE_CHECKING:
    from archcheck.surfaces.python.routes_run import Runner

Found: TypeAlias = tuple[Place, Sequence[Deed], dict[str, str], tuple[str, ...]]
"""A module with what it does, what it imports, and what it imports whole."""

Home: TypeAlias = tuple[Found, str, tuple[str, ...]]

_NESTED: Final = 25


class Names:
    """The modules of a project. `find` gives the one of a dotted name as an asker means it, `plain` tells of a function
    that has nothing worth telling."""

    def __init__(
        self,
        runner: Runner,
        find: Callable[[str, Place], Found | None],
        plain: Callable[[Place, str], bool],
    ) -> None:
        self.runner = runner
        self.find = find
        self.plain = plain
        self.nesting = 0
        self.seeking: set[tuple[Place, str]] = set()
        self.following: set[tuple[Place, str]] = set()
        self.stars: dict[Place, tuple[str, ...]] = {}
        self.homes: dict[tuple[str, Place], Home | None] = {}
        self.brought: dict[tuple[Place, str], tuple[int, Value]] = {}
        self.ran = self.circles = 0

    def module(self, place: Place, deeds: Sequence[Deed], imports: dict[str, str], stars: tuple[str, ...]) -> Env:
        """The names of a module; it runs once, however often it is asked for."""
        if place.env is None:
            place.env = Env(place, imports=imports)
            self.stars[place] = stars
            depth, self.runner.depth = self.runner.depth, 0
            # A module that runs in between binds names: what was sought before may be there when it is sought again.
            following, self.following = self.following, set()
            self.nesting += 1
            if self.nesting < _NESTED:
                self.runner.run(deeds, place.env)
            self.ran += 1
            self.nesting -= 1
            self.runner.depth, self.following = depth, following
        return place.env

    def dotted(self, name: str, asker: Place) -> Value:
        """What an absolute dotted name means to a module: a module, what it holds, or a library's name."""
        home = self._home(name, asker)
        if home is None:
            return Ref(name)
        (place, deeds, imports, stars), dotted, rest = home
        if not rest and (shadow := self._shadow(name, asker)):
            return self.dotted(shadow, asker)
        value: Value = Module(place, dotted)
        self.module(place, deeds, imports, stars)
        for part in rest:
            value = self.runner.attribute(value, part)
        return value

    def _shadow(self, name: str, asker: Place) -> str:
        """What a package holds under the name of one of its modules, where it imports it from that very module."""
        package, _, last = name.rpartition(".")
        found = self.find(package, asker) if package else None
        origin = found[2].get(last, "") if found is not None else ""
        return origin if origin.startswith(f"{name}.") else ""

    def _home(self, name: str, asker: Place) -> Home | None:
        """The module that a dotted name begins with, and what is left of the name; each name is looked up once."""
        key = (name, asker)
        if key not in self.homes:
            parts = name.split(".")
            self.homes[key] = None
            for cut in range(len(parts), 0, -1):
                found = self.find(".".join(parts[:cut]), asker)
                if found is not None:
                    self.homes[key] = found, ".".join(parts[:cut]), tuple(parts[cut:])
                    break
        return self.homes[key]

    def of_module(self, place: Place, dotted: str, name: str) -> Value:
        """What a module holds under a name: its own, imported, a module within it, or brought by a star."""
        env = place.env
        if env is not None and name in env.names:
            return env.names[name]
        if env is not None and name in env.imports:
            return self._imported(env.imports[name], place, name)
        inner = self.find(f"{dotted}.{name}", place)
        if inner is not None:
            self.module(*inner)
            return Module(inner[0], f"{dotted}.{name}")
        found = self.starred(place, name)
        if found is not MISSING:
            return found
        # A function of which nothing was worth telling: it neither refuses nor builds anything.
        return Ref(f"<plain>.{name}") if self.plain(place, name) else Unknown(name)

    def _imported(self, dotted: str, place: Place, name: str) -> Value:
        """What a module imports under a name; modules that import a name from each other have nobody who makes it."""
        key = (place, name)
        if key in self.following:
            return Unknown(name)
        self.following.add(key)
        try:
            return self.dotted(dotted, place)
        finally:
            self.following.discard(key)

    def starred(self, place: Place, name: str) -> Value:
        """What a star import brought under a name, however the imports turn in circles."""
        if not self.stars.get(place):
            return MISSING
        key = (place, name)
        ran, known = self.brought.get(key, (-1, MISSING))
        if ran == self.ran:
            return known
        if key in self.seeking:
            self.circles += 1
            return MISSING
        ran, circles = self.ran, self.circles
        self.seeking.add(key)
        try:
            found = self._brought(place, name)
        finally:
            self.seeking.discard(key)
        if circles == self.circles or not self.seeking:
            # What was asked within a circle may still be found another way round.
            self.brought[key] = ran, found
        return found

    def _brought(self, place: Place, name: str) -> Value:
        for star in self.stars.get(place, ()):
            found = self.dotted(f"{star}.{name}", place)
            if not isinstance(found, Ref | Unknown):
                return found
        return MISSING
