"""Readers for CREATE TABLE, CREATE INDEX and CREATE TYPE."""

from __future__ import annotations

from typing import Final

from archcheck.surfaces.sql.columns import (
    is_constraint,
    is_index,
    read_column,
    read_constraint,
    read_index,
    read_parts,
    read_type,
)
from archcheck.surfaces.sql.cursor import Cursor, NotRead
from archcheck.surfaces.sql.statements import (
    Column,
    Constraint,
    CreateIndex,
    CreateTable,
    CreateType,
    Index,
    Like,
    Name,
    Span,
    Word,
)

_LIKE_PARTS: Final = frozenset(
    "ALL INDEXES CONSTRAINTS DEFAULTS IDENTITY GENERATED STORAGE COMMENTS STATISTICS".split()
)
# So many parentheses around a condition or a query are taken off, and no more.
_WRAPPED: Final = 8


def read_create_table(cursor: Cursor, kind: str, at: Span) -> CreateTable:
    """What follows CREATE ... TABLE. Raises `NotRead` when not even the name can be read."""
    if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
    table = _Table(cursor.name())
    table.read(cursor)
    return CreateTable(
        at=at,
        name=table.name,
        kind=kind,
        if_not_exists=if_not_exists,
        columns=tuple(table.columns),
        constraints=tuple(table.constraints),
        indexes=tuple(table.indexes),
        likes=tuple(table.likes),
        partition_of=table.partition_of,
        partitioned_by=table.partitioned_by,
        inherits=table.inherits,
        from_query=table.from_query,
        whole=table.whole,
        engine=table.engine,
    )


class _Table:
    """The parts of a CREATE TABLE as they are met."""

    def __init__(self, name: Name) -> None:
        self.name = name
        self.columns: list[Column] = []
        self.constraints: list[Constraint] = []
        self.indexes: list[Index] = []
        self.likes: list[Like] = []
        self.partition_of: Name | None = None
        self.partitioned_by = self.engine = ""
        self.inherits: tuple[Name, ...] = ()
        self.from_query = False
        self.whole = True

    def read(self, cursor: Cursor) -> None:
        if cursor.accept("ON", "CLUSTER"):
            cursor.skip()
        if cursor.accept("PARTITION", "OF"):
            self.partition_of = cursor.name()
        elif cursor.accept("OF"):
            cursor.name()
            self.whole = False
        elif cursor.accept("LIKE"):
            self.likes.append(_like(cursor))
        if cursor.peek() == "(":
            if cursor.peek(1) in ("SELECT", "WITH"):
                self._query(cursor.group())
                return
            self._body(cursor.group())
        self._options(cursor)

    def _query(self, query: Cursor) -> None:
        """AS SELECT: the columns have the names of the query's items, and types that only the server knows."""
        self.from_query = True
        words = query_names(query)
        self.whole = words is not None
        own = {column.name.key for column in self.columns}
        self.columns.extend(Column(word, "") for word in words or () if word.key not in own)

    def _body(self, body: Cursor) -> None:
        for item in body.items():
            try:
                self._item(item)
            except NotRead:
                self.whole = False

    def _item(self, item: Cursor) -> None:
        if is_constraint(item):
            self.constraints.append(read_constraint(item))
        elif is_index(item):
            self.indexes.append(read_index(item))
        elif item.peek() == "LIKE":
            item.accept("LIKE")
            self.likes.append(_like(item))
        elif self.partition_of is None or item.kind(1) not in ("", "sign"):
            column = read_column(item)
            if self.partition_of is None:
                self.columns.append(column)
            else:
                self.constraints.extend(column.constraints)

    def _options(self, cursor: Cursor) -> None:
        """What stands behind the parentheses; all but a few things are of no concern."""
        while not cursor.done:
            if cursor.accept("INHERITS"):
                self.inherits = tuple(item.name() for item in cursor.group().items())
            elif cursor.accept("PARTITION", "BY"):
                start = cursor.index
                cursor.skip_until("WITH", "TABLESPACE", "USING", "ORDER", "PRIMARY", "SETTINGS", "TTL", "AS")
                self.partitioned_by = cursor.text_since(start)
            elif cursor.accept("ENGINE"):
                cursor.accept("=")
                self.engine = cursor.word().text
            elif cursor.accept("PRIMARY", "KEY") and cursor.peek() == "(":
                self.constraints.append(Constraint("primary", cursor.here, columns=_plain_words(cursor.group())))
            elif cursor.peek() in ("AS", "SELECT"):
                cursor.accept("AS")
                self._query(cursor)
                return
            else:
                cursor.skip()


def query_names(query: Cursor) -> list[Word] | None:
    """The names of the columns that a query gives, or None when they cannot be told without knowing its tables."""
    for _ in range(_WRAPPED):
        query = query.group() if query.peek() == "(" else query
    query.skip_until("SELECT")
    if not query.accept("SELECT"):
        return None
    query.accept("ALL")
    if query.accept("DISTINCT") and query.accept("ON"):
        query.group()
    start = query.index
    query.skip_until("FROM", "INTO", "WHERE", "UNION", "INTERSECT", "EXCEPT", "GROUP", "ORDER", "LIMIT", "WITH")
    names = [_output(item) for item in query.within(start, query.index).items()]
    return [name for name in names if name] if all(names) else None


