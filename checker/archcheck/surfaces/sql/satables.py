"""What `sa.Column`, `sa.ForeignKeyConstraint` and their like say, as the columns and constraints of a table."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from archcheck.source import Source
from archcheck.surfaces.sql.conventions import conventional, is_final
from archcheck.surfaces.sql.cursor import fold
from archcheck.surfaces.sql.parts import Column, Constraint, Index, Name, Part, Span, Word
from archcheck.surfaces.sql.pynodes import Bound, dotted
from archcheck.surfaces.sql.pyobjects import given
from archcheck.surfaces.sql.pyread import PyFile
from archcheck.surfaces.sql.pyvalues import followed, value
from archcheck.surfaces.sql.reading import read_chunk
from archcheck.surfaces.sql.satypes import SaType, read_type
from archcheck.surfaces.sql.splitter import split
from archcheck.surfaces.sql.statements import CreateIndex, CreateType

_SERIAL: Final = {"integer": "serial", "bigint": "bigserial", "smallint": "smallserial"}
_FUNCTIONS: Final = frozenset({"func"})


class Call:
    """A call with its arguments under the names of their parameters; `rest` holds the positional ones behind those."""

    __slots__ = ("bound", "dialect", "file", "given", "name", "rest", "whole")

    def __init__(self, file: PyFile, dialect: str, bound: Bound, parameters: tuple[str, ...] = ()) -> None:
        node = bound.node
        assert isinstance(node, ast.Call)
        self.file = file
        self.dialect = dialect
        self.bound = bound
        self.name = dotted(node.func).rpartition(".")[2]
        positional, named, self.whole = given(bound)
        self.given = dict(zip(parameters, positional, strict=False)) | named
        self.rest = positional[len(parameters) :]

    @property
    def at(self) -> Span:
        """The call, cut at the end of its first line."""
        return self.file.span(self.bound.node)

    def value(self, name: str, default: object = None) -> object:
        """The value of an argument, `UNKNOWN` when it is computed."""
        return value(self.given[name]) if name in self.given else default

    def text(self, name: str) -> str:
        """A text argument; empty when it is absent, None or computed."""
        found = self.value(name, "")
        return found if isinstance(found, str) else ""

    def texts(self, name: str) -> tuple[str, ...] | None:
        """A sequence of texts; None when it is computed."""
        found = self.value(name, ())
        found = (found,) if isinstance(found, str) else found
        if not isinstance(found, tuple | list) or not all(isinstance(item, str) for item in found):
            return None
        return tuple(item for item in found if isinstance(item, str))

    def flag(self, name: str) -> bool:
        """Whether an argument is True."""
        return self.value(name) is True

    def word(self, text: str, name: str = "") -> Word:
        """A name without schema that Python gives, placed at the argument it came from."""
        at = self.file.span(self.given[name].node) if name in self.given else self.at
        return Word(fold(text, True, self.dialect), text, at)

    def named(self, text: str, schema: str = "", name: str = "") -> Name:
        """A name with its schema."""
        word = self.word(text, name)
        return Name(fold(schema, True, self.dialect), word.key, f"{schema}.{text}" if schema else text, word.at)


class Items(Struct):
    """The parts of a table as they are gathered. `whole` is false when one of them is computed."""

    columns: list[Column] = []
    constraints: list[Constraint] = []
    indexes: list[Index] = []
    enums: list[SaType] = []
    whole: bool = True


COLUMN: Final = ("name",)
_PARAMETERS: Final = {
    "Column": COLUMN,
    "ForeignKeyConstraint": ("columns", "refcolumns"),
    "CheckConstraint": ("sqltext",),
    "Index": ("name",),
}


def read_items(file: PyFile, dialect: str, table: str, items: Iterable[Bound]) -> Items:
    """The columns, constraints and indexes among the arguments of `create_table`."""
    found = Items([], [], [], [])
    for item in items:
        node, scope = followed(item)
        if isinstance(node, ast.Constant) and node.value is None:
            continue
        name = dotted(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
        call = Call(file, dialect, Bound(node, scope), _PARAMETERS.get(name, ())) if name else None
        if call is not None and name == "Column":
            read_column(call, table, found)
        elif call is not None and name.endswith(("Constraint", "Index")):
            _constraint(call, name, found, table)
        else:
            found.whole = False
    settle_keys(found, dialect)
    return found


def read_column(call: Call, table: str, found: Items) -> None:
    """Add a column, and the constraints and the index that it brings with it, to what was found."""
    name = call.text("name")
    if not name:
        found.whole = False
        return
    word = Word(fold(name, True, call.dialect), name, call.at)
    kind, rest = _column_type(call)
    primary = call.flag("primary_key")
    nullable = call.value("nullable", not primary)
    generated, constraints = _column_parts(call, word, rest, found, table)
    default = default_of(call, "server_default")
    if primary and (generated or default is not None or any(c.kind == "foreign" for c in constraints)):
        generated = generated or "none"
    if call.value("autoincrement") is False:
        generated = generated or "none"
    if primary:
        constraints.append(Constraint("primary", call.at, None, (word,)))
    indexed = call.flag("index")
    if call.flag("unique") and not indexed:
        constraints.append(Constraint("unique", call.at, None, (word,)))
    if indexed:
        index = Index(call.at, None, (Part(word.key),), unique=call.flag("unique"))
        found.indexes.append(index)
    if kind.named:
        found.enums.append(kind)
    column = Column(word, kind.text, nullable is not False, default, generated, "", tuple(constraints))
    found.columns.append(column)


def _column_type(call: Call) -> tuple[SaType, list[Bound]]:
    if "type_" in call.given:
        return read_type(call.given["type_"], call.dialect), call.rest
    if not call.rest:
        return SaType(""), []
    first, *rest = call.rest
    node, _ = followed(first)
    name = dotted(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]
    if name in ("ForeignKey", "Identity", "Computed", "Sequence", "CheckConstraint"):
        return SaType(""), call.rest
    return read_type(first, call.dialect), rest


def _column_parts(call: Call, word: Word, rest: list[Bound], found: Items, table: str) -> tuple[str, list[Constraint]]:
    """How a column's value is generated, and its own constraints."""
    generated, constraints = "", []
    for item in [*rest, *(call.given[k] for k in ("server_default",) if k in call.given)]:
        node, scope = followed(item)
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func).rpartition(".")[2]
        if name == "ForeignKey":
            foreign = _foreign_key(Call(call.file, call.dialect, Bound(node, scope), ("column",)), call.at, word)
            constraints += [foreign] if foreign else []
            found.whole = found.whole and foreign is not None
        elif name == "CheckConstraint":
            _constraint(Call(call.file, call.dialect, Bound(node, scope), ("sqltext",)), name, found, table)
        elif name == "Identity":
            generated = "identity"
        elif name == "Computed":
            persisted = Call(call.file, call.dialect, Bound(node, scope), ("sqltext",)).value("persisted")
            generated = "virtual" if persisted is False else "stored"
    return generated, constraints


