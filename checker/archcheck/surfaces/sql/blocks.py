"""Reading inside DO blocks and function bodies: plain DDL that certainly runs, and which tables the rest may concern."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from archcheck.surfaces.sql.cursor import Cursor, NotRead
from archcheck.surfaces.sql.splitter import split
from archcheck.surfaces.sql.statements import AlterTable, Block, CreateIndex, Drop, Ignored, Opaque, Span, Statement
from archcheck.surfaces.sql.tokens import Token

_DDL: Final = re.compile(
    r"\b(?:ALTER\s+(?:FOREIGN\s+)?TABLE|ALTER\s+TYPE|ALTER\s+INDEX|DROP\s+(?:TABLE|INDEX|SCHEMA|TYPE|DOMAIN|CONSTRAINT|COLUMN)"
    r"|CREATE\s+(?:UNIQUE\s+)?INDEX|ADD\s+(?:COLUMN|CONSTRAINT|PRIMARY|UNIQUE|FOREIGN)|RENAME\s+(?:TO|COLUMN|CONSTRAINT))\b",
    re.IGNORECASE,
)
_CATALOG: Final = re.compile(
    r"\b(?:pg_class|pg_tables|pg_constraint|pg_index|pg_indexes|information_schema)\b", re.IGNORECASE
)
_IDENTIFIER: Final = re.compile(r'"([^"]+)"|([^\W\d][\w$]*)')
_DDL_HEADS: Final = frozenset("CREATE ALTER DROP RENAME COMMENT".split())


def altered_tables(cursor: Cursor) -> tuple[str, ...]:
    """The tables whose schema a function's body may change: every name in it, `*` when it picks them from the catalog."""
    rest = cursor.tokens[cursor.index : cursor.stop]
    return _concerned(
        "\n".join(cursor.source.text[token.start : token.end] for token in rest if token.kind in ("dollar", "string"))
    )


def _concerned(text: str) -> tuple[str, ...]:
    if not _DDL.search(text):
        return ()
    if _CATALOG.search(text):
        return ("*",)
    names = (quoted or plain.lower() for quoted, plain in _IDENTIFIER.findall(text))
    return tuple(dict.fromkeys(names))


def read_block(cursor: Cursor, at: Span, read_statement: Callable[[Cursor], Statement]) -> Statement:
    """A DO block. Raises `NotRead` when it has no body in quotes."""
    body = next(
        (token for token in cursor.tokens[cursor.index : cursor.stop] if token.kind in ("dollar", "string")), None
    )
    if body is None:
        raise NotRead("a body")
    text = cursor.source.text
    if body.kind == "string":
        concerned = _concerned(text[body.start : body.end])
        return Opaque(at, "DO", concerned) if concerned else Ignored(at, "DO")
    tag = text.index("$", body.start + 1) + 1 - body.start
    statements = []
    for tokens, certain in _plain(cursor, body.start + tag, body.end - tag):
        inner = Cursor(cursor.source, cursor.dialect, tokens, 0, len(tokens))
        statements.append(_certain(inner, certain, read_statement))
    return Block(
        at, tuple(statement for statement in statements if not isinstance(statement, Ignored) or statement.calls)
    )


def _certain(cursor: Cursor, certain: bool, read_statement: Callable[[Cursor], Statement]) -> Statement:
    """A statement of the body: as it is when it runs for sure or only where it has not run yet, else opaque."""
    tokens = cursor.tokens
    at = cursor.span_from(0)
    text = cursor.source.text[tokens[0].start : tokens[-1].end]
    if tokens[0].key not in _DDL_HEADS:
        dynamic = tokens[0].key == "EXECUTE"
        if dynamic and (concerned := _concerned(text)):
            variable = any(token.key in ("|", "FORMAT", "USING") for token in tokens)
            return Opaque(
                at, "DO EXECUTE", ("*",) if variable and "%I" not in text and len(concerned) < 4 else concerned
            )
        return read_statement(cursor) if tokens[0].key in ("PERFORM", "CALL") else Ignored(at, tokens[0].key)
    statement = read_statement(cursor)
    if certain or isinstance(statement, Ignored | Opaque):
        return statement
    if isinstance(statement, AlterTable | CreateIndex | Drop):
        return Opaque(at, "conditional DDL", tuple(name for name in _concerned(text) or ("*",)))
    return statement


def _plain(cursor: Cursor, start: int, end: int) -> Iterator[tuple[tuple[Token, ...], bool]]:
    """The statements of a PL/pgSQL body without their control words, and whether each runs for certain.

    A branch of `IF [NOT] EXISTS (...)` counts as certain: it guards against a second run, and either way the schema is the
    same afterwards. Loops, other conditions, ELSE and exception branches do not.
    """
    doubts: list[bool] = []
    declaring = False
    for chunk in split(cursor.source.text, cursor.dialect, start, end):
        if chunk.kind != "statement":
            continue
        tokens, index = chunk.tokens, 0
        while index < len(tokens):
            key = tokens[index].key
            following = tokens[index + 1].key if index + 1 < len(tokens) else ""
            if key == "DECLARE" or (declaring and key != "BEGIN"):
                declaring, index = True, index + 1
            elif key == "BEGIN":
                declaring = False
                doubts.append(False)
                index += 1
            elif key in ("IF", "ELSIF", "ELSEIF", "CASE", "WHEN", "EXCEPTION", "ELSE"):
                if key in ("IF", "CASE"):
                    doubts.append(not _guards(tokens, index))
                elif doubts:
                    doubts[-1] = True
                index = index + 1 if key in ("ELSE", "EXCEPTION") else _behind(tokens, index, "THEN")
            elif key in ("FOR", "FOREACH", "WHILE", "LOOP"):
                doubts.append(True)
                index = _behind(tokens, index, "LOOP")
            elif key == "END":
                if doubts:
                    doubts.pop()
                index = len(tokens)
            elif key == "<" and following == "<":
                index = _behind(tokens, index, ">") + 1
            else:
                yield tokens[index:], not any(doubts)
                break


def _guards(tokens: tuple[Token, ...], index: int) -> bool:
    keys = [token.key for token in tokens[index + 1 : index + 4]]
    return tokens[index].key == "IF" and (keys[:1] == ["EXISTS"] or keys[:2] == ["NOT", "EXISTS"])


def _behind(tokens: tuple[Token, ...], index: int, key: str) -> int:
    return next((at + 1 for at in range(index, len(tokens)) if tokens[at].key == key), len(tokens))
