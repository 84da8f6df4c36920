"""Reading turns the chunks of a script into typed statements; one it does not know costs itself only."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from archcheck.source import Source
from archcheck.surfaces.sql.altering import read_alter_index, read_alter_table, read_alter_type
from archcheck.surfaces.sql.blocks import altered_tables, read_block
from archcheck.surfaces.sql.creating import (
    query_names,
    read_create_domain,
    read_create_index,
    read_create_table,
    read_create_type,
)
from archcheck.surfaces.sql.cursor import Cursor, NotRead, literal
from archcheck.surfaces.sql.doing import read_deed, read_default_grant, read_function_change, read_role
from archcheck.surfaces.sql.splitter import Chunk
from archcheck.surfaces.sql.statements import (
    Column,
    CreateFunction,
    CreateSchema,
    CreateTable,
    CreateView,
    Drop,
    Ignored,
    Name,
    Opaque,
    RenameTables,
    SetSearchPath,
    Span,
    Statement,
)

_IGNORED: Final = frozenset(
    "INSERT UPDATE DELETE MERGE REPLACE TRUNCATE SELECT WITH VALUES TABLE EXPLAIN COPY CALL EXECUTE PREPARE "
    "DEALLOCATE COMMENT GRANT REVOKE SET RESET SHOW BEGIN START COMMIT ROLLBACK END ABORT SAVEPOINT RELEASE LOCK "
    "UNLOCK VACUUM ANALYZE ANALYSE REINDEX CLUSTER REFRESH NOTIFY LISTEN UNLISTEN PRAGMA USE OPTIMIZE DISCARD "
    "CHECKPOINT SECURITY REASSIGN DECLARE FETCH CLOSE MOVE HANDLER LOAD FLUSH KILL DESCRIBE DESC ATTACH DETACH "
    "PRINT EXCHANGE SYSTEM PERFORM XA".split()
)
_CALLING: Final = frozenset("SELECT CALL WITH PERFORM EXECUTE".split())

# Objects that may be created, altered and dropped without any table changing.
_APART: Final = frozenset(
    "TRIGGER POLICY EXTENSION ROLE USER GROUP RULE PUBLICATION SUBSCRIPTION SEQUENCE AGGREGATE OPERATOR CAST "
    "STATISTICS COLLATION CONVERSION LANGUAGE SERVER TRANSFORM TABLESPACE DATABASE EVENT ACCESS TEXT FUNCTION "
    "PROCEDURE ROUTINE DEFAULT SYSTEM LARGE VIEW MATERIALIZED DOMAIN DICTIONARY QUOTA ROW SETTINGS LOGIN RESOURCE "
    "NAMED SYNONYM".split()
)
_BEFORE_OBJECT: Final = frozenset(
    "OR REPLACE GLOBAL LOCAL TEMP TEMPORARY UNLOGGED EXTERNAL VIRTUAL RECURSIVE UNIQUE FULLTEXT SPATIAL CLUSTERED "
    "NONCLUSTERED CONSTRAINT TRUSTED PROCEDURAL ALGORITHM DEFINER SQL SECURITY INVOKER UNDEFINED MERGE TEMPTABLE "
    "TRANSIENT".split()
)
_TABLE_KINDS: Final = {
    "TEMP": "temporary",
    "TEMPORARY": "temporary",
    "UNLOGGED": "unlogged",
    "FOREIGN": "foreign",
    "EXTERNAL": "foreign",
    "VIRTUAL": "virtual",
}


def read_chunk(source: Source, dialect: str, chunk: Chunk) -> Statement | None:
    """The statement of a chunk; None for blanks, client commands and what has no end."""
    if chunk.kind != "statement" or not chunk.tokens:
        return None
    return read_statement(Cursor(source, dialect, chunk.tokens, 0, len(chunk.tokens)))


def read_statement(cursor: Cursor) -> Statement:
    """The statement from here to the cursor's end."""
    start = cursor.index
    at = cursor.span_from(start)
    head = cursor.peek()
    if head in _IGNORED:
        return _ignored(cursor, at, head)
    reader = _READERS.get(head)
    if reader is not None:
        cursor.index += 1
        try:
            return reader(cursor, at)
        except NotRead:
            cursor.index = start
    return _opaque(cursor, at)