def settle_keys(found: Items, dialect: str) -> None:
    """Join the columns that are the primary key into one constraint, and number the rows of a whole-numbered key."""
    inline = [c for c in found.columns if any(k.kind == "primary" for k in c.constraints)]
    stated = next((k for k in found.constraints if k.kind == "primary"), None)
    if len(inline) > 1 and stated is None:
        stated = Constraint("primary", inline[0].name.at, None, tuple(c.name for c in inline))
        found.constraints.append(stated)
        inline = []
    key = [word.key for word in stated.columns] if stated else [c.name.key for c in inline]
    tied = {w.key for k in found.constraints if k.kind == "foreign" for w in k.columns}
    for number, column in enumerate(found.columns):
        constraints = column.constraints if inline else tuple(k for k in column.constraints if k.kind != "primary")
        generated, kind = column.generated, column.type
        foreign = column.name.key in tied or any(k.kind == "foreign" for k in constraints)
        if key == [column.name.key] and not generated and not foreign and column.default is None and kind in _SERIAL:
            if dialect == "postgres":
                generated, kind = "serial", _SERIAL[kind]
            elif dialect == "mysql":
                generated = "auto"
        found.columns[number] = msgspec.structs.replace(
            column,
            type=kind,
            generated=generated if generated != "none" else "",
            nullable=column.nullable and column.name.key not in key,
            constraints=constraints,
        )


def _constraint(call: Call, kind: str, found: Items, table: str) -> None:
    """Add a constraint or an index of its own to what was found."""
    made = read_constraint(call, kind, table)
    if isinstance(made, Index):
        found.indexes.append(made)
    elif made is not None:
        found.constraints.append(made)
    else:
        found.whole = False


def checked(call: Call, table: str, parameter: str = "name") -> Word | None:
    """The name of a check, to which a convention adds: that alone of all names is only a part of it."""
    text = call.text(parameter)
    if text and not is_final(call.given.get(parameter)):
        text = conventional(call.file.convention, "check", call.dialect, table, (), given=text)
    return call.word(text, parameter) if text else None


def read_constraint(call: Call, kind: str, table: str) -> Constraint | Index | None:
    """A constraint of a table, or an index; None when its columns are computed."""
    name = call.word(call.text("name"), "name") if call.text("name") else None
    if kind == "CheckConstraint":
        text, name = call.text("sqltext"), checked(call, table)
        return Constraint("check", call.at, name, check=" ".join(text.split())) if text else None
    if kind == "ForeignKeyConstraint":
        columns, targets = call.texts("columns"), call.texts("refcolumns")
        return foreign(call, call.at, columns, targets, name)
    if kind == "ExcludeConstraint":
        return Constraint("exclude", call.at, name, parts=(Part("", "?"),))
    if kind == "Index":
        return read_index(call, call.rest)
    words = [value(item) for item in call.rest]
    if not all(isinstance(word, str) for word in words) or not call.whole:
        return None
    keys = tuple(call.word(word) for word in words if isinstance(word, str))
    return Constraint("primary" if kind == "PrimaryKeyConstraint" else "unique", call.at, name, keys)


