"""Readers for what stands in the parentheses of CREATE TABLE and behind ADD: columns, constraints, index keys."""

from __future__ import annotations

from typing import Final

import msgspec

from archcheck.surfaces.sql.cursor import Cursor, NotRead
from archcheck.surfaces.sql.statements import Column, Constraint, Index, Name, Part, Span, Word

_CONSTRAINT_WORDS: Final = frozenset("CONSTRAINT PRIMARY UNIQUE FOREIGN CHECK".split())
_TABLE_WORDS: Final = _CONSTRAINT_WORDS | {"EXCLUDE", "NOT"}
_INDEX_WORDS: Final = frozenset("INDEX KEY FULLTEXT SPATIAL PROJECTION".split())

# What ends a type or a default: the words that start the next clause of a column.
_CLAUSES: Final = frozenset(
    "CONSTRAINT NOT NULL DEFAULT PRIMARY UNIQUE REFERENCES CHECK GENERATED COLLATE AUTO_INCREMENT AUTOINCREMENT "
    "COMMENT ON IDENTITY AS STORAGE COMPRESSION CHARSET KEY VIRTUAL STORED PERSISTED INVISIBLE VISIBLE FIRST AFTER "
    "CODEC TTL MATERIALIZED ALIAS EPHEMERAL DEFERRABLE INITIALLY OPTIONS USING".split()
)
_SERIALS: Final = frozenset("serial bigserial smallserial serial2 serial4 serial8".split())
_PART_TAIL: Final = frozenset("ASC DESC NULLS COLLATE WITH".split())
_ACTIONS: Final = (("CASCADE",), ("RESTRICT",), ("NO", "ACTION"), ("SET", "NULL"), ("SET", "DEFAULT"))


def is_constraint(item: Cursor) -> bool:
    """Whether a part of CREATE TABLE is a constraint and no column."""
    key = item.peek()
    return key in _CONSTRAINT_WORDS or (key == "EXCLUDE" and item.peek(1) in ("USING", "("))


def is_index(item: Cursor) -> bool:
    """Whether a part of CREATE TABLE, or an ADD, is an index, as MySQL and ClickHouse allow it."""
    return item.peek() in _INDEX_WORDS and item.dialect not in ("postgres", "sqlite")


def read_column(item: Cursor) -> Column:
    """A column: its name, type and clauses. Raises `NotRead`."""
    start = item.index
    name = item.word()
    kind = _type(item)
    state = _Clauses(item, name, start)
    state.read()
    if kind in _SERIALS:
        state.nullable, state.generated = False, "serial"
    return Column(
        name=name,
        type=kind,
        nullable=state.nullable,
        default=state.default,
        generated=state.generated,
        collation=state.collation,
        constraints=tuple(state.constraints),
    )


class _Clauses:
    """The clauses behind a column's type, in any order."""

    __slots__ = ("collation", "column", "constraints", "default", "generated", "item", "nullable", "start")

    def __init__(self, item: Cursor, column: Word, start: int) -> None:
        self.item = item
        self.column = column
        self.start = start
        self.nullable = True
        self.default: str | None = None
        self.generated = self.collation = ""
        self.constraints: list[Constraint] = []

    def read(self) -> None:
        item = self.item
        while not item.done:
            name = item.word() if item.accept("CONSTRAINT") else None
            if item.accept("NOT", "NULL"):
                self.nullable = False
            elif item.accept("NOT", "VALID") or item.accept("NOT", "ENFORCED") or item.accept("NOT", "DEFERRABLE"):
                continue
            elif item.accept("DEFAULT"):
                self.default = expression(item)
            elif not self._key(name) and not self._generated():
                self._other()

    def _key(self, name: Word | None) -> bool:
        item = self.item
        if item.accept("PRIMARY", "KEY") or (item.dialect == "mysql" and item.accept("KEY")):
            self.nullable = False
            self._add("primary", name)
        elif item.accept("UNIQUE"):
            item.accept_any("KEY")
            item.accept("NULLS", "NOT", "DISTINCT")
            self._add("unique", name)
        elif item.accept("REFERENCES"):
            self.constraints.append(read_references(item, (self.column,), name, Span()))
            self.constraints[-1] = _moved(self.constraints[-1], item.span_from(self.start))
        elif item.accept("CHECK"):
            start = item.index
            item.group()
            self._add("check", name, check=item.text_since(start)[1:-1].strip())
        else:
            return False
        return True

    def _add(self, kind: str, name: Word | None, check: str = "") -> None:
        columns = () if kind == "check" else (self.column,)
        at = self.item.span_from(self.start)
        self.constraints.append(Constraint(kind, at, name, columns, check=check))

    def _generated(self) -> bool:
        item = self.item
        if item.accept("GENERATED"):
            item.accept("ALWAYS") or item.accept("BY", "DEFAULT")
            item.accept("ON", "NULL")
            item.expect("AS")
            if item.accept("IDENTITY"):
                self.generated, self.nullable = "identity", False
                if item.peek() == "(":
                    item.group()
            elif item.accept("ROW"):
                item.accept_any("START", "END")
            else:
                self._expression_column()
        elif item.accept("AS"):
            self._expression_column()
        elif item.accept_any("AUTO_INCREMENT", "AUTOINCREMENT"):
            self.generated = "auto"
        elif item.accept("IDENTITY"):
            self.generated = "identity"
            if item.peek() == "(":
                item.group()
        else:
            return False
        return True

    def _expression_column(self) -> None:
        self.item.group()
        stored = self.item.accept_any("STORED", "VIRTUAL", "PERSISTED")
        self.generated = "virtual" if stored == "VIRTUAL" else "stored"

    def _other(self) -> None:
        """Clauses the catalog has no use for; an unknown word is stepped over, the column stays known."""
        item = self.item
        if item.accept("COLLATE"):
            self.collation = item.name().text
        elif item.accept("ON", "UPDATE"):
            expression(item)
        else:
            item.skip()


