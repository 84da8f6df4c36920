"""Whether a function, or anything that it calls in the project, may change a table: all others need not be followed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from archcheck.surfaces.sql.pymodules import Modules, harmless
from archcheck.surfaces.sql.pynodes import Bound, Elsewhere, dotted
from archcheck.surfaces.sql.pyobjects import Class, Function
from archcheck.surfaces.sql.pyvalues import followed

MAKING: Final = frozenset({"create", "drop", "create_all", "drop_all", "rename"})
_SESSIONS: Final = ("close", "commit", "flush", "rollback", "expunge", "refresh", "begin", "query")
EXECUTING: Final = frozenset({"execute", "exec_driver_sql"})
NO_OPERATIONS: Final = frozenset({"get_bind", "get_context", "f", "inline_literal", "bulk_insert"})
LOOKING: Final = ("get", "find", "log", "info", "debug", "warn", "error", "print", "echo", *_SESSIONS)
_MOST: Final = 400


class Reach:
    """The answers for the functions of one history, each with what it leans on."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self._known: dict[int, tuple[bool, dict[str, str], Function]] = {}

    def changes(self, function: Function) -> bool:
        """Whether a call of it may change a table."""
        key = id(function.definition)
        if key not in self._known:
            before, self.modules.leans = self.modules.leans, {}
            answer = self._changes(function)
            self._known[key] = (answer, self.modules.leans, function)
            self.modules.leans = before
        answer, leans, _ = self._known[key]
        self.modules.leans |= leans
        return answer

    def _changes(self, function: Function) -> bool:
        waiting, seen = [function], {id(function.definition)}
        while waiting:
            current = waiting.pop()
            if len(seen) > _MOST:
                return True
            scope = self._scope(current)
            if any(_changing(call, scope) for call in ast.walk(current.definition)):
                return True
            for other in self._called(current.definition, scope):
                if id(other.definition) not in seen:
                    seen.add(id(other.definition))
                    waiting.append(other)
        return False

    def _scope(self, function: Function) -> Mapping[str, Bound]:
        """The names of its module, without those that it gives a meaning of its own, and with what it imports."""
        own = {node.arg for node in ast.walk(function.definition) if isinstance(node, ast.arg)}
        stored = {
            n.id for n in ast.walk(function.definition) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        scope = {name: bound for name, bound in function.home.items() if name not in own and name not in stored}
        for node in ast.walk(function.definition):
            if isinstance(node, ast.Import | ast.ImportFrom):
                scope.update(self.modules.imported(node, self.modules.path_of(function.home)))
        if function.owner is not None and function.definition.args.args:
            scope[function.definition.args.args[0].arg] = function.owner
        return scope

    def _called(self, definition: ast.FunctionDef, scope: Mapping[str, Bound]) -> Iterator[Function]:
        """The functions that it names, and all methods of the classes that it calls or asks something of."""
        for node in ast.walk(definition):
            if isinstance(node, ast.Call):
                for part in (node.func, *node.args, *(keyword.value for keyword in node.keywords)):
                    if isinstance(part, ast.Name | ast.Attribute):
                        target = followed(Bound(part, scope)).node
                        if isinstance(target, Function):
                            yield target
                            yield from _beside(target)
                        elif isinstance(target, Class) and part is node.func:
                            yield from target.methods()


def _beside(function: Function) -> Iterator[Function]:
    """The other methods of the class, or of the instance, that a function is called on."""
    owner = function.owner
    if owner is None:
        return
    kind = followed(Bound(owner.node.func, owner.scope)) if isinstance(owner.node, ast.Call) else owner
    if isinstance(kind.node, Class):
        yield from kind.node.methods()


def _changing(node: ast.AST, scope: Mapping[str, Bound]) -> bool:
    """Whether a node is a call that may change a table, or of a library of which nothing is known."""
    call = node.value if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else node
    if not isinstance(call, ast.Call):
        return False
    if isinstance(call.func, ast.Attribute):
        attribute = call.func.attr
        if is_operations(call.func.value, scope):
            return attribute not in NO_OPERATIONS
        if attribute in EXECUTING or attribute in MAKING:
            return True
        if attribute.startswith(LOOKING):
            return False
    if not isinstance(node, ast.Expr):
        return False
    target = followed(Bound(call.func, scope)).node
    return isinstance(unknown_library(call, scope, target), str)


def is_operations(node: ast.expr, scope: Mapping[str, Bound]) -> bool:
    """Whether an expression is Alembic's `op`."""
    name = dotted(node)
    if name == "alembic.op":
        return True
    target = followed(Bound(node, scope)).node
    return (
        target.name == "alembic.op" if isinstance(target, Elsewhere) else name == "op" and isinstance(target, ast.Name)
    )


def unknown_library(call: ast.Call, scope: Mapping[str, Bound], target: ast.expr) -> str | None:
    """The name of what is called of a library that may change tables for all we know."""
    if isinstance(target, Elsewhere):
        return call_name(call) if not harmless(target.name) and not call_name(call)[:1].isupper() else None
    root = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    base = scope.get(root.id) if isinstance(root, ast.Name) and root is not call.func else None
    if base is not None and isinstance(base.node, Elsewhere) and not harmless(base.node.name):
        return call_name(call)
    return None


def call_name(call: ast.Call) -> str:
    """The last name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else dotted(call.func)