def _foreign_key(call: Call, at: Span, column: Word) -> Constraint | None:
    target = call.text("column")
    name = call.word(call.text("name"), "name") if call.text("name") else None
    return foreign(call, at, (column.text,), (target,) if target else None, name)


def foreign(
    call: Call, at: Span, columns: tuple[str, ...] | None, targets: tuple[str, ...] | None, name: Word | None
) -> Constraint | None:
    """A foreign key to `schema.table.column`s; None when its sides are computed."""
    if not columns or not targets or any("." not in target for target in targets):
        return None
    path, _, _ = targets[0].rpartition(".")
    schema, _, table = path.rpartition(".")
    return Constraint(
        "foreign",
        at,
        name,
        tuple(call.word(column) for column in columns),
        call.named(table, schema),
        tuple(call.word(target.rpartition(".")[2]) for target in targets),
        on_delete=call.text("ondelete").lower(),
        on_update=call.text("onupdate").lower(),
        not_valid=call.flag("postgresql_not_valid"),
        deferrable=call.flag("deferrable"),
    )


def read_index(call: Call, keys: Iterable[Bound]) -> Index | None:
    """An index over columns and expressions; None when they are computed."""
    parts = list(_parts(call, keys))
    if not parts or not all(parts):
        return None
    where = ""
    prefix = {"postgres": "postgresql"}.get(call.dialect, call.dialect)
    if f"{prefix}_where" in call.given:
        where = call.text(f"{prefix}_where") or "?"
    include = call.texts(f"{prefix}_include") or ()
    made = index_of_text(", ".join(parts), where, call.dialect)
    using = call.text(f"{prefix}_using").lower()
    name = call.text("index_name") or call.text("name")
    return Index(
        call.at,
        call.word(name, "name") if name else None,
        made.parts if made else tuple(Part(part.strip('"')) for part in parts),
        call.flag("unique"),
        "" if using == "btree" else using,
        tuple(fold(column, True, call.dialect) for column in include),
        made.predicate if made else where,
        made.not_null if made else (),
        call.flag(f"{prefix}_nulls_not_distinct"),
    )


def _parts(call: Call, keys: Iterable[Bound]) -> Iterator[str]:
    """The keys of an index as SQL; an empty text for one that is computed."""
    for key in keys:
        node, scope = followed(key)
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in ("text", "literal_column"):
            yield call_text(Bound(node.args[0], scope)) if node.args else ""
        elif isinstance(node, ast.Call):
            written = " ".join(ast.unparse(node).split())
            yield f"({written})" if _FUNCTIONS.intersection(written.split(".")) else f'"{call_text(key)}"'
        else:
            text = call_text(key)
            yield '"' + text.replace('"', '""') + '"' if text else ""


def call_text(bound: Bound) -> str:
    """A text, or nothing."""
    found = value(bound)
    return found if isinstance(found, str) else ""


def index_of_text(parts: str, where: str, dialect: str) -> Index | None:
    """An index by the SQL of its keys and its condition."""
    quoted = parts.replace('"', "`") if dialect == "mysql" else parts
    text = f"CREATE INDEX i ON t ({quoted}){' WHERE ' + where if where and where != '?' else ''}"
    source = Source("", text.encode())
    for chunk in split(text, dialect):
        statement = read_chunk(source, dialect, chunk)
        if isinstance(statement, CreateIndex):
            predicate = statement.index.predicate or where
            return msgspec.structs.replace(statement.index, predicate=predicate)
    return None


def default_of(call: Call, name: str) -> str | None:
    """A server default as SQL: None without one (or with False), empty when it is computed."""
    if name not in call.given:
        return None
    node, scope = followed(call.given[name])
    if isinstance(node, ast.Constant):
        return None if node.value is None or node.value is False else "'" + str(node.value).replace("'", "''") + "'"
    if isinstance(node, ast.Call):
        function = dotted(node.func)
        last = function.rpartition(".")[2]
        if last in ("text", "literal_column") and node.args:
            return call_text(Bound(node.args[0], scope))
        if last in ("true", "false", "null"):
            return last
        if last in ("Identity", "Computed"):
            return None
        if ".func." in f".{function}" and not node.args:
            return f"{last}()"
    return ""


def enum_types(call: Call, enums: Iterable[SaType]) -> Iterator[CreateType]:
    """The enum types that a table needs and SQLAlchemy creates before it."""
    for enum in enums:
        if enum.creates:
            yield CreateType(call.at, call.named(enum.named, enum.schema), "enum", enum.labels)
