"""The operations of Alembic, `op.create_table` and its like, as the statements that they send."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.asked import asked_for
from archcheck.surfaces.sql.cursor import fold
from archcheck.surfaces.sql.parts import Constraint, Name, Span, Word
from archcheck.surfaces.sql.pynodes import Bound, Made
from archcheck.surfaces.sql.pyread import PyFile
from archcheck.surfaces.sql.pyvalues import followed, value
from archcheck.surfaces.sql.satables import (
    COLUMN,
    Call,
    Items,
    checked,
    default_of,
    enum_types,
    foreign,
    read_column,
    read_index,
    read_items,
    settle_keys,
)
from archcheck.surfaces.sql.satypes import read_type


class Batch(Made):
    """The table of a `batch_alter_table` block, so that its operations need not name it."""

    def __init__(self, table: str, schema: str) -> None:
        self.table = table
        self.schema = schema


class Operation:
    """One call of an operation: its arguments and the table it is about, empty when that is computed."""

    def __init__(self, file: PyFile, dialect: str, bound: Bound, name: str, batch: Batch | None) -> None:
        parameters = _OPERATIONS[name][0] if name in _OPERATIONS else ()
        if batch is not None:
            parameters = tuple(p for p in parameters if p not in ("table_name", "source_table"))
        self.call = Call(file, dialect, bound, parameters)
        self.name = name
        self.batched = batch is not None
        self.at = self.call.at
        call = self.call
        self.title = batch.table if batch else call.text("table_name") or call.text("source_table")
        self.schema = batch.schema if batch else call.text("schema") or call.text("source_schema")

    @property
    def table(self) -> Name:
        """The table it is about."""
        name = "table_name" if "table_name" in self.call.given else "source_table"
        return self.call.named(self.title, self.schema, name)

    def statements(self) -> Iterator[say.Statement]:
        """What it sends. Raises `Computed` when that hangs on values that are not written out."""
        _, build = _OPERATIONS[self.name]
        if not self.title and self.name not in _WITHOUT_TABLE:
            raise Computed(("*",))
        yield from build(self)

    def alter(self, *actions: say.Action) -> say.AlterTable:
        """ALTER TABLE with these actions."""
        return say.AlterTable(self.at, self.table, actions)

    def wanted(self, name: str) -> Word:
        """A name that must be written out."""
        text = self.call.text(name)
        if not text:
            raise self.computed
        return self.call.word(text, name)

    def many(self, name: str) -> tuple[str, ...]:
        """Names that must be written out."""
        found = self.call.texts(name)
        if not found:
            raise self.computed
        return found

    @property
    def computed(self) -> Computed:
        """That something about its table is computed."""
        return Computed((self.table.key,) if self.title else ("*",))

    def constraint_name(self) -> Word | None:
        text = self.call.text("constraint_name")
        return self.call.word(text, "constraint_name") if text else None


class Computed(Exception):
    """An operation whose meaning hangs on what is computed at run time; `tables` are those it may concern."""

    def __init__(self, tables: tuple[str, ...]) -> None:
        super().__init__(tables)
        self.tables = tables


class Nameless(Computed):
    """An operation on a constraint that is given no name: every server refuses it."""


def known(name: str) -> bool:
    """Whether there is an operation of that name that is understood."""
    return name in _OPERATIONS


def _create_table(op: Operation) -> Iterator[say.Statement]:
    call = op.call
    found = read_items(call.file, call.dialect, op.title, call.rest)
    if not found.columns and not found.whole:
        yield say.CreateTable(op.at, op.table, if_not_exists=call.flag("if_not_exists"), whole=False)
        return
    if call.dialect == "postgres":
        yield from enum_types(call, found.enums)
    prefixes = [text.upper() for text in call.texts("prefixes") or ()]
    yield say.CreateTable(
        op.at,
        op.table,
        "temporary" if {"TEMPORARY", "TEMP"}.intersection(prefixes) else "permanent",
        call.flag("if_not_exists"),
        tuple(found.columns),
        tuple(found.constraints),
        whole=found.whole and call.whole,
        partitioned_by=call.text("postgresql_partition_by"),
        engine=call.text("mysql_engine"),
    )
    yield from (say.CreateIndex(index.at, op.table, index) for index in found.indexes)


def _add_column(op: Operation) -> Iterator[say.Statement]:
    call = op.call
    found = Items([], [], [], [])
    bound = call.given.get("column")
    node, scope = followed(bound) if bound else (None, {})
    if not isinstance(node, ast.Call):
        raise op.computed
    read_column(Call(call.file, call.dialect, Bound(node, scope), COLUMN), op.title, found)
    if not found.columns:
        raise op.computed
    settle_keys(found, call.dialect)
    column = found.columns[0]
    if not (op.batched or call.flag("inline_primary_key")):
        # ADD COLUMN of a key numbers the rows, and makes no key.
        own = tuple(constraint for constraint in column.constraints if constraint.kind != "primary")
        column = msgspec.structs.replace(column, constraints=own)
    yield op.alter(say.AddColumn(op.at, column, call.flag("if_not_exists")))
    yield from (op.alter(say.AddConstraint(k.at, k)) for k in found.constraints)
    yield from (say.CreateIndex(index.at, op.table, index) for index in found.indexes)
    if not found.whole:
        yield say.Opaque(op.at, "a computed constraint", (op.table.key,))


def _drop_column(op: Operation) -> Iterator[say.Statement]:
    yield op.alter(say.DropColumn(op.at, op.wanted("column_name"), op.call.flag("if_exists")))


def _alter_column(op: Operation) -> Iterator[say.Statement]:
    call, column = op.call, op.wanted("column_name")
    actions: list[say.Action] = []
    if "type_" in call.given and call.value("type_") is not None:
        kind = read_type(call.given["type_"], call.dialect).text
        was = read_type(call.given["existing_type"], call.dialect).text if "existing_type" in call.given else ""
        actions.append(say.SetType(op.at, column, kind, call.text("postgresql_using"), was))
    if "nullable" in call.given:
        nullable = call.value("nullable")
        if isinstance(nullable, bool):
            actions.append(say.SetNullable(op.at, column, nullable))
        elif nullable is not None:
            raise op.computed
    if "server_default" in call.given and call.value("server_default") is not False:
        actions.append(say.SetDefault(op.at, column, default_of(call, "server_default")))
    if "new_column_name" in call.given and call.value("new_column_name") is not None:
        actions.append(say.RenameColumn(op.at, column, op.wanted("new_column_name")))
    if not call.whole:
        raise op.computed
    yield op.alter(*actions) if actions else say.Ignored(op.at, "op.alter_column")


def _create_index(op: Operation) -> Iterator[say.Statement]:
    call = op.call
    node, scope = followed(call.given["columns"]) if "columns" in call.given else (None, {})
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else [node] if isinstance(node, ast.Constant) else []
    index = read_index(call, [Bound(item, scope) for item in items])
    if index is None:
        raise op.computed
    concurrently = call.flag("postgresql_concurrently") and call.dialect == "postgres"
    yield say.CreateIndex(op.at, op.table, index, concurrently, call.flag("if_not_exists"))


def _drop_index(op: Operation) -> Iterator[say.Statement]:
    call = op.call
    word = op.wanted("index_name")
    name = call.named(word.text, op.schema, "index_name")
    table = op.table if op.title and call.dialect == "mysql" else None
    concurrently = call.flag("postgresql_concurrently") and call.dialect == "postgres"
    yield say.Drop(op.at, "INDEX", (name,), call.flag("if_exists"), False, concurrently, table)


def _create_foreign_key(op: Operation) -> Iterator[say.Statement]:
    call = op.call
    target, columns, referenced = call.text("referent_table"), op.many("local_cols"), op.many("remote_cols")
    if not target:
        raise op.computed
    schema = call.text("referent_schema")
    path = f"{schema}.{target}" if schema else target
    targets = tuple(f"{path}.{column}" for column in referenced)
    made = foreign(call, op.at, columns, targets, op.constraint_name())
    if made is None:
        raise op.computed
    yield op.alter(say.AddConstraint(op.at, made))


def _create_key(op: Operation) -> Iterator[say.Statement]:
    kind = "primary" if op.name == "create_primary_key" else "unique"
    columns = tuple(op.call.word(column) for column in op.many("columns"))
    yield op.alter(say.AddConstraint(op.at, Constraint(kind, op.at, op.constraint_name(), columns)))


def _create_check(op: Operation) -> Iterator[say.Statement]:
    text = op.call.text("condition")
    not_valid = op.call.flag("postgresql_not_valid")
    name = checked(op.call, op.title, "constraint_name")
    made = Constraint("check", op.at, name, check=" ".join(text.split()) or "?", not_valid=not_valid)
    yield op.alter(say.AddConstraint(op.at, made))


def _create_exclude(op: Operation) -> Iterator[say.Statement]:
    made = Constraint("exclude", op.at, op.constraint_name(), parts=(say.Part("", "?"),))
    yield op.alter(say.AddConstraint(op.at, made))


def _drop_constraint(op: Operation) -> Iterator[say.Statement]:
    call = op.call
    kind = {"foreignkey": "foreign", "unique": "index"}.get(call.text("type_"), call.text("type_"))
    if kind == "primary":
        name = call.word(call.text("constraint_name"))
        yield op.alter(say.DropConstraint(op.at, name, "primary"))
        return
    given_so = call.given.get("constraint_name")
    if not call.text("constraint_name") and given_so is not None:
        if value(given_so) is None:
            raise Nameless(op.computed.tables)
        names, every = asked_for(given_so)
        keys = tuple(fold(name, True, call.dialect) for name in names if name != op.title)
        yield op.alter(say.DropSought(op.at, {"index": "unique"}.get(kind, kind), keys, every))
        return
    word = (checked(call, op.title, "constraint_name") if kind == "check" else None) or op.wanted("constraint_name")
    if call.dialect == "postgres":
        kind = ""
    yield op.alter(say.DropConstraint(op.at, word, kind, call.flag("if_exists")))


def _drop_table(op: Operation) -> Iterator[say.Statement]:
    yield say.Drop(op.at, "TABLE", (op.table,), op.call.flag("if_exists"))


def _rename_table(op: Operation) -> Iterator[say.Statement]:
    call = op.call
    old, new = call.text("old_table_name"), call.text("new_table_name")
    if not old or not new:
        raise Computed(("*",))
    renamed = say.RenameTo(op.at, call.named(new, "", "new_table_name"))
    yield say.AlterTable(op.at, call.named(old, op.schema, "old_table_name"), (renamed,))


def _data(op: Operation) -> Iterator[say.Statement]:
    yield say.Ignored(op.at, "INSERT" if op.name == "bulk_insert" else f"op.{op.name}")


def _execute(op: Operation) -> Iterator[say.Statement]:
    call = op.call
    bound = call.given.get("sqltext")
    yield from executed(call.file, call.dialect, bound, op.at) if bound else ()


def executed(file: PyFile, dialect: str, bound: Bound, at: Span) -> Iterator[say.Statement]:
    """The statements of what is handed to `execute`: SQL as text, or an expression over rows, which is data."""
    node, scope = followed(bound)
    if isinstance(node, ast.Call):
        inner = node.func
        last = inner.attr if isinstance(inner, ast.Attribute) else inner.id if isinstance(inner, ast.Name) else ""
        if last in ("text", "SQL", "DDL") and node.args:
            yield from file.statements(Bound(node.args[0], scope), dialect)
            return
        if last in _CLAUSES:
            ddl = last in ("CreateSchema", "DropSchema", "CreateSequence", "DropSequence", "CreateView")
            yield say.Ignored(at, "CREATE" if ddl else "UPDATE")
            return
        if last in ("bindparams", "params", "execution_options") and isinstance(inner, ast.Attribute):
            yield from executed(file, dialect, Bound(inner.value, scope), at)
            return
    if isinstance(value(Bound(node, scope)), str) or isinstance(node, ast.JoinedStr | ast.BinOp | ast.Call):
        yield from file.statements(Bound(node, scope), dialect)
    else:
        yield say.Opaque(at, "SQL made at run time", ("*",))


_CLAUSES: Final = frozenset(
    "insert update delete select values where from_select returning from_ join outerjoin order_by limit group_by "
    "on_conflict_do_nothing on_conflict_do_update distinct select_from CreateSchema DropSchema CreateSequence "
    "DropSequence having filter scalar_subquery union union_all".split()
)
_WITHOUT_TABLE: Final = frozenset(
    {"execute", "rename_table", "drop_index", "bulk_insert", "create_entity", "drop_entity", "replace_entity"}
)
_KEY: Final = ("constraint_name", "table_name", "columns")
_OPERATIONS: Final[dict[str, tuple[tuple[str, ...], Callable[[Operation], Iterator[say.Statement]]]]] = {
    "create_table": (("table_name",), _create_table),
    "add_column": (("table_name", "column"), _add_column),
    "drop_column": (("table_name", "column_name"), _drop_column),
    "alter_column": (("table_name", "column_name"), _alter_column),
    "create_index": (("index_name", "table_name", "columns"), _create_index),
    "drop_index": (("index_name", "table_name"), _drop_index),
    "create_foreign_key": (
        ("constraint_name", "source_table", "referent_table", "local_cols", "remote_cols"),
        _create_foreign_key,
    ),
    "create_unique_constraint": (_KEY, _create_key),
    "create_primary_key": (_KEY, _create_key),
    "create_check_constraint": (("constraint_name", "table_name", "condition"), _create_check),
    "create_exclude_constraint": (("constraint_name", "table_name"), _create_exclude),
    "drop_constraint": (("constraint_name", "table_name", "type_"), _drop_constraint),
    "drop_table": (("table_name",), _drop_table),
    "rename_table": (("old_table_name", "new_table_name"), _rename_table),
    "execute": (("sqltext",), _execute),
    "bulk_insert": ((), _data),
    "create_table_comment": (("table_name",), _data),
    "drop_table_comment": (("table_name",), _data),
    "create_entity": ((), _data),
    "replace_entity": ((), _data),
    "drop_entity": ((), _data),
}
