"""What forms come to when the modules of a project are joined: functions, classes, instances, and the router graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct, field

from archcheck.source import Location
from archcheck.surfaces.python.routes_form import Function, Kind, Spot


class Env(Struct, eq=False):
    """Names and what they hold: of a module, a class or a function while it runs."""

    module: Place
    parent: Env | None = None
    names: dict[str, Value] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    returned: list[Value] = field(default_factory=list)
    owner: Class | None = None


class Place(Struct, eq=False):
    """A module: its path, and its names once it ran."""

    path: str
    name: str
    env: Env | None = None
    branches: tuple[tuple[int, int], ...] = ()

    def at(self, spot: Spot) -> Location:
        """The location of a spot."""
        return Location(self.path, spot.line, spot.column, spot.end)


class Unknown(Struct, eq=False):
    """A value that is not known, as a person would name it. `param` marks an argument nobody gives here."""

    text: str
    param: bool = False
    note: Value = None


class Ref(Struct, eq=False):
    """A name of a library."""

    name: str


class Module(Struct, eq=False):
    """A module of the project."""

    place: Place
    name: str


class Func(Struct, eq=False):
    """A function of the project; `owner` is the class it stands in, `given` what a decorator or partial bound."""

    function: Function
    env: Env
    owner: Class | None = None
    guards: tuple[tuple[Value, Spot], ...] = ()

    @property
    def at(self) -> Location:
        """Where its name stands."""
        return self.env.module.at(self.function.at)

    @property
    def dotted(self) -> str:
        """`app.api:create_user`."""
        return f"{self.env.module.name}:{self.function.qualname}"


class Class(Struct, eq=False):
    """A class of the project; `open` says that it inherits from what is not known, too."""

    kind: Kind
    env: Env
    bases: list[Value]
    names: dict[str, Value] = field(default_factory=dict)
    decorators: list[Value] = field(default_factory=list)
    open: bool = False

    @property
    def at(self) -> Location:
        """Where its name stands."""
        return self.env.module.at(self.kind.at)

    def mro(self) -> list[Class | Ref]:
        """The class and what it inherits from, nearest first."""
        found: list[Class | Ref] = []
        stack: list[Value] = [self]
        while stack and len(found) < 60:
            top = stack.pop(0)
            if isinstance(top, Instance):
                # `Base[Model]`, or a base that a call made.
                top = top.of
            if isinstance(top, Ref) or (isinstance(top, Class) and top not in found):
                found.append(top)
                if isinstance(top, Class):
                    stack[:0] = top.bases
        return found

    def find(self, name: str) -> Value:
        """What a name holds in the class or above it; `Missing` where nobody says."""
        for each in self.mro():
            if isinstance(each, Class) and name in each.names:
                return each.names[name]
        return MISSING


class Instance(Struct, eq=False):
    """What came of calling a class of the project, or anything of a library: which, with what."""

    of: Class | Ref
    args: tuple[Value, ...]
    keywords: dict[str, Value]
    at: Location

    def get(self, name: str, position: int = -1) -> Value:
        """An argument by name or position; `MISSING` when it was not given."""
        if name in self.keywords:
            return self.keywords[name]
        return self.args[position] if 0 <= position < len(self.args) else MISSING


class Seq(Struct, eq=False):
    """A list; `open` when it may hold more."""

    items: list[Value]
    open: bool = False


class Dict(Struct, eq=False):
    """A dictionary; `open` when it may hold more."""

    pairs: list[tuple[Value, Value]]
    open: bool = False


class Options(Struct, eq=False):
    """One of several values."""

    values: list[Value]


class Bound(Struct, eq=False):
    """A method of a node, a list or an instance, about to be called."""

    of: Value
    name: str


class Entry(Struct, eq=False):
    """One route as it was declared on a node. `path` may hold `{?name}` for what is not known."""

    methods: tuple[str, ...]
    path: str
    handler: Value
    at: Location
    options: dict[str, Value] = field(default_factory=dict)
    above: tuple[tuple[Value, Location], ...] = ()
    below: tuple[tuple[Value, Location], ...] = ()
    owner: Class | None = None


class Link(Struct, eq=False):
    """One node put into another."""

    child: Value
    prefix: str | None
    at: Location
    options: dict[str, Value] = field(default_factory=dict)
    mounted: bool = False


class Node(Struct, eq=False):
    """An app, a router, a blueprint or their like. `family` is the framework, `app` says that it is a root."""

    family: str
    what: str
    at: Location
    app: bool
    prefix: str = ""
    options: dict[str, Value] = field(default_factory=dict)
    name: str = ""
    entries: list[Entry] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    before: list[tuple[Value, Location]] = field(default_factory=list)
    middleware: list[tuple[Value, Location]] = field(default_factory=list)
    assumed: bool = False
    escapes: bool = False


class _Missing:
    """Nobody gave a value."""


MISSING = _Missing()

Value: TypeAlias = (
    str
    | int
    | bool
    | Unknown
    | Ref
    | Module
    | Func
    | Class
    | Instance
    | Seq
    | Dict
    | Options
    | Bound
    | Node
    | _Missing
    | None
)
