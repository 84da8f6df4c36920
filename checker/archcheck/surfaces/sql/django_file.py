"""Django migration files as data: dependencies and operations as they are written, before any model is known."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from archcheck.source import Source
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.parts import Span
from archcheck.surfaces.sql.pynodes import Bound, dotted
from archcheck.surfaces.sql.pyread import PyFile
from archcheck.surfaces.sql.pytexts import UNKNOWN
from archcheck.surfaces.sql.pyvalues import followed, value


class Node(Struct, frozen=True, omit_defaults=True):
    """A call, a list (`[]`) or a dict (`{}`); a name that is no literal (`=settings.AUTH_USER_MODEL`), or `?`."""

    name: str
    args: list[Value] = []
    kwargs: dict[str, Value] = {}
    at: Span = Span()

    @property
    def listed(self) -> bool:
        """Whether it is a list, a tuple or a set."""
        return self.name == "[]"

    @property
    def last(self) -> str:
        """The last part of its name: `CharField` of `models.CharField`."""
        return self.name.rpartition(".")[2]

    def get(self, name: str, position: int = -1) -> Value:
        """An argument by name or place; None without one."""
        if name in self.kwargs:
            return self.kwargs[name]
        return self.args[position] if 0 <= position < len(self.args) else None

    def text(self, name: str, position: int = -1) -> str:
        """A text argument; empty for anything else."""
        found = self.get(name, position)
        return found if isinstance(found, str) else ""


Value: TypeAlias = bool | int | float | str | Node | None


def listed(value: Value) -> list[Value]:
    """The items of a list; none for anything else."""
    return value.args if isinstance(value, Node) and value.listed else []


class Operation(Struct, frozen=True, omit_defaults=True):
    """One operation: its call, the statements of its SQL both ways, and the operations inside it.

    `back` is what its SQL says going down. `reversible` is whether it can be taken back: false only for code and SQL
    without a way back.
    """

    call: Node
    sql: tuple[say.Statement, ...] = ()
    database: tuple[Operation, ...] = ()
    state: tuple[Operation, ...] = ()
    reversible: bool = True
    back: tuple[say.Statement, ...] = ()


class DjangoFile(Struct, frozen=True, omit_defaults=True):
    """What a migration file says. `dependencies` are (app, name); `settings.AUTH_USER_MODEL` stands as an app."""

    operations: tuple[Operation, ...] = ()
    dependencies: tuple[tuple[str, str], ...] = ()
    run_before: tuple[tuple[str, str], ...] = ()
    replaces: tuple[tuple[str, str], ...] = ()
    atomic: bool = True
    line: int = 1


USER_MODEL: Final = "settings.AUTH_USER_MODEL"
_DEPTH: Final = 60
_EXECUTING: Final = frozenset({"execute", "executescript"})
_EDITING: Final = frozenset(
    "create_model delete_model add_field alter_field remove_field add_index remove_index add_constraint "
    "remove_constraint alter_db_table alter_unique_together".split()
)
_SAFE_SQL: Final = (say.Ignored, say.Write, say.SetOption, say.Transact, say.Maintain, say.Grant, say.Role)


def read_django(source: Source, dialect: str) -> DjangoFile:
    """What a migration file says. Raises `Unread` when it is no valid Python."""
    return _Reader(PyFile(source), dialect).read()


class _Reader:
    def __init__(self, file: PyFile, dialect: str) -> None:
        self.file = file
        self.dialect = dialect
        self.scope: dict[str, Bound] = {}
        self.functions: dict[str, ast.FunctionDef] = {}
        for node in file.tree.body:
            if isinstance(node, ast.FunctionDef):
                self.functions[node.name] = node
            else:
                _assign(node, self.scope, self.scope)

    def read(self) -> DjangoFile:
        node = next((n for n in self.file.tree.body if isinstance(n, ast.ClassDef) and n.name == "Migration"), None)
        if node is None:
            return DjangoFile()
        scope = dict(self.scope)
        for statement in node.body:
            _assign(statement, scope, scope)
            if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
                name = statement.target.id
                if name in scope:
                    joined = ast.BinOp(scope[name].node, ast.Add(), statement.value)
                    scope[name] = Bound(ast.copy_location(joined, statement.value), dict(scope))
        operations = scope.get("operations")
        return DjangoFile(
            tuple(self._operations(operations)) if operations else (),
            tuple(self._pairs(scope.get("dependencies"))),
            tuple(self._pairs(scope.get("run_before"))),
            tuple(self._pairs(scope.get("replaces"))),
            "atomic" not in scope or value(scope["atomic"]) is not False,
            node.lineno,
        )

    def _pairs(self, bound: Bound | None) -> Iterator[tuple[str, str]]:
        for node, scope in self._elements(bound) if bound else ():
            found = value(Bound(node, scope))
            if isinstance(found, tuple | list) and len(found) == 2 and all(isinstance(part, str) for part in found):
                yield str(found[0]), str(found[1])
            elif isinstance(node, ast.Call) and dotted(node.func).endswith("swappable_dependency") and node.args:
                target = value(Bound(node.args[0], scope))
                app = target.partition(".")[0] if isinstance(target, str) else USER_MODEL
                yield app, "__first__"

    def _elements(self, bound: Bound) -> Iterator[Bound]:
        """The elements of a list that is written out, and one computed element for what is not."""
        node, scope = followed(bound)
        if isinstance(node, ast.List | ast.Tuple):
            for element in node.elts:
                if isinstance(element, ast.Starred):
                    yield from self._elements(Bound(element.value, scope))
                else:
                    yield Bound(element, scope)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            yield from self._elements(Bound(node.left, scope))
            yield from self._elements(Bound(node.right, scope))
        elif not isinstance(node, ast.Constant):
            yield Bound(node, scope)

    def _operations(self, bound: Bound) -> Iterator[Operation]:
        for element in self._elements(bound):
            node, scope = followed(element)
            if isinstance(node, ast.Call):
                yield self._operation(node, scope)
            else:
                yield Operation(Node("?", at=self.file.span(node)))

    def _operation(self, node: ast.Call, scope: Mapping[str, Bound]) -> Operation:
        call = self._call(node, scope, _DEPTH)
        keywords = {keyword.arg: Bound(keyword.value, scope) for keyword in node.keywords if keyword.arg}
        given = [Bound(item, scope) for item in node.args]

        def inner(name: str, position: int) -> tuple[Operation, ...]:
            found = keywords.get(name) or (given[position] if position < len(given) else None)
            return tuple(self._operations(found)) if found else ()

        if call.last == "RunSQL":
            forward = keywords.get("sql") or (given[0] if given else None)
            back = keywords.get("reverse_sql") or (given[1] if len(given) > 1 else None)
            reversible = back is not None and value(back) is not None
            sql, undoing = (
                tuple(self._sql(given)) if given else () for given in (forward, back if reversible else None)
            )
            return Operation(call, sql, (), inner("state_operations", 2), reversible, undoing)
        if call.last == "SeparateDatabaseAndState":
            return Operation(call, (), inner("database_operations", 0), inner("state_operations", 1))
        if call.last == "RunPython":
            code = keywords.get("code") or (given[0] if given else None)
            reversible = "reverse_code" in keywords or len(given) > 1
            return Operation(call, tuple(self._code(code)) if code else (), reversible=reversible)
        return Operation(call)

    def _sql(self, bound: Bound) -> Iterator[say.Statement]:
        """The statements of RunSQL: a text, or a list of texts and of (text, parameters)."""
        node, scope = followed(bound)
        if isinstance(node, ast.List | ast.Tuple):
            for element in node.elts:
                part, inner = followed(Bound(element, scope))
                first = part.elts[0] if isinstance(part, ast.List | ast.Tuple) and part.elts else part
                yield from self.file.statements(Bound(first, inner), self.dialect)
        elif dotted(node).endswith("RunSQL.noop"):
            return
        else:
            yield from self.file.statements(Bound(node, scope), self.dialect)

    def _code(self, bound: Bound) -> Iterator[say.Statement]:
        """What the function of RunPython does to the schema, as far as it is written out; rows are no concern."""
        node, _ = followed(bound)
        function = self.functions.get(dotted(node))
        for call in ast.walk(function) if function else ():
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            root = dotted(call.func.value)
            if call.func.attr in _EXECUTING and call.args:
                for statement in self.file.statements(Bound(call.args[0], self.scope), self.dialect):
                    if isinstance(statement, _SAFE_SQL):
                        yield statement
                    else:
                        tables = statement.tables if isinstance(statement, say.Opaque) else ("*",)
                        yield say.Opaque(statement.at, "SQL in RunPython", tables)
            elif call.func.attr in _EDITING and "schema_editor" in root:
                yield say.Opaque(self.file.span(call), "schema_editor in RunPython", ("*",))

    def _call(self, node: ast.Call, scope: Mapping[str, Bound], depth: int) -> Node:
        return Node(
            dotted(node.func) or "?",
            [self._value(Bound(item, scope), depth - 1) for item in node.args],
            {k.arg: self._value(Bound(k.value, scope), depth - 1) for k in node.keywords if k.arg},
            self.file.span(node),
        )

    def _value(self, bound: Bound, depth: int) -> Value:
        node, scope = followed(bound)
        if isinstance(node, ast.Constant):
            said = node.value
            plain = isinstance(said, str | bool | float) or (isinstance(said, int) and abs(said) < 2**62)
            return said if said is None or plain else Node("?")  # type: ignore[return-value]
        if depth <= 0:
            return Node("?")
        if isinstance(node, ast.Call):
            return self._call(node, scope, depth)
        if isinstance(node, ast.List | ast.Tuple):
            return Node("[]", [self._value(item, depth - 1) for item in self._elements(Bound(node, scope))])
        if isinstance(node, ast.Set):
            return Node("[]", [self._value(Bound(item, scope), depth - 1) for item in node.elts])
        if isinstance(node, ast.Dict):
            keys = [value(Bound(key, scope)) if key is not None else UNKNOWN for key in node.keys]
            pairs = zip(keys, node.values, strict=True)
            return Node(
                "{}", kwargs={k: self._value(Bound(v, scope), depth - 1) for k, v in pairs if isinstance(k, str)}
            )
        if name := dotted(node):
            return Node(f"={name}")
        known = value(Bound(node, scope))
        if isinstance(known, str | int | float):
            return known
        return Node("?", [_written(node)])


def _written(node: ast.expr) -> str:
    return re.sub(r"\s+", " ", ast.unparse(node))


def _assign(statement: ast.stmt, scope: dict[str, Bound], inner: Mapping[str, Bound]) -> None:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, given = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, given = statement.target, statement.value
    else:
        return
    if isinstance(target, ast.Name) and not (isinstance(given, ast.Name) and given.id == target.id):
        scope[target.id] = Bound(given, dict(inner))
