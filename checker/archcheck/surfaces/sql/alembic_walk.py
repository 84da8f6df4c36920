"""A walk through a function of an Alembic revision: the statements that it would send, without running it.

The walk follows what is written out: names, loops over literals, helpers of the file and of the project's other
modules, blocks of `with`. A condition on the dialect is decided; one that only asks whether something is there already
makes the step tolerant; behind any other condition a step is opaque for the table it names.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from typing import Final

from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.alembic_asking import by_setting, decided
from archcheck.surfaces.sql.alembic_names import with_names
from archcheck.surfaces.sql.alembic_ops import Batch, Computed, Nameless, Operation, executed, known
from archcheck.surfaces.sql.asked import narrowed
from archcheck.surfaces.sql.certainty import Certainty, kind_of, same, tables_of, tolerant, weaker
from archcheck.surfaces.sql.cursor import fold
from archcheck.surfaces.sql.pymodules import Modules, assign, forget
from archcheck.surfaces.sql.pynodes import Bound, Gathered, Picked, literals, sequence
from archcheck.surfaces.sql.pyobjects import Class, Function
from archcheck.surfaces.sql.pyreach import (
    EXECUTING,
    LOOKING,
    MAKING,
    NO_OPERATIONS,
    Reach,
    is_operations,
    unknown_library,
)
from archcheck.surfaces.sql.pyread import PyFile
from archcheck.surfaces.sql.pyvalues import bind, elements, followed, unbind, value
from archcheck.surfaces.sql.satypes import read_type

_DEPTH: Final = 8
_ROUNDS: Final = 2_000
# Statements that change no table: they are told as they are, on whatever condition.
_HELD: Final = (say.Ignored, say.Opaque, say.Transact, say.SetOption, say.Write, say.Grant, say.Role, say.Maintain)
_FILLING: Final = frozenset({"append", "add"})
_CHANGING: Final = frozenset({"extend", "insert", "remove", "pop", "clear", "update", "discard", "setdefault"})


class _Left(Exception):
    """What runs is left here: the function by `return`, one round of a loop by `continue`, all of it by an error."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Walk:
    """One walk through one function of a revision."""

    def __init__(self, modules: Modules, reach: Reach, dialect: str, file: PyFile, module: dict[str, Bound]) -> None:
        self.modules = modules
        self.reach = reach
        self.dialect = dialect
        self.file = file
        self.module = module
        self.out: list[say.Statement] = []
        self.certainty: Certainty = "sure"
        # How sure it is that the function was not left before, and that the round of the loop was not.
        self.staying: Certainty = "sure"
        self.stack: list[ast.FunctionDef] = []
        self.rounds = 0
        self.nesting = 0
        # The statements that are sent while a setting has its default, and from which one on all are.
        self.supposed: set[int] = set()
        self.supposing = sys.maxsize
        self.trying = 0
        # What was tried before what runs now, which is there for its failure.
        self.rescued: list[say.Statement] = []

    def run(self, function: str) -> tuple[say.Statement, ...]:
        """The statements that a function of the file sends."""
        bound = self.module.get(function)
        if bound is not None and isinstance(bound.node, Function):
            self._function(bound.node, dict(self.module))
        return tuple(self.out)

    def _function(self, function: Function, scope: dict[str, Bound]) -> None:
        before = self.certainty, self.staying, self.supposing
        self.staying = self.certainty
        self.stack.append(function.definition)
        try:
            self._body(function.definition.body, scope)
        except _Left as left:
            if left.what == "error" and len(self.stack) > 1:
                raise
        finally:
            self.stack.pop()
            self.supposed.update(range(self.supposing, len(self.out)))
            self.certainty, self.staying, self.supposing = before

    def _body(self, body: Sequence[ast.stmt], scope: dict[str, Bound]) -> None:
        for statement in body:
            self._statement(statement, scope)

    def _statement(self, statement: ast.stmt, scope: dict[str, Bound]) -> None:
        if isinstance(statement, ast.Expr):
            self._expression(statement.value, scope, alone=True)
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            if statement.value is not None:
                self._expression(statement.value, scope)
            assign(statement, scope)
        elif isinstance(statement, ast.If):
            self._if(statement, scope)
        elif isinstance(statement, ast.For):
            self._for(statement, scope)
        elif isinstance(statement, ast.With):
            self._with(statement, scope)
        elif isinstance(statement, ast.Try | ast.TryStar):
            self._try(statement, scope)
        elif isinstance(statement, ast.While):
            forget(statement, scope)
            self._guarded(statement.body, scope, "maybe")
            forget(statement, scope)
        elif isinstance(statement, ast.Match):
            forget(statement, scope)
            for case in statement.cases:
                self._leaves(self._guarded(case.body, scope, "maybe"), "maybe")
                forget(statement, scope)
        elif isinstance(statement, ast.FunctionDef):
            scope[statement.name] = Bound(Function(statement, scope), scope)
        elif isinstance(statement, ast.ClassDef):
            scope[statement.name] = Bound(Class(statement, scope), scope)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            scope.update(self.modules.imported(statement, self.modules.path_of(scope)))
        elif isinstance(statement, ast.Return):
            if statement.value is not None:
                self._expression(statement.value, scope)
            raise _Left("function")
        elif isinstance(statement, ast.Continue | ast.Break):
            raise _Left("loop" if isinstance(statement, ast.Break) else "round")
        elif isinstance(statement, ast.Raise):
            raise _Left("error")

    def _guarded(self, body: Sequence[ast.stmt], scope: dict[str, Bound], certainty: Certainty) -> str:
        """Walk a part that does not run for sure; what it leaves at its end, nothing when it goes on."""
        before = self.certainty
        self.certainty = weaker(before, certainty)
        try:
            self._body(body, scope)
        except _Left as left:
            return left.what
        finally:
            self.certainty = before
        return ""

    def _if(self, statement: ast.If, scope: dict[str, Bound]) -> None:
        for node in ast.walk(statement.test):
            if isinstance(node, ast.NamedExpr):
                bind(node.target, Bound(node.value, dict(scope)), scope)
        found = decided(statement.test, scope, self.dialect)
        if isinstance(found, bool):
            taken, other = (statement.body, statement.orelse)[:: 1 if found else -1]
            start = len(self.out)
            supposed = by_setting(statement.test, scope)
            try:
                self._body(taken, scope)
            finally:
                if supposed:
                    self.supposed.update(range(start, len(self.out)))
            if supposed and any(isinstance(node, ast.Return) for part in other for node in ast.walk(part)):
                self.supposing = min(start, self.supposing)
            return
        narrowed(statement.test, scope)
        first, second = dict(scope), dict(scope)
        start = len(self.out)
        left = self._guarded(statement.body, first, found)
        # Of two ways to go on, the one that is not taken for the usual one is not sure to be needed.
        acted = any(not isinstance(said, _HELD) for said in self.out[start:])
        otherwise = self._guarded(statement.orelse, second, "maybe" if acted else found)
        merged = second if left else first if otherwise else _merged(scope, first, second)
        scope.clear()
        scope.update(merged)
        if left and left == otherwise:
            raise _Left(left)
        for what in (left, otherwise):
            self._leaves(what, found)

    def _leaves(self, what: str, certainty: Certainty) -> None:
        """What follows a part that may leave a function or a loop runs no more surely than that part does not."""
        if what in ("function", "loop"):
            self.staying = weaker(self.staying, certainty)
        if what and what != "error":
            self.certainty = weaker(self.certainty, certainty)

    def _try(self, statement: ast.Try | ast.TryStar, scope: dict[str, Bound]) -> None:
        # A step that fails takes PostgreSQL's transaction with it: what is tried is needed, what rescues is not.
        start, self.trying = len(self.out), self.trying + bool(statement.handlers)
        self._leaves(self._guarded(statement.body, scope, "needed"), "needed")
        self.trying -= bool(statement.handlers)
        tried = self.out[start:]
        for handler in statement.handlers:
            inner, start = dict(scope), len(self.out)
            rescued, self.rescued = self.rescued, [*self.rescued, *tried]
            self._guarded(handler.body, inner, "maybe")
            self.rescued = rescued
        self._leaves(self._guarded(statement.orelse, scope, "sure"), "needed")
        self._body(statement.finalbody, scope)

    def _for(self, statement: ast.For, scope: dict[str, Bound]) -> None:
        bound = Bound(statement.iter, scope)
        found, node = elements(bound), followed(bound).node
        before = self.certainty
        if found is None:
            forget(statement, scope)
            if isinstance(statement.target, ast.Name):
                scope[statement.target.id] = Bound(Picked(Bound(statement.iter, dict(scope))), {})
            self._leaves(self._guarded(statement.body, scope, "maybe"), "maybe")
            forget(statement, scope)
        for element in found or ():
            self.rounds += 1
            if self.rounds > _ROUNDS:
                self.out.append(say.Opaque(self.file.span(statement), "a long loop", ("*",)))
                break
            bind(statement.target, element, scope)
            certainty = node.certainty if isinstance(node, Gathered) else "sure"
            left = self._guarded(statement.body, scope, weaker(self.staying, certainty))
            if left in ("function", "error"):
                raise _Left(left)
            if left == "loop":
                break
        self.certainty = weaker(before, self.staying)
        self._body(statement.orelse, scope)

    def _with(self, statement: ast.With, scope: dict[str, Bound]) -> None:
        leaves = False
        for item in statement.items:
            call = item.context_expr
            name = call.func.attr if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else ""
            if name == "autocommit_block":
                leaves = True
            elif name == "batch_alter_table" and isinstance(call, ast.Call):
                if isinstance(item.optional_vars, ast.Name):
                    scope[item.optional_vars.id] = Bound(self._batch(call, scope), {})
            else:
                self._expression(call, scope)
                if item.optional_vars is not None:
                    bind(item.optional_vars, Bound(call, dict(scope)), scope)
        at = self.file.span(statement)
        if leaves:
            self.out.append(say.Transact(at, "commit"))
        self._body(statement.body, scope)
        if leaves:
            self.out.append(say.Transact(at, "begin"))

    def _batch(self, call: ast.Call, scope: dict[str, Bound]) -> Batch:
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        table = call.args[0] if call.args else keywords.get("table_name")
        schema = keywords.get("schema")
        found = [value(Bound(node, scope)) if node is not None else "" for node in (table, schema)]
        title, place = (item if isinstance(item, str) else "" for item in found)
        return Batch(title, place)

    def _expression(self, node: ast.expr, scope: dict[str, Bound], alone: bool = False) -> None:
        """Follow a call. One that stands `alone` is made for what it does, not for what it returns."""
        if isinstance(node, ast.Await):
            node = node.value
        if isinstance(node, ast.ListComp):
            found = elements(Bound(node, scope))
            for element in found or ():
                self._expression(element.node, dict(element.scope))
            if found is None:
                before, self.certainty = self.certainty, "maybe"
                self._expression(node.elt, scope)
                self.certainty = before
        elif isinstance(node, ast.Call):
            self._call(node, scope, alone)

    def _call(self, node: ast.Call, scope: dict[str, Bound], alone: bool) -> None:
        if node.lineno:
            self.file.standing = self.file.span(node)
        target = followed(Bound(node.func, scope)).node
        if isinstance(target, Function):
            self._followed(target, Bound(node, scope))
        elif isinstance(target, ast.Lambda) and self.nesting > _DEPTH:
            self.out.append(say.Opaque(self.file.span(node), "call of a lambda", ("*",)))
        elif isinstance(target, ast.Lambda):
            names = [argument.arg for argument in target.args.args]
            inner = {**scope, **{name: Bound(item, scope) for name, item in zip(names, node.args, strict=False)}}
            self.nesting += 1
            try:
                self._expression(target.body, inner, alone)
            finally:
                self.nesting -= 1
        elif isinstance(node.func, ast.Attribute):
            base = followed(Bound(node.func.value, scope)).node
            if isinstance(base, Batch):
                self._operation(node, node.func.attr, base, scope)
            elif is_operations(node.func.value, scope):
                self._operation(node, node.func.attr, None, scope)
            else:
                self._method(node, node.func, target, scope, alone)
        else:
            self._unknown(node, target, scope, alone)

    def _followed(self, function: Function, call: Bound) -> None:
        """A function of the project: its statements count as standing where the file that is read calls it."""
        if not self.reach.changes(function):
            return
        if len(self.stack) > _DEPTH or function.definition in self.stack:
            self.out.append(say.Opaque(self.file.span(call.node), f"call of {function.definition.name}", ("*",)))
            return
        standing = self.file.standing
        self._function(function, function.arguments(call))
        self.file.standing = standing

    def _unknown(self, node: ast.Call, target: ast.expr, scope: dict[str, Bound], alone: bool) -> None:
        """A call of a library that is not read: alone, it may change the tables that it names."""
        name = unknown_library(node, scope, target) if alone else None
        if name is not None:
            named = tuple(dict.fromkeys(fold(text, True, self.dialect) for text in literals(node)))
            self.out.append(say.Opaque(self.file.span(node), f"call of {name}", named or ("*",)))

    def _operation(self, node: ast.Call, name: str, batch: Batch | None, scope: dict[str, Bound]) -> None:
        if name in NO_OPERATIONS and name != "bulk_insert":
            return
        at = self.file.span(node)
        if not known(name):
            table = (fold(batch.table, True, self.dialect),) if batch and batch.table else ("*",)
            self.out.append(say.Opaque(at, f"op.{name}", table))
            return
        operation = Operation(self.file, self.dialect, Bound(node, scope), name, batch)
        try:
            made = list(operation.statements())
            if name != "execute":
                made = [with_names(statement, self.file.convention, self.dialect) for statement in made]
        except Computed as computed:
            why = "without a name" if isinstance(computed, Nameless) else "with computed arguments"
            made = [say.Opaque(at, f"op.{name} {why}", computed.tables)]
            if isinstance(computed, Nameless) and self.trying:
                raise _Left("error") from None
        self._send(made)

    def _send(self, made: Sequence[say.Statement]) -> None:
        for statement in made:
            if self.certainty == "sure" or isinstance(statement, _HELD):
                self.out.append(statement)
            elif self.certainty == "needed" or _asked_for(statement):
                self.out.append(tolerant(statement))
            elif not any(same(tolerant(statement), former) for former in self.rescued):
                self.out.append(say.Opaque(statement.at, f"conditional {kind_of(statement)}", tables_of(statement)))

    def _method(
        self, node: ast.Call, function: ast.Attribute, target: ast.expr, scope: dict[str, Bound], alone: bool
    ) -> None:
        """A call on something else: `execute` of a connection, `create` and `drop` of a type or a table."""
        at = self.file.span(node)
        if function.attr in EXECUTING and node.args:
            self._send(list(executed(self.file, self.dialect, Bound(node.args[0], scope), at)))
        elif function.attr in MAKING:
            self._send(self._made(node, function, scope, at))
        elif isinstance(function.value, ast.Name) and function.attr in (_FILLING | _CHANGING):
            self._filled(function.value, function.attr, node.args, scope)
        elif not function.attr.startswith(LOOKING):
            self._unknown(node, target, scope, alone)

    def _filled(self, name: ast.Name, method: str, items: Sequence[ast.expr], scope: dict[str, Bound]) -> None:
        """A list of ours that is filled: what is appended on a condition makes it less sure."""
        former = scope.get(name.id)
        held = elements(former) if former is not None else None
        if former is None or held is None or method not in _FILLING or len(items) != 1:
            unbind(name, scope)
            return
        before = former.node.certainty if isinstance(former.node, Gathered) else "sure"
        scope[name.id] = sequence([*held, Bound(items[0], dict(scope))], weaker(before, self.certainty))

    def _made(
        self, node: ast.Call, function: ast.Attribute, scope: dict[str, Bound], at: say.Span
    ) -> list[say.Statement]:
        target = followed(Bound(function.value, scope))
        kind = read_type(target, self.dialect)
        if not kind.named:
            text = f"{ast.unparse(function.value)} {ast.unparse(target.node)}"
            if "op." in text or not any(word in text for word in ("metadata", "table", "Table", "__table__", "Base")):
                return []
            named = tuple(fold(name, True, self.dialect) for name in literals(target.node))
            return [say.Opaque(at, f"{function.attr} of tables", named or ("*",))]
        name = say.Name(fold(kind.schema, True, self.dialect), fold(kind.named, True, self.dialect), kind.named, at)
        if function.attr == "create":
            return [say.CreateType(at, name, "enum", kind.labels)]
        return [say.Drop(at, "TYPE", (name,), if_exists=True)]


def _asked_for(statement: say.Statement) -> bool:
    """Whether a statement drops what the server was asked for: on whatever condition, which one it is shows later."""
    return isinstance(statement, say.AlterTable) and all(isinstance(a, say.DropSought) for a in statement.actions)


def _merged(before: dict[str, Bound], first: dict[str, Bound], second: dict[str, Bound]) -> dict[str, Bound]:
    """The names behind two ways that are not decided: what differs is not known, but for lists that grew."""
    merged = {}
    for name in first.keys() & second.keys():
        one, other = first[name], second[name]
        if one.node is other.node:
            merged[name] = one
        elif isinstance(one.node, ast.List) and isinstance(other.node, ast.List):
            merged[name] = max(one, other, key=lambda bound: len(getattr(bound.node, "elts", ())))
    return merged