def _moved(constraint: Constraint, at: Span) -> Constraint:
    return msgspec.structs.replace(constraint, at=at)


def _type(item: Cursor) -> str:
    """The type's text, lower-cased outside quotes, with single blanks; empty where SQLite has none."""
    start = item.index
    if item.peek() == "AS" and item.peek(1) == "(":
        return ""
    while not item.done and item.peek() not in _CLAUSES:
        item.skip()
    return normal_type(item.text_since(start))


def normal_type(text: str) -> str:
    """A type's text lower-cased outside double quotes."""
    if '"' not in text:
        return text.lower()
    return '"'.join(part if index % 2 else part.lower() for index, part in enumerate(text.split('"')))


def read_type(item: Cursor) -> str:
    """A type that fills the rest up to the next clause (`ALTER COLUMN ... TYPE`)."""
    return _type(item)


def expression(item: Cursor) -> str:
    """A default's text: at least one token, up to the next clause of the column."""
    start = item.index
    if not item.done:
        item.skip()
    while not item.done and item.peek() not in _CLAUSES:
        item.skip()
    return item.text_since(start)


def read_constraint(item: Cursor) -> Constraint:
    """A table's constraint, named or not. Raises `NotRead`."""
    start = item.index
    name = None
    if item.accept("CONSTRAINT") and (item.peek() not in _TABLE_WORDS or item.peek(1) in _TABLE_WORDS):
        # MySQL allows the word alone: CONSTRAINT FOREIGN KEY (...).
        name = item.word()
    constraint = _constraint(item, name)
    not_valid = deferrable = False
    while not item.done:
        not_valid |= item.accept("NOT", "VALID")
        if not item.done and not item.accept("NOT", "DEFERRABLE"):
            deferrable |= item.peek() == "DEFERRABLE"
            item.skip()
    return msgspec.structs.replace(
        constraint, at=item.span_from(start), not_valid=not_valid, deferrable=deferrable or constraint.deferrable
    )


def _constraint(item: Cursor, name: Word | None) -> Constraint:
    nowhere = Span()
    if item.accept("FOREIGN", "KEY"):
        if item.accept("IF", "NOT", "EXISTS") or item.peek() != "(":
            name = name or item.word()
        columns = item.words()
        item.expect("REFERENCES")
        return read_references(item, columns, name, nowhere)
    if item.accept("CHECK"):
        start = item.index
        item.group()
        return Constraint("check", nowhere, name, check=item.text_since(start)[1:-1].strip())
    if item.accept("NOT", "NULL"):
        return Constraint("not-null", nowhere, name, (item.word(),))
    if item.accept("EXCLUDE"):
        item.skip_until("(")
        return Constraint("exclude", nowhere, name, parts=read_parts(item.group(), exclude=True))
    kind = "primary" if item.accept("PRIMARY", "KEY") else "unique"
    if kind == "unique":
        item.expect("UNIQUE")
    return _key(item, kind, name)