def _opaque(cursor: Cursor, at: Span) -> Opaque:
    """A statement that is not modelled, with every name in it: one of them may be a table that it changes."""
    start = cursor.index
    kind: list[str] = []
    while not cursor.done and len(kind) < 3 and cursor.kind() == "word":
        kind.append(cursor.peek())
        cursor.index += 1
        if len(kind) == 2 and kind[0] in ("CREATE", "ALTER", "DROP"):
            break
    if len(kind) == 1 and cursor.dialect == "postgres" and kind[0] == "DO":
        return Opaque(at, "DO", ("*",))
    cursor.index = start
    names = []
    while not cursor.done:
        if cursor.kind() in ("word", "name"):
            names.append(cursor.word().key)
        else:
            cursor.index += 1
    return Opaque(at, " ".join(kind) or "unknown statement", tuple(dict.fromkeys(names)))


def _ignored(cursor: Cursor, at: Span, head: str) -> Statement:
    if (deed := read_deed(cursor, at)) is not None:
        return deed
    if head == "SET":
        return _set(cursor, at)
    if head == "RESET" and cursor.peek(1) in ("SEARCH_PATH", "ALL"):
        return SetSearchPath(at, ())
    if head not in _CALLING:
        return Ignored(at, head)
    calls: list[str] = []
    literals: list[str] = []
    tokens = cursor.tokens
    for index in range(cursor.index, cursor.stop - 1):
        token = tokens[index]
        if token.kind == "string":
            literals.append(literal(cursor.source.text[token.start : token.end]))
        elif tokens[index + 1].key == "(" and token.kind in ("word", "name"):
            calls.append(cursor.within(index, cursor.stop).word().key)
        elif token.key == "INTO" and head in ("SELECT", "WITH") and (made := _select_into(cursor, index, at)):
            return made
    if "set_config" in calls and "search_path" in literals:
        position = literals.index("search_path")
        return SetSearchPath(at, _path(",".join(literals[position + 1 : position + 2])))
    return Ignored(at, head, tuple(dict.fromkeys(calls)), tuple(dict.fromkeys(literals)) if calls else ())


def _select_into(cursor: Cursor, index: int, at: Span) -> CreateTable | None:
    """SELECT ... INTO a new table; not INSERT INTO in a WITH, nor MERGE INTO, nor MySQL's INTO @variable."""
    if cursor.dialect != "postgres" or cursor.tokens[index - 1].key in ("INSERT", "MERGE"):
        return None
    into = cursor.within(index + 1, cursor.stop)
    kind = "permanent"
    if into.accept_any("TEMP", "TEMPORARY"):
        kind = "temporary"
    elif into.accept("UNLOGGED"):
        kind = "unlogged"
    into.accept("TABLE")
    try:
        name = into.name()
        words = query_names(cursor.within(cursor.index, index))
        columns = tuple(Column(word, "") for word in words or ())
        return CreateTable(at, name, kind, columns=columns, from_query=True, whole=words is not None)
    except NotRead:
        return None


def _set(cursor: Cursor, at: Span) -> Statement:
    cursor.accept("SET")
    cursor.accept_any("LOCAL", "SESSION")
    if not cursor.accept("SEARCH_PATH"):
        return Ignored(at, "SET")
    cursor.accept_any("TO", "=")
    names = []
    while not cursor.done:
        if cursor.kind() == "string":
            names.append(cursor.string())
        elif cursor.kind() in ("word", "name"):
            names.append(cursor.word().key)
        else:
            cursor.index += 1
    return SetSearchPath(at, _path(",".join(names)))


def _path(text: str) -> tuple[str, ...]:
    names = (name.strip().strip('"') for name in text.split(","))
    return tuple(name for name in names if name and name not in ("public", "$user", "default", "pg_catalog"))


def _create(cursor: Cursor, at: Span) -> Statement:
    start = cursor.index
    while cursor.peek() in _BEFORE_OBJECT or cursor.kind() in ("string", "name") or cursor.peek() in ("=", "@"):
        if cursor.accept("DEFINER", "="):
            cursor.index += 1
            if cursor.accept("@"):
                cursor.index += 1
            continue
        cursor.index += 1
    before = {token.key for token in cursor.tokens[start : cursor.index]}
    if cursor.accept("FOREIGN", "TABLE"):
        return read_create_table(cursor, "foreign", at)
    if cursor.accept("TABLE"):
        kind = next((_TABLE_KINDS[word] for word in _TABLE_KINDS if word in before), "permanent")
        return read_create_table(cursor, kind, at)
    if cursor.accept("INDEX"):
        return read_create_index(cursor, "UNIQUE" in before, at)
    if cursor.accept("MATERIALIZED", "VIEW") or cursor.accept("VIEW"):
        materialized = cursor.tokens[cursor.index - 2].key == "MATERIALIZED"
        cursor.accept("IF", "NOT", "EXISTS")
        return CreateView(at, cursor.name(), materialized, "REPLACE" in before)
    if cursor.accept("TYPE"):
        return read_create_type(cursor, at)
    if cursor.accept("DOMAIN"):
        return read_create_domain(cursor, at)
    if cursor.accept("SCHEMA"):
        return _create_schema(cursor, at)
    if cursor.accept_any("FUNCTION", "PROCEDURE") and cursor.kind() in ("word", "name"):
        cursor.accept("IF", "NOT", "EXISTS")
        return _create_function(cursor, at)
    return _apart(cursor, at, "CREATE")