def _output(item: Cursor) -> Word | None:
    """The name of one item of a select list: its alias, its column, or the function it calls."""
    start = item.index
    if item.tokens[item.stop - 1].kind not in ("word", "name"):
        # `max(x)` is called max; of an operator's or a cast's result the name is the server's affair.
        name = item.word() if item.kind() in ("word", "name") else None
        if name and item.peek() == "(":
            item.skip()
        return name if name and item.done else None
    last = item.stop - 1
    plain = last == start or item.tokens[last - 1].key in ("AS", ".")
    behind = item.tokens[last - 1].key == ")" or item.tokens[last - 1].kind in ("word", "name", "string", "number")
    if not plain and not (behind and item.tokens[last].key != "END"):
        return None
    return item.within(last, item.stop).word()


def _plain_words(group: Cursor) -> tuple[Word, ...]:
    return tuple(Word(part.key, part.key, Span()) for part in read_parts(group) if part.key)


def _like(cursor: Cursor) -> Like:
    name = cursor.name()
    including: list[str] = []
    while (way := cursor.accept_any("INCLUDING", "EXCLUDING")) and cursor.peek() in _LIKE_PARTS:
        part = cursor.word().key
        if way == "INCLUDING":
            including.append(part)
        elif part in including:
            including.remove(part)
    if cursor.dialect != "postgres":
        including = ["all"]
    return Like(name, tuple(including))


def read_create_index(cursor: Cursor, unique: bool, at: Span) -> CreateIndex:
    """What follows CREATE [UNIQUE] INDEX. Raises `NotRead`."""
    rest = cursor.here
    concurrently = cursor.accept("CONCURRENTLY")
    if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
    name = None if cursor.peek() == "ON" else _index_name(cursor)
    method = cursor.word().key if cursor.accept("USING") else ""
    cursor.expect("ON")
    only = cursor.accept("ONLY")
    table = cursor.name()
    if cursor.accept("USING"):
        method = cursor.word().key
    parts = read_parts(cursor.group())
    include: tuple[str, ...] = ()
    not_null: tuple[str, ...] = ()
    predicate, distinct = "", False
    while not cursor.done:
        if cursor.accept("INCLUDE"):
            include = tuple(word.key for word in cursor.words())
        elif cursor.accept("NULLS", "NOT", "DISTINCT"):
            distinct = True
        elif cursor.accept("WHERE"):
            start = cursor.index
            not_null = _only_not_null(cursor.within(start, cursor.stop))
            cursor.index = cursor.stop
            predicate = cursor.text_since(start)
        else:
            cursor.skip()
    index = Index(at, name, parts, unique, method, include, predicate, not_null, distinct)
    return CreateIndex(at, table, index, concurrently, if_not_exists, only, rest)


def _index_name(cursor: Cursor) -> Word:
    """An index's name; a schema before it (SQLite, MySQL) says nothing more than the table's does."""
    name = cursor.name()
    return Word(name.key, name.text.rsplit(".", 1)[-1], name.at)


def _only_not_null(predicate: Cursor) -> tuple[str, ...]:
    """The columns of a predicate that is nothing but `a IS NOT NULL AND b IS NOT NULL`; else nothing."""
    for _ in range(_WRAPPED):
        if predicate.peek() != "(":
            break
        inner = predicate.group()
        if not predicate.done:
            return _conjunction(inner, predicate)
        predicate = inner
    return _conjunction(None, predicate)


def _conjunction(first: Cursor | None, rest: Cursor) -> tuple[str, ...]:
    columns = [_not_null(first)] if first is not None else []
    if first is not None and not rest.accept("AND"):
        return ()
    while not rest.done:
        start = rest.index
        if rest.peek() == "(":
            columns.append(_not_null(rest.group()))
        else:
            rest.skip_until("AND")
            columns.append(_not_null(rest.within(start, rest.index)))
        if not rest.done and not rest.accept("AND"):
            return ()
    return tuple(columns) if all(columns) else ()


def _not_null(test: Cursor) -> str:
    """The column of `column IS NOT NULL`, and nothing else."""
    try:
        column = test.name().key
        test.expect("IS", "NOT", "NULL")
    except NotRead:
        return ""
    return column if test.done else ""


def read_create_type(cursor: Cursor, at: Span) -> CreateType:
    """What follows CREATE TYPE. Raises `NotRead`."""
    name = cursor.name()
    if cursor.accept("AS", "ENUM"):
        return CreateType(at, name, "enum", tuple(item.string() for item in cursor.group().items()))
    return CreateType(at, name, "composite" if cursor.accept("AS") and cursor.peek() == "(" else "other")


def read_create_domain(cursor: Cursor, at: Span) -> CreateType:
    """What follows CREATE DOMAIN. Raises `NotRead`."""
    name = cursor.name()
    cursor.accept("AS")
    return CreateType(at, name, "domain", base=read_type(cursor))
