"""Readers for deeds: writes, transactions, settings, grants, roles and maintenance."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from archcheck.surfaces.sql.cursor import Cursor, NotRead, fold, literal
from archcheck.surfaces.sql.deeds import ChangeFunction, Grant, Maintain, Role, SetOption, Transact, Write
from archcheck.surfaces.sql.parts import Name, Span
from archcheck.surfaces.sql.tokens import Token

# Strings in the shape of keys that are known by their shape alone.
_KEY: Final = re.compile(
    r"[eE]?'(?:AKIA[0-9A-Z]{16}|(?:sk|rk)_live_[0-9A-Za-z]{16,}|gh[pousr]_[0-9A-Za-z]{36}|xox[abprs]-[0-9A-Za-z-]{20,}"
    r"|glpat-[\w-]{20}|AIza[\w-]{35}|SG\.[\w-]{22}\.[\w-]{43}|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----)"
)
# What a template or a client puts in later, and verifiers that give no password away.
_NO_SECRET: Final = re.compile(r"|.*(?:\$\{|\{\{|%\(|<%|\$\(|__).*|<.*>|[:@$%].*|SCRAM-SHA-256\$.*", re.DOTALL)
_CONNECTION: Final = re.compile(r"\bpassword\s*=\s*[^\s'$<{%]|://[^/\s:@'{$]+:[^\s@'{$<%]+@", re.IGNORECASE)
# So many strings of one statement are kept, to see whether a new label of an enum is used.
_LITERALS: Final = 200
_LONGEST: Final = 200
_POWERS: Final = frozenset({"SUPERUSER", "BYPASSRLS", "CREATEROLE", "CREATEDB", "REPLICATION"})

Deed = ChangeFunction | Grant | Maintain | Role | SetOption | Transact | Write


def read_deed(cursor: Cursor, at: Span) -> Deed | None:
    """The deed that starts here; None when it is none, or its form is not known. The cursor stays where it was."""
    start = cursor.index
    reader = _READERS.get(cursor.peek())
    if reader is None:
        return None
    cursor.index += 1
    try:
        return reader(cursor, at)
    except NotRead:
        return None
    finally:
        cursor.index = start


def read_role(cursor: Cursor, at: Span, kind: str) -> Role:
    """What follows CREATE or ALTER ROLE, USER, SUBSCRIPTION and their like; never raises."""
    tokens = cursor.tokens[cursor.index : cursor.stop]
    name = next((_text(cursor, token) for token in tokens if token.kind in ("word", "name", "string")), "")
    powers = tuple(token.key for token in tokens if token.key in _POWERS)
    return Role(at, kind, name.strip("\"'`"), powers, tuple(_passwords(cursor, tokens)))


def _passwords(cursor: Cursor, tokens: tuple[Token, ...]) -> Iterator[Span]:
    for index, token in enumerate(tokens):
        if token.kind != "string":
            continue
        text = literal(_text(cursor, token))
        before = [each.key for each in tokens[max(index - 4, 0) : index]]
        named = before[-1:] == ["PASSWORD"] or before[-2:] == ["IDENTIFIED", "BY"]
        named = named or (before[-1:] == ["BY"] and "IDENTIFIED" in before)
        if (named and not _NO_SECRET.fullmatch(text)) or _CONNECTION.search(text):
            yield from _lines(cursor, token)


def _lines(cursor: Cursor, token: Token) -> Iterator[Span]:
    """The places of a token's text, one a line."""
    position = token.start
    for line in _text(cursor, token).splitlines(keepends=True):
        yield cursor.span(position, position + len(line.rstrip("\r\n")))
        position += len(line)


def read_function_change(cursor: Cursor, at: Span, drop: bool) -> ChangeFunction:
    """What follows ALTER or DROP FUNCTION. Raises `NotRead`."""
    cursor.accept("IF", "EXISTS")
    names = [cursor.name()]
    if drop:
        cursor.skip_until(",", "CASCADE", "RESTRICT")
        while cursor.accept(","):
            names.append(cursor.name())
            cursor.skip_until(",", "CASCADE", "RESTRICT")
        return ChangeFunction(at, tuple(names), drop=True, cascade=cursor.peek() == "CASCADE")
    keys = [token.key for token in cursor.tokens[cursor.index : cursor.stop]]
    return ChangeFunction(at, tuple(names), pins="SET" in keys and "SEARCH_PATH" in keys)


def read_default_grant(cursor: Cursor, at: Span) -> Grant:
    """What follows ALTER DEFAULT PRIVILEGES: the grant in it. Raises `NotRead`."""
    cursor.skip_until("GRANT")
    cursor.expect("GRANT")
    return _grant(cursor, at)


def _text(cursor: Cursor, token: Token) -> str:
    return cursor.source.text[token.start : token.end]


