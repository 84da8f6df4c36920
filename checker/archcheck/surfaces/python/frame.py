"""A frame is one function being followed: what its names hold so far, and the queries met on the way."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct, field

from archcheck.source import Location
from archcheck.surfaces.python.handoff import Handoff
from archcheck.surfaces.python.parse import Places
from archcheck.surfaces.python.query import Hole, Origin, Place, Query, Step
from archcheck.surfaces.python.survey import Scope, Survey
from archcheck.surfaces.python.values import Str, Thing, Value, either, scalar

if TYPE_CHECKING:
    from archcheck.surfaces.python.invocations import Invocation
    from archcheck.surfaces.python.origins import Origins

Env: TypeAlias = dict[str, Value]
Evaluate: TypeAlias = Callable[[ast.expr, "Frame"], Value]
Enter: TypeAlias = Callable[[Scope, "Context", Env], None]


class Context(Struct, eq=False):
    """One module while its functions are followed.

    `evaluate` and `enter` follow expressions and inner functions; they stand here because they need frames themselves.
    `shadowed` are the libraries' names that are modules of the project here. `budget` bounds the statements
    that are followed more than once, through helpers. `invocations` and `origins` are the module's calls and names,
    once somebody asked. `answer` is what the expression `asked` was, while one is asked for.
    `handed` and `wrappers` are what other modules may care about: calls that give functions of the project a client's
    text or SQL, and calls that run whatever they were given.
    """

    name: str
    places: Places
    survey: Survey
    place: Place
    evaluate: Evaluate
    enter: Enter
    shadowed: frozenset[str] = frozenset()
    found: dict[tuple[int, int], Query] = field(default_factory=dict)
    undecided: int = 0
    budget: int = 20_000
    busy: set[object] = field(default_factory=set)
    known: dict[object, Value] = field(default_factory=dict)
    handed: dict[tuple[int, int], Handoff] = field(default_factory=dict)
    wrappers: list[Query] = field(default_factory=list)
    asked: ast.expr | None = None
    answer: Value | None = None
    invocations: tuple[Invocation, ...] | None = None
    origins: Origins | None = None

    @property
    def deployed(self) -> bool:
        """Whether the module belongs to what the project delivers: neither a test nor a migration."""
        return self.place not in ("test", "migration")


class Frame(Struct, eq=False):
    """One function, or a module's own statements, while it is followed.

    `quiet` frames follow a helper or an attribute on behalf of another frame: their queries are not noted. `anchor` is
    the f-string being evaluated: the columns of nodes inside it differ among interpreters, so its text is searched.
    """

    context: Context
    scope: Scope
    env: Env = field(default_factory=dict)
    quiet: bool = False
    depth: int = 0
    anchor: ast.JoinedStr | None = None
    returned: list[Value] = field(default_factory=list)
    exits: list[list[Env]] = field(default_factory=list)

    def value(self, node: ast.expr) -> Value:
        """What an expression can be."""
        return self.context.evaluate(node, self)

    def at(self, node: ast.expr | ast.stmt | ast.arg) -> Location:
        """The place of a node."""
        if self.anchor is None or not isinstance(node, ast.expr):
            return self.context.places.of(node)
        return self._inside(self.anchor, spell(node))

    def hole(self, node: ast.expr, origin: Origin, *steps: Step, open: str = "") -> Hole:
        """A hole for an expression of which only the origin is known."""
        return Hole(spell(node), self.at(node), origin, "whole", steps, open)

    def unknown(self, node: ast.expr, open: str = "") -> Str:
        """The value of an expression that is not followed."""
        return scalar(self.hole(node, "unknown", open=open))

    def thing(self, kind: str, node: ast.expr, name: str = "", open: str = "") -> Thing:
        """A value known by its kind."""
        return Thing(kind, self.hole(node, "unknown", open=open), name)

    def child(self, scope: Scope, env: Env, *, quiet: bool = True) -> Frame:
        """A frame for another function, one level further from what is judged."""
        return Frame(self.context, scope, env, quiet, self.depth + 1)

    def join(self, envs: list[Env]) -> None:
        """Go on with what holds on every way that leads here."""
        if envs:
            self.env = joined_env(envs)

    def _inside(self, anchor: ast.JoinedStr, text: str) -> Location:
        places = self.context.places
        name = re.match(r"\w+", text)
        pattern = re.compile(r"\{[\s(]*" + re.escape(name.group())) if name else None
        last = anchor.end_lineno or anchor.lineno
        for number in range(anchor.lineno, last + 1):
            line = places.written(number)
            start = places.column(number, anchor.col_offset) - 1 if number == anchor.lineno else 0
            match = pattern.search(line, start) if pattern else None
            if match and name:
                begin = match.end() - len(name.group()) + 1
                return Location(places.path, number, begin, begin + len(name.group()))
        return places.of(anchor)


def joined_env(envs: list[Env]) -> Env:
    """What names hold where several ways meet; a name bound on some ways only keeps what it has there."""
    first = envs[0]
    if len(envs) == 1:
        return first
    result = dict(first)
    for other in envs[1:]:
        for name, value in other.items():
            held = result.get(name)
            if held is None or held is value:
                result[name] = value
            else:
                result[name] = either(held, value)
    return result


def spell(node: ast.expr) -> str:
    """An expression as a person would name it: short, and the same under every interpreter."""
    return "".join(_spelled(node, 8))[:60]


def _spelled(node: ast.expr, depth: int) -> Iterator[str]:
    if not depth:
        yield "..."
        return
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(value=value, attr=attr):
            yield from _spelled(value, depth - 1)
            yield f".{attr}"
        case ast.Subscript(value=value, slice=ast.Constant(value=key)):
            yield from _spelled(value, depth - 1)
            yield f"[{key!r}]"
        case ast.Subscript(value=value):
            yield from _spelled(value, depth - 1)
            yield "[...]"
        case ast.Call(func=function, args=args, keywords=keywords):
            yield from _spelled(function, depth - 1)
            yield "(...)" if args or keywords else "()"
        case ast.Await(value=value):
            yield from _spelled(value, depth)
        case ast.Constant(value=value):
            yield repr(value)[:20]
        case _:
            yield "..."