def _create_function(cursor: Cursor, at: Span) -> CreateFunction:
    name = cursor.name()
    alters = altered_tables(cursor)
    keys = [token.key for token in cursor.tokens[cursor.index : cursor.stop]]
    definer = any(pair == ("SECURITY", "DEFINER") for pair in pairwise(keys))
    pinned = any(pair == ("SET", "SEARCH_PATH") for pair in pairwise(keys))
    return CreateFunction(at, name, alters, definer, pinned)


def _create_schema(cursor: Cursor, at: Span) -> Statement:
    cursor.accept("IF", "NOT", "EXISTS")
    if cursor.accept("AUTHORIZATION"):
        return CreateSchema(at, cursor.word().key)
    name = cursor.word().key
    if cursor.accept("AUTHORIZATION"):
        cursor.word()
    if not cursor.done and cursor.dialect == "postgres":
        raise NotRead("statements inside CREATE SCHEMA")
    return CreateSchema(at, name)


_ROLES: Final = frozenset("ROLE USER GROUP LOGIN SUBSCRIPTION SERVER".split())
_ROUTINES: Final = frozenset("FUNCTION PROCEDURE ROUTINE".split())


def _apart(cursor: Cursor, at: Span, verb: str) -> Statement:
    key = cursor.peek() or cursor.tokens[cursor.index - 1].key
    if key in _ROUTINES and verb != "CREATE":
        cursor.index += 1
        return read_function_change(cursor, at, verb == "DROP")
    if key == "DEFAULT" and verb == "ALTER" and "GRANT" in {t.key for t in cursor.tokens[cursor.index : cursor.stop]}:
        return read_default_grant(cursor, at)
    if key in _ROLES and verb != "DROP":
        cursor.index += 1
        return read_role(cursor, at, f"{verb} {key}")
    if key not in _APART and not (key == "FOREIGN" and cursor.peek(1) == "DATA"):
        raise NotRead("an object")
    return Ignored(at, f"{verb} {key}")


def _alter(cursor: Cursor, at: Span) -> Statement:
    if cursor.accept("TABLE", "ALL"):
        return Ignored(at, "ALTER TABLE ALL")
    if cursor.accept("TABLE") or cursor.accept("FOREIGN", "TABLE"):
        return read_alter_table(cursor, at)
    if cursor.accept("INDEX"):
        return read_alter_index(cursor, at)
    if cursor.accept("TYPE"):
        return read_alter_type(cursor, at)
    return _apart(cursor, at, "ALTER")


_DROPPED: Final = frozenset("TABLE INDEX VIEW SCHEMA TYPE DOMAIN SEQUENCE EXTENSION".split())


def _drop(cursor: Cursor, at: Span) -> Statement:
    cursor.accept_any("TEMPORARY", "TEMP")
    materialized = cursor.accept_any("MATERIALIZED", "FOREIGN")
    kind = cursor.peek()
    if kind not in _DROPPED or (materialized and kind not in ("VIEW", "TABLE")):
        return _apart(cursor, at, "DROP")
    cursor.index += 1
    concurrently = cursor.accept("CONCURRENTLY")
    if_exists = cursor.accept("IF", "EXISTS")
    names: list[Name] = []
    while True:
        names.append(cursor.name())
        if not cursor.accept(","):
            break
    table = cursor.name() if kind == "INDEX" and cursor.accept("ON") else None
    cascade = False
    while not cursor.done:
        cascade |= cursor.peek() == "CASCADE"
        cursor.skip()
    return Drop(at, kind, tuple(names), if_exists, cascade, concurrently, table)


def _rename(cursor: Cursor, at: Span) -> Statement:
    cursor.expect("TABLE")
    pairs = []
    for item in cursor.items():
        old = item.name()
        item.expect("TO")
        pairs.append((old, item.name()))
    return RenameTables(at, tuple(pairs))


def _do(cursor: Cursor, at: Span) -> Statement:
    return read_block(cursor, at, read_statement)


_READERS: Final[dict[str, Callable[[Cursor, Span], Statement]]] = {
    "CREATE": _create,
    "ALTER": _alter,
    "DROP": _drop,
    "RENAME": _rename,
    "DO": _do,
}