def _key(item: Cursor, kind: str, name: Word | None) -> Constraint:
    """What follows PRIMARY KEY or UNIQUE: an index to take over, or the columns."""
    if item.accept("USING", "INDEX"):
        return Constraint(kind, Span(), name, using_index=item.word().key)
    item.accept_any("INDEX", "KEY", "CLUSTERED", "NONCLUSTERED")
    item.accept("NULLS", "NOT", "DISTINCT") or item.accept("NULLS", "DISTINCT")
    if item.accept("USING"):
        item.word()
    if item.kind() in ("word", "name"):
        name = name or item.word()
        if item.accept("USING"):
            item.word()
    group = item.group()
    parts = read_parts(group)
    columns = tuple(Word(part.key, part.key, Span()) for part in parts if part.key)
    return Constraint(kind, Span(), name, columns, parts=parts if len(columns) < len(parts) else ())


def read_references(item: Cursor, columns: tuple[Word, ...], name: Word | None, at: Span) -> Constraint:
    """What follows REFERENCES: the table, its columns and the actions. Raises `NotRead`."""
    table: Name = item.name()
    referenced = item.words() if item.peek() == "(" else ()
    on_delete = on_update = ""
    deferrable = False
    while not item.done:
        if item.accept("MATCH"):
            item.skip()
        elif item.accept("ON", "DELETE"):
            on_delete = _action(item)
        elif item.accept("ON", "UPDATE"):
            on_update = _action(item)
        elif item.accept("DEFERRABLE"):
            deferrable = True
        elif item.accept("INITIALLY"):
            item.skip()
        elif not item.accept("NOT", "DEFERRABLE"):
            break
    return Constraint(
        "foreign",
        at,
        name,
        columns,
        table,
        referenced,
        on_delete=on_delete,
        on_update=on_update,
        deferrable=deferrable,
    )


def _action(item: Cursor) -> str:
    for words in _ACTIONS:
        if item.accept(*words):
            if words[0] == "SET" and item.peek() == "(":
                item.group()
            return " ".join(words).lower()
    raise NotRead("a referential action")


def read_parts(group: Cursor, *, exclude: bool = False) -> tuple[Part, ...]:
    """The keys of an index, a unique or primary key, or (with their operators) an exclusion constraint."""
    return tuple(_part(item, exclude) for item in group.items())


def _part(item: Cursor, exclude: bool) -> Part:
    start = item.index
    key, length = "", 0
    wrapped = item.peek() == "(" and item.kind(1) in ("word", "name") and item.peek(2) == ")"
    if wrapped and item.dialect == "postgres" and item.peek(1) not in ("TRUE", "FALSE", "NULL"):
        # A column in parentheses is that column to PostgreSQL.
        item.index += 1
        key = item.word().key
        item.index += 1
    elif item.kind() in ("word", "name"):
        word = item.word()
        if item.dialect == "mysql" and item.peek() == "(" and item.kind(1) == "number" and item.peek(2) == ")":
            length = int(item.source.text[item.tokens[item.index + 1].start : item.tokens[item.index + 1].end] or 0)
            key = word.key
            item.skip()
        elif item.peek() not in ("(", "."):
            key = word.key
    operators = item.index
    while not item.done and item.peek() not in _PART_TAIL:
        # An operator makes an expression of it; a word is the operator class.
        key = key if (item.kind() == "word" or item.peek() == ".") and key else ""
        item.skip()
    text = item.text_since(start)
    if item.accept("COLLATE"):
        item.name()
        if item.kind() == "word" and item.peek() not in _PART_TAIL:
            item.name()
    classed = item.text_since(operators) if key else ""
    descending = nulls_first = False
    while not item.done and not (exclude and item.peek() == "WITH"):
        descending |= item.peek() == "DESC"
        nulls_first |= item.peek() == "NULLS" and item.peek(1) == "FIRST"
        item.skip()
    return Part(key, "" if key else text, descending, nulls_first, length, classed)


def read_index(item: Cursor) -> Index:
    """An index among the columns of a table, or behind ADD, as MySQL and ClickHouse write it. Raises `NotRead`."""
    start = item.index
    method = item.accept_any("FULLTEXT", "SPATIAL", "PROJECTION").lower()
    item.accept_any("INDEX", "KEY")
    name = None if item.peek() in ("(", "USING") else item.word()
    if item.accept("USING"):
        method = item.word().key
    parts = read_parts(item.group()) if item.peek() == "(" else ()
    item.index = item.stop
    return Index(item.span_from(start), name, parts, method=method)