def _begin(cursor: Cursor, at: Span) -> Transact | None:
    head = cursor.tokens[cursor.index - 1].key
    if head == "START":
        return Transact(at, "begin") if cursor.accept("TRANSACTION") else None
    if head == "BEGIN":
        return Transact(at, "begin")
    if head == "PREPARE":
        return Transact(at, "prepare") if cursor.accept("TRANSACTION") else None
    if head == "XA":
        return Transact(at, "prepare") if cursor.peek() == "PREPARE" else None
    if cursor.accept_any("PREPARED", "TO") or cursor.accept("WORK", "TO") or cursor.accept("TRANSACTION", "TO"):
        return None
    return Transact(at, "commit" if head in ("COMMIT", "END") else "rollback")


def _set(cursor: Cursor, at: Span) -> SetOption | None:
    cursor.accept_any("LOCAL", "SESSION", "GLOBAL")
    if cursor.kind() != "word" or cursor.peek() == "SEARCH_PATH":
        return None
    if cursor.accept("TIME", "ZONE"):
        name = "timezone"
    else:
        name = cursor.word().key
        while cursor.accept("."):
            name += "." + cursor.word().key
        if not cursor.accept_any("TO", "="):
            return None
    start = cursor.index
    cursor.index = cursor.stop
    return SetOption(at, name, cursor.text_since(start).strip("'")[:_LONGEST])


def _write(cursor: Cursor, at: Span) -> Write | None:
    start = cursor.index - 1
    if cursor.tokens[start].key == "WITH":
        cursor.skip_until("UPDATE", "DELETE", "INSERT", "MERGE")
        if cursor.done:
            return None
        cursor.index += 1
    kind = cursor.tokens[cursor.index - 1].key
    tables = tuple(_TARGETS[kind](cursor))
    query = kind == "INSERT" and _takes_query(cursor)
    whole, equals = _condition(cursor) if kind in ("UPDATE", "DELETE") else (kind == "TRUNCATE", ())
    strings = [token for token in cursor.tokens[start : cursor.stop] if token.kind == "string"]
    keys = [token for token in strings if _KEY.match(_text(cursor, token))]
    plain = (_text(cursor, token) for token in strings[:_LITERALS] if _short(token) and token not in keys)
    secrets = (span for token in keys for span in _lines(cursor, token))
    first = query and _takes_first(cursor)
    told = tuple(dict.fromkeys(map(literal, plain)))
    return Write(at, kind.lower(), tables, whole, query and not first, equals, told, tuple(secrets), first)


def _short(token: Token) -> bool:
    return token.end - token.start < _LONGEST


def _updated(cursor: Cursor) -> Iterator[Name]:
    while cursor.accept_any("LOW_PRIORITY", "IGNORE", "ONLY"):
        pass
    if cursor.accept("OR"):
        cursor.index += 1
    yield cursor.name()


def _deleted(cursor: Cursor) -> Iterator[Name]:
    cursor.skip_until("FROM")
    cursor.expect("FROM")
    cursor.accept("ONLY")
    yield cursor.name()


def _inserted(cursor: Cursor) -> Iterator[Name]:
    cursor.skip_until("INTO")
    cursor.expect("INTO")
    yield cursor.name()


def _truncated(cursor: Cursor) -> Iterator[Name]:
    cursor.accept("TABLE")
    for item in cursor.items():
        item.accept("IF", "EXISTS")
        item.accept("ONLY")
        yield item.name()


_TARGETS: Final[dict[str, Callable[[Cursor], Iterator[Name]]]] = {
    "UPDATE": _updated,
    "DELETE": _deleted,
    "INSERT": _inserted,
    "MERGE": _inserted,
    "TRUNCATE": _truncated,
}


def _takes_query(cursor: Cursor) -> bool:
    """Whether the rows of an INSERT come from a query on tables: `SELECT 1, 2` alone is a row."""
    inner = cursor
    inner.skip_until("VALUES", "SELECT", "WITH", "TABLE")
    if inner.peek() not in ("SELECT", "WITH", "TABLE"):
        return False
    start = inner.index
    inner.skip_until("FROM")
    found = not inner.done or cursor.tokens[start].key != "SELECT"
    cursor.index = start
    return found


def _takes_first(cursor: Cursor) -> bool:
    """Whether a query ends in LIMIT 1."""
    end = [_text(cursor, token).upper() for token in cursor.tokens[: cursor.stop] if token.kind != "string"]
    return end[-2:] == ["LIMIT", "1"] or end[-3:] == ["LIMIT", "1", ";"]


def _condition(cursor: Cursor) -> tuple[bool, tuple[str, ...]]:
    """Whether no condition chooses rows, and the columns that must equal a literal."""
    cursor.skip_until("WHERE", "LIMIT", "JOIN")
    if cursor.done:
        return True, ()
    if not cursor.accept("WHERE"):
        return False, ()
    keys = [token.key for token in cursor.tokens[cursor.index : cursor.stop]]
    kinds = {token.kind for token in cursor.tokens[cursor.index : cursor.stop]}
    if keys == ["TRUE"] or (len(keys) == 3 and keys[1] == "=" and kinds <= {"number", "string", "sign"}):
        return True, ()
    found: list[str] = []
    while not cursor.done:
        start = cursor.index
        cursor.skip_until("AND", "OR", "RETURNING")
        if cursor.peek() == "OR":
            return False, ()
        test = cursor.within(start, cursor.index)
        if (column := _equated(test)) is not None:
            found.append(column)
        if cursor.accept("RETURNING"):
            break
        cursor.accept("AND")
    return False, tuple(found)


