"""Alembic revisions read statement by statement: what `upgrade` and `downgrade` would send, without running them.

The walk follows what is written out: names, loops over literals, helpers of the same file, blocks of `with`. A
condition on the dialect is decided; one that only asks whether something is there already makes the step tolerant;
behind any other condition a step is opaque for the table it names.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from archcheck.source import Source
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.alembic_ops import Batch, Computed, Operation, executed, known
from archcheck.surfaces.sql.certainty import Certainty, kind_of, tables_of, tolerant, weaker, weakest
from archcheck.surfaces.sql.cursor import fold
from archcheck.surfaces.sql.dialect import by_name
from archcheck.surfaces.sql.pyread import UNKNOWN, Bound, PyFile, dotted, followed, literals, value
from archcheck.surfaces.sql.revisions import read_revision
from archcheck.surfaces.sql.satypes import read_type
from archcheck.surfaces.sql.undoing import does_nothing, explained

Scope: TypeAlias = dict[str, Bound]

_DEPTH: Final = 4
_ROUNDS: Final = 500
_NO_OPERATIONS: Final = frozenset({"get_bind", "get_context", "f", "inline_literal"})
_ASKING: Final = ("exist", "has_table", "has_column", "get_table_names", "get_columns", "get_indexes", "inspect")
_ASKING_MORE: Final = ("get_foreign_keys", "get_unique_constraints", "tables", "columns", "indexes", "constraints")
_HARMLESS: Final = frozenset(
    "sqlalchemy alembic sqlmodel structlog loguru geoalchemy2 sqlalchemy_searchable sqlalchemy_utils tqdm rich click "
    "typer pydantic dotenv".split()
)
_LOOKING: Final = ("get", "find", "log", "info", "debug", "warn", "error", "print", "echo")
# Statements that change no table: they are told as they are, on whatever condition.
_HELD: Final = (say.Ignored, say.Opaque, say.Transact, say.SetOption, say.Write, say.Grant, say.Role, say.Maintain)
_MAKING: Final = frozenset({"create", "drop", "create_all", "drop_all", "rename"})
_ABOUT: Final = ("url", "dialect", "engine", "driver")
_DIALECTS: Final = {"postgresql": "postgres", "mariadb": "mysql"}


def read_alembic(source: Source, dialect: str) -> say.Script:
    """The statements of a revision, both ways. Raises `Unread` when it is no valid Python."""
    file = PyFile(source)
    up, down = (tuple(_Walk(file, dialect).run(name)) for name in ("upgrade", "downgrade"))
    node = next((n for n in file.tree.body if isinstance(n, ast.FunctionDef) and n.name == "downgrade"), None)
    line = node.lineno if node else 0
    text = ast.get_source_segment(source.text, node) or "" if node else ""
    said = explained(text, does_nothing(down)) or _refuses(node)
    return say.Script(up, down, None, line, said, read_revision(source.text))


def _refuses(node: ast.FunctionDef | None) -> bool:
    """Whether a way down refuses to go, by an error or in words of its own."""
    if node is None:
        return False
    return any(isinstance(n, ast.Raise) for n in node.body) or ast.get_docstring(node) is not None


class _End(Exception):
    """The function returns here."""


class _Walk:
    """One walk through one function of a revision."""

    def __init__(self, file: PyFile, dialect: str) -> None:
        self.file = file
        self.dialect = dialect
        self.out: list[say.Statement] = []
        self.functions = {node.name: node for node in file.tree.body if isinstance(node, ast.FunctionDef)}
        self.imports = dict(_imports(file.tree))
        self.batches: dict[str, Batch] = {}
        self.certainty: Certainty = "sure"
        self.depth = 0
        self.rounds = 0
        self.module: Scope = {}
        for statement in file.tree.body:
            self._assign(statement, self.module)

    def run(self, function: str) -> list[say.Statement]:
        """The statements that a function of the file sends."""
        node = self.functions.get(function)
        if node is not None:
            self._function(node, dict(self.module))
        return self.out

    def _function(self, node: ast.FunctionDef, scope: Scope) -> None:
        before = self.certainty
        try:
            self._body(node.body, scope)
        except _End:
            pass
        self.certainty = before

    def _body(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        for statement in body:
            self._statement(statement, scope)

    def _statement(self, statement: ast.stmt, scope: Scope) -> None:
        if isinstance(statement, ast.Expr):
            self._expression(statement.value, scope, alone=True)
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            if statement.value is not None:
                self._expression(statement.value, scope)
            self._assign(statement, scope)
        elif isinstance(statement, ast.If):
            self._if(statement, scope)
        elif isinstance(statement, ast.For):
            self._for(statement, scope)
        elif isinstance(statement, ast.With):
            self._with(statement, scope)
        elif isinstance(statement, ast.Try):
            # A step that fails takes PostgreSQL's transaction with it: what is tried is needed, what rescues is not.
            self._guarded(statement.body, scope, "needed")
            for part in (*(handler.body for handler in statement.handlers), statement.orelse):
                self._guarded(part, scope, "maybe" if part is not statement.orelse else self.certainty)
            self._body(statement.finalbody, scope)
        elif isinstance(statement, ast.While):
            self._guarded(statement.body, scope, "maybe")
        elif isinstance(statement, ast.FunctionDef):
            self.functions = {**self.functions, statement.name: statement}
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            self.imports = {**self.imports, **dict(_imports(statement))}
        elif isinstance(statement, ast.Return):
            if statement.value is not None:
                self._expression(statement.value, scope)
            raise _End
        elif isinstance(statement, ast.Raise):
            raise _End

    def _assign(self, statement: ast.stmt, scope: Scope) -> None:
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            scope.pop(statement.target.id, None)
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets = [statement.target]
        for target in targets:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                _bind(target, Bound(statement.value, dict(scope)), scope)

    def _guarded(self, body: Sequence[ast.stmt], scope: Scope, certainty: Certainty) -> bool:
        """Walk a part that does not run for sure; whether it returns from the function."""
        before = self.certainty
        self.certainty = weaker(before, certainty)
        try:
            self._body(body, scope)
        except _End:
            return True
        finally:
            self.certainty = before
        return False

    def _if(self, statement: ast.If, scope: Scope) -> None:
        decided = self._decided(statement.test, scope)
        if isinstance(decided, bool):
            self._body(statement.body if decided else statement.orelse, scope)
            return
        ended = self._guarded(statement.body, scope, decided)
        self._guarded(statement.orelse, scope, "maybe")
        if ended:
            self.certainty = weaker(self.certainty, decided)

    def _decided(self, test: ast.expr, scope: Scope) -> bool | Certainty:
        """What a condition comes to: known when it is about the dialect, `needed` when it asks what is there."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self._decided(test.operand, scope)
            return not inner if isinstance(inner, bool) else inner
        if isinstance(test, ast.BoolOp):
            parts = [self._decided(part, scope) for part in test.values]
            decisive = isinstance(test.op, ast.Or)
            if decisive in parts:
                return decisive
            open_parts = [part for part in parts if not isinstance(part, bool)]
            return weakest(open_parts) if open_parts else not decisive
        if isinstance(test, ast.Call) and (named := self._starting(test, scope)):
            return self.dialect == named
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.comparators[0], ast.Constant):
            wanted, inner = test.comparators[0].value, self._decided(test.left, scope)
            if isinstance(wanted, bool) and isinstance(inner, bool):
                return (inner is wanted) == isinstance(test.ops[0], ast.Is | ast.Eq)
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            left, right = (ast.unparse(followed(Bound(side, scope)).node) for side in (test.left, test.comparators[0]))
            if "dialect" in left or (left.endswith(".name") and "engine" in left):
                found = value(Bound(test.comparators[0], scope))
                names = found if isinstance(found, tuple | list) else [found]
                if all(isinstance(name, str) for name in names):
                    same = self.dialect in [_DIALECTS.get(str(name), str(name)) for name in names]
                    return same if isinstance(test.ops[0], ast.Eq | ast.In) else not same
            if self._asks(f"{left} {right}"):
                return "needed"
        known_value = value(Bound(test, scope))
        if known_value is not UNKNOWN and not isinstance(known_value, str):
            return bool(known_value)
        return "needed" if self._asks(ast.unparse(followed(Bound(test, scope)).node)) else "maybe"

    def _starting(self, test: ast.Call, scope: Scope) -> str:
        """The dialect in `is_postgres()` and `url.startswith("mysql")`; empty for any other call."""
        name = dotted(test.func).rpartition(".")[2]
        if name.startswith("is_") and not test.args:
            return by_name(name.removeprefix("is_"))
        if not isinstance(test.func, ast.Attribute) or test.func.attr != "startswith" or not test.args:
            return ""
        said = value(Bound(test.args[0], scope))
        about = ast.unparse(test.func.value) + ast.unparse(followed(Bound(test.func.value, scope)).node)
        return by_name(said) if isinstance(said, str) and any(word in about for word in _ABOUT) else ""

    def _asks(self, text: str) -> bool:
        lowered = text.lower()
        return any(word in lowered for word in (*_ASKING, *_ASKING_MORE))

    def _for(self, statement: ast.For, scope: Scope) -> None:
        node, inner = followed(Bound(statement.iter, scope))
        if isinstance(node, ast.Tuple | ast.List | ast.Set) and not any(isinstance(e, ast.Starred) for e in node.elts):
            for element in node.elts:
                self.rounds += 1
                if self.rounds > _ROUNDS:
                    self.out.append(say.Opaque(self.file.span(statement), "a long loop", ("*",)))
                    return
                _bind(statement.target, Bound(element, inner), scope)
                self._body(statement.body, scope)
        else:
            _unbind(statement.target, scope)
            self._guarded(statement.body, scope, "maybe")
        self._body(statement.orelse, scope)

    def _with(self, statement: ast.With, scope: Scope) -> None:
        leaves = False
        for item in statement.items:
            call = item.context_expr
            name = call.func.attr if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else ""
            if name == "autocommit_block":
                leaves = True
            elif name == "batch_alter_table" and isinstance(call, ast.Call):
                if isinstance(item.optional_vars, ast.Name):
                    self.batches[item.optional_vars.id] = self._batch(call, scope)
            else:
                self._expression(call, scope)
        at = self.file.span(statement)
        if leaves:
            self.out.append(say.Transact(at, "commit"))
        self._body(statement.body, scope)
        if leaves:
            self.out.append(say.Transact(at, "begin"))

    def _batch(self, call: ast.Call, scope: Scope) -> Batch:
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        table = call.args[0] if call.args else keywords.get("table_name")
        schema = keywords.get("schema")
        found = [value(Bound(node, scope)) if node is not None else "" for node in (table, schema)]
        title, place = (item if isinstance(item, str) else "" for item in found)
        return Batch(title, place)

    def _expression(self, node: ast.expr, scope: Scope, alone: bool = False) -> None:
        """Follow a call. One that stands `alone` is made for what it does, not for what it returns."""
        if isinstance(node, ast.Await):
            node = node.value
        if isinstance(node, ast.ListComp):
            self.certainty, before = "maybe", self.certainty
            self._expression(node.elt, scope)
            self.certainty = before
        elif isinstance(node, ast.Call):
            self._call(node, scope, alone)

    def _call(self, node: ast.Call, scope: Scope, alone: bool) -> None:
        function = node.func
        if isinstance(function, ast.Name):
            self._plain_call(node, function.id, scope, alone)
        elif isinstance(function, ast.Attribute):
            root = dotted(function.value)
            if root in self.batches:
                self._operation(node, function.attr, self.batches[root], scope)
            elif root == "op" or self.imports.get(root) == "alembic.op":
                self._operation(node, function.attr, None, scope)
            else:
                self._method(node, function, scope, alone)

    def _operation(self, node: ast.Call, name: str, batch: Batch | None, scope: Scope) -> None:
        if name in _NO_OPERATIONS:
            return
        at = self.file.span(node)
        if not known(name):
            table = (fold(batch.table, True, self.dialect),) if batch and batch.table else ("*",)
            self.out.append(say.Opaque(at, f"op.{name}", table))
            return
        operation = Operation(self.file, self.dialect, Bound(node, scope), name, batch)
        try:
            made = list(operation.statements())
        except Computed as computed:
            made = [say.Opaque(at, f"op.{name} with computed arguments", computed.tables)]
        self._send(made)

    def _send(self, made: Sequence[say.Statement]) -> None:
        for statement in made:
            if self.certainty == "sure" or isinstance(statement, _HELD):
                self.out.append(statement)
            elif self.certainty == "needed":
                self.out.append(tolerant(statement))
            else:
                self.out.append(say.Opaque(statement.at, f"conditional {kind_of(statement)}", tables_of(statement)))

    def _plain_call(self, node: ast.Call, name: str, scope: Scope, alone: bool) -> None:
        helper = self.functions.get(name)
        if helper is None:
            module = self.imports.get(name, "").partition(".")[0]
            if alone and module and not _harmless(module) and not name[:1].isupper():
                named = tuple(dict.fromkeys(fold(text, True, self.dialect) for text in literals(node)))
                self.out.append(say.Opaque(self.file.span(node), f"call of {name}", named or ("*",)))
        elif self.depth < _DEPTH:
            self.depth += 1
            self._function(helper, self._arguments(helper, node, scope))
            self.depth -= 1
        else:
            self.out.append(say.Opaque(self.file.span(node), f"call of {name}", ("*",)))

    def _arguments(self, helper: ast.FunctionDef, node: ast.Call, scope: Scope) -> Scope:
        inner = dict(self.module)
        names = [argument.arg for argument in helper.args.args]
        defaults = helper.args.defaults
        spare = names[len(names) - len(defaults) :] if defaults else []
        for argument, default in zip(helper.args.kwonlyargs, helper.args.kw_defaults, strict=True):
            names.append(argument.arg)
            if default is not None:
                inner[argument.arg] = Bound(default, self.module)
        for name in names:
            if name not in spare:
                inner.pop(name, None)
        inner.update({name: Bound(default, self.module) for name, default in zip(spare, defaults, strict=True)})
        inner.update({name: Bound(item, dict(scope)) for name, item in zip(names, node.args, strict=False)})
        inner.update({k.arg: Bound(k.value, dict(scope)) for k in node.keywords if k.arg})
        for name, bound in list(inner.items()):
            root = dotted(bound.node)
            if root in self.batches:
                self.batches[name] = self.batches[root]
        return inner

    def _method(self, node: ast.Call, function: ast.Attribute, scope: Scope, alone: bool) -> None:
        """A call on something else: `execute` of a connection, `create` and `drop` of a type or a table."""
        at = self.file.span(node)
        if function.attr in ("execute", "exec_driver_sql") and node.args:
            self._send(list(executed(self.file, self.dialect, Bound(node.args[0], scope), at)))
        elif function.attr in _MAKING:
            self._send(self._made(node, function, scope, at))
        else:
            module = self.imports.get(dotted(function).partition(".")[0], "").partition(".")[0]
            if alone and module and not _harmless(module) and not function.attr.startswith(_LOOKING):
                named = tuple(dict.fromkeys(fold(text, True, self.dialect) for text in literals(node)))
                self.out.append(say.Opaque(at, f"call of {function.attr}", named or ("*",)))

    def _made(self, node: ast.Call, function: ast.Attribute, scope: Scope, at: say.Span) -> list[say.Statement]:
        target = followed(Bound(function.value, scope))
        kind = read_type(target, self.dialect)
        if not kind.named:
            text = ast.unparse(target.node)
            if "op." in text or not any(word in text for word in ("metadata", "table", "Table", "__table__", "Base")):
                return []
            named = tuple(fold(name, True, self.dialect) for name in literals(target.node))
            return [say.Opaque(at, f"{function.attr} of tables", named or ("*",))]
        name = say.Name(fold(kind.schema, True, self.dialect), fold(kind.named, True, self.dialect), kind.named, at)
        if function.attr == "create":
            return [say.CreateType(at, name, "enum", kind.labels)]
        return [say.Drop(at, "TYPE", (name,), if_exists=True)]


def _bind(target: ast.expr, bound: Bound, scope: Scope) -> None:
    if isinstance(target, ast.Name):
        scope[target.id] = bound
    elif isinstance(target, ast.Tuple | ast.List):
        node, inner = followed(bound)
        elements = node.elts if isinstance(node, ast.Tuple | ast.List) else []
        for position, name in enumerate(target.elts):
            if position < len(elements) and len(elements) == len(target.elts):
                _bind(name, Bound(elements[position], inner), scope)
            else:
                _unbind(name, scope)


def _unbind(target: ast.expr, scope: Scope) -> None:
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            scope.pop(node.id, None)


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in tree.body if isinstance(tree, ast.Module) else [tree]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module or '.'}.{alias.name}"


def _harmless(module: str) -> bool:
    return module in _HARMLESS or module in sys.stdlib_module_names
