"""An invocation is one call of a module with the dotted name of what is called, and with what stands around it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, TypeAlias

from msgspec import Struct

from archcheck.source import Location
from archcheck.surfaces.python.frame import Context
from archcheck.surfaces.python.origins import NOTHING, Named, Origins
from archcheck.surfaces.python.survey import Block, Scope

Loop: TypeAlias = ast.For | ast.AsyncFor | ast.While
_Spot: TypeAlias = tuple[int, int]

_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)
_TRIES: Final = (ast.Try, ast.TryStar)


class Invocation(Struct, eq=False):
    """One call.

    `target` is what is called, dotted and absolute: `requests.get`; `requests.Session.get` for a method of something
    that was made by calling `requests.Session` (or is annotated so), wherever it is kept; `app.api.create_user` for
    what the project defines; empty where nobody can tell. `made` is the call that made the receiver (or the
    `partial`), `scope` the function, class or module it stands in.
    """

    node: ast.Call
    scope: Scope
    named: Named
    context: Context

    @property
    def target(self) -> str:
        """What is called, dotted; empty where nobody can tell."""
        return self.named.name

    @property
    def made(self) -> ast.Call | None:
        """The call that made the receiver, where it stands in this module."""
        return self.named.made

    @property
    def at(self) -> Location:
        """The place of the call, without its arguments."""
        return self.context.places.of(self.node.func)

    @property
    def function(self) -> str:
        """The qualified name of what it stands in: `app.api:create_user`."""
        return f"{self.context.name}:{self.scope.qualname}" if self.scope.qualname else self.context.name

    @property
    def awaited(self) -> bool:
        """Whether `await` stands before it."""
        return self.node in self.context.survey.awaited

    @property
    def declares(self) -> bool:
        """Whether it stands in a decorator, a default or a base, and not in a body."""
        return self.scope.kind != "module" and _start(self.node) < _start(self.scope.node.body[0])

    @property
    def deferred(self) -> bool:
        """Whether it stands in a lambda: somebody else runs it, some time."""
        return any(isinstance(block, ast.Lambda) for block in self.blocks)

    @property
    def on_loop(self) -> bool:
        """Whether the event loop runs it: in the body of an `async def`, and not in a lambda."""
        return isinstance(self.scope.node, ast.AsyncFunctionDef) and not self.declares and not self.deferred

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks it stands in, inner ones first."""
        return around(self.node, self.scope)

    @property
    def loop(self) -> Loop | None:
        """The innermost loop that repeats it."""
        return next((block for block in self.blocks if isinstance(block, _LOOPS) and repeats(block, self.node)), None)

    @property
    def unpacks(self) -> bool:
        """Whether what looks like a request only takes a `data:` address apart."""
        return self.target.endswith("urlopen") and "data_ur" in self.scope.qualname.lower()

    @property
    def handler(self) -> ast.ExceptHandler | None:
        """The innermost `except` it stands in."""
        return next((block for block in self.blocks if isinstance(block, ast.ExceptHandler)), None)

    @property
    def attempts(self) -> tuple[ast.Try | ast.TryStar, ...]:
        """The `try` statements whose handlers see what it raises, inner ones first."""
        return tuple(block for block in self.blocks if isinstance(block, _TRIES) and attempts(block, self.node))

    def argument(self, name: str, position: int | None = None) -> ast.expr | None:
        """The argument of that name, or at that position."""
        return argument(self.node, name, position)

    @property
    def spreads(self) -> bool:
        """Whether arguments that are not seen come with it (`*args`, `**options`)."""
        return spreads(self.node)


def invocations(context: Context) -> tuple[Invocation, ...]:
    """Every call of a module, in the order of its scopes; made once for each module."""
    if context.invocations is None:
        found = origins(context)
        context.invocations = tuple(
            Invocation(node, scope, _called(found.of(node.func, scope)), context)
            for scope in scopes(context.survey.module)
            for node in scope.calls
        )
    return context.invocations


def _called(named: Named) -> Named:
    """What is called; what a call of something gave (a decorator, a class) is not what gave it."""
    return NOTHING if named.result else named


def origins(context: Context) -> Origins:
    """What the names of a module stand for; one for each module, as it remembers."""
    if context.origins is None:
        context.origins = Origins(context)
    return context.origins


def scopes(scope: Scope) -> Iterator[Scope]:
    """A scope and all that stand in it."""
    pending = [scope]
    while pending:
        scope = pending.pop()
        yield scope
        pending += reversed(scope.children)


def around(node: ast.expr | ast.stmt | ast.ExceptHandler, scope: Scope) -> tuple[Block, ...]:
    """The blocks of a scope that a node of it stands in, inner ones first."""
    spot = _start(node)
    return tuple(block for block in reversed(scope.blocks) if block is not node and _start(block) <= spot < _end(block))


def repeats(loop: Loop, node: ast.AST) -> bool:
    """Whether a node inside a loop statement runs in every round."""
    spot = _start(node)
    first = _start(loop) if isinstance(loop, ast.While) else _start(loop.body[0])
    return first <= spot < _end(loop.body[-1])


def attempts(block: ast.Try | ast.TryStar, node: ast.AST) -> bool:
    """Whether a node stands in what a `try` guards, and there is a handler."""
    return bool(block.handlers) and _start(block.body[0]) <= _start(node) < _end(block.body[-1])


def argument(node: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """The argument of a call of that name, or at that position."""
    for keyword in node.keywords:
        if keyword.arg == name:
            return keyword.value
    if position is None or position >= len(node.args):
        return None
    return None if any(isinstance(arg, ast.Starred) for arg in node.args[: position + 1]) else node.args[position]


def spreads(node: ast.Call) -> bool:
    """Whether a call is given arguments that are not seen (`*args`, `**options`)."""
    return any(isinstance(arg, ast.Starred) for arg in node.args) or any(k.arg is None for k in node.keywords)


def _start(node: ast.AST) -> _Spot:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _end(node: ast.AST) -> _Spot:
    return getattr(node, "end_lineno", None) or 0, getattr(node, "end_col_offset", None) or 0