def _equated(test: Cursor) -> str | None:
    """The column of `column = literal`, and of `column IN (literal, ...)`."""
    try:
        column = test.name().key
        if test.accept("IN"):
            group = test.group()
            return column if all(group.tokens[i].kind != "word" for i in range(group.index, group.stop)) else None
        test.expect("=")
    except NotRead:
        return None
    return column if test.kind() in ("string", "number") else None


def _grant(cursor: Cursor, at: Span) -> Grant:
    start = cursor.index
    cursor.skip_until("ON", "TO")
    if cursor.peek() != "ON":
        raise NotRead("a privilege")  # it is a role that is granted
    privileges = [item.peek() for item in cursor.within(start, cursor.index).items()]
    cursor.accept("ON")
    kind = "TABLE"
    if cursor.accept("ALL"):
        kind = cursor.peek().removesuffix("S")
        cursor.skip_until("SCHEMA", "TO")
    elif cursor.kind(1) in ("word", "name") and cursor.kind() == "word" and cursor.peek(1) != "TO":
        kind = cursor.peek()
        cursor.index += 2 if kind in ("FOREIGN", "LARGE") else 1
    elif cursor.peek() in ("TABLES", "SEQUENCES", "FUNCTIONS", "ROUTINES", "TYPES", "SCHEMAS"):
        kind = cursor.peek().removesuffix("S")
    start = cursor.index
    cursor.skip_until("TO")
    names = tuple(map(_all, cursor.within(start, cursor.index).items()))
    cursor.expect("TO")
    return Grant(at, tuple(privileges), kind, names, tuple(map(_role, cursor.items())))


def _all(part: Cursor) -> str:
    start, part.index = part.index, part.stop
    return part.text_since(start)


def _role(item: Cursor) -> str:
    item.accept_any("GROUP", "ROLE")
    token = item.tokens[item.index]
    return fold(_text(item, token).strip("\"'`"), token.kind != "word", item.dialect)


def _vacuum(cursor: Cursor, at: Span) -> Maintain | None:
    full = cursor.accept("FULL")
    if cursor.peek() == "(":
        group = cursor.group()
        full = any(group.tokens[index].key == "FULL" for index in range(group.index, group.stop))
    if not full:
        return None
    while cursor.accept_any("FREEZE", "VERBOSE", "ANALYZE"):
        pass
    return Maintain(at, "VACUUM FULL", () if cursor.done else (cursor.name(),))


def _cluster(cursor: Cursor, at: Span) -> Maintain:
    cursor.accept("VERBOSE")
    name = () if cursor.done else (cursor.name(),)
    if cursor.accept("ON"):  # the old form names the index first
        name = (cursor.name(),)
    return Maintain(at, "CLUSTER", name)


def _lock(cursor: Cursor, at: Span) -> Maintain | None:
    cursor.accept_any("TABLE", "TABLES")
    start = cursor.index
    cursor.skip_until("IN", "NOWAIT")
    names = []
    for item in cursor.within(start, cursor.index).items():
        item.accept("ONLY")
        names.append(item.name())
    mode = "ACCESS EXCLUSIVE"
    if cursor.accept("IN"):
        start = cursor.index
        cursor.skip_until("MODE")
        mode = cursor.text_since(start).upper()
    return Maintain(at, "LOCK", tuple(names), mode=mode)


def _reindex(cursor: Cursor, at: Span) -> Maintain:
    if cursor.peek() == "(":
        cursor.group()
    mode = cursor.accept_any("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM")
    concurrently = cursor.accept("CONCURRENTLY")
    return Maintain(at, "REINDEX", () if cursor.done else (cursor.name(),), concurrently, mode)


def _refresh(cursor: Cursor, at: Span) -> Maintain:
    cursor.expect("MATERIALIZED", "VIEW")
    concurrently = cursor.accept("CONCURRENTLY")
    return Maintain(at, "REFRESH", (cursor.name(),), concurrently)


_READERS: Final[dict[str, Callable[[Cursor, Span], Deed | None]]] = {
    **dict.fromkeys(("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE", "XA"), _begin),
    **dict.fromkeys(("UPDATE", "DELETE", "INSERT", "MERGE", "TRUNCATE", "WITH"), _write),
    "SET": _set,
    "GRANT": _grant,
    "VACUUM": _vacuum,
    "CLUSTER": _cluster,
    "LOCK": _lock,
    "REINDEX": _reindex,
    "REFRESH": _refresh,
}
