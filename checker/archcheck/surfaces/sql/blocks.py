"""Reading inside DO blocks and function bodies: plain DDL that certainly runs, and what the rest may concern."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from archcheck.surfaces.sql.cursor import Cursor, NotRead
from archcheck.surfaces.sql.splitter import Chunk, split
from archcheck.surfaces.sql.statements import AlterTable, Block, CreateIndex, Drop, Ignored, Opaque, Span, Statement
from archcheck.surfaces.sql.tokens import Token

# What may change a table, in a body that is not followed. Partitions and settings change nothing that is judged.
_DDL: Final = re.compile(
    r"\b(?:ALTER\s+(?:FOREIGN\s+)?TABLE\s+(?:IF\s+EXISTS\s+|ONLY\s+)*+(?:'[\s|]*+[\w.()]++[\s|]*+'|\S++)\s*+"
    r"(?!SET\s*\(|SET\s+(?:LOGGED|UNLOGGED)|ATTACH\b|DETACH\b|OWNER\b|ENABLE\b|DISABLE\b|VALIDATE\b|REPLICA\b)"
    r"|(?:DROP\s+(?:TABLE|INDEX|SCHEMA|TYPE|DOMAIN|CONSTRAINT|COLUMN)|CREATE\s+(?:UNIQUE\s+)?INDEX"
    r"|ADD\s+(?:COLUMN|CONSTRAINT|PRIMARY|UNIQUE|FOREIGN)|RENAME\s+(?:TO|COLUMN|CONSTRAINT))\b)",
    re.IGNORECASE,
)
# A look into the server's catalog, and the comparison that makes it a look at one thing.
_CATALOG: Final = re.compile(
    r"\bFROM\s+(?:pg_catalog\.)?(?:pg_(?:class|tables|constraint|index|indexes|attribute)|information_schema\.\w+)\b"
    r"((?:(?!\bLOOP\b|\bTHEN\b|;).)*+)",
    re.IGNORECASE | re.DOTALL,
)
_ONE: Final = re.compile(
    r"\b(?:tablename|relname|table_name|conrelid|indrelid|attrelid|conname|indexname|constraint_name)\s*(?:::\w+\s*)?=",
    re.IGNORECASE,
)
_IDENTIFIER: Final = re.compile(r'"([^"]+)"|([^\W\d][\w$]*)')
_DDL_HEADS: Final = frozenset("CREATE ALTER DROP RENAME COMMENT".split())
_WRITES: Final = frozenset("UPDATE DELETE INSERT TRUNCATE".split())
_VARIABLE: Final = frozenset({"|", "FORMAT", "USING"})


def altered_tables(cursor: Cursor) -> tuple[str, ...]:
    """The tables that a function's body may change: every name in it, `*` when it picks them from the catalog."""
    quoted = (token for token in cursor.tokens[cursor.index : cursor.stop] if token.kind in ("dollar", "string"))
    return _concerned("\n".join(cursor.source.text[token.start : token.end] for token in quoted))


def changes_tables(text: str) -> bool:
    """Whether there are words in a text by which a table is changed."""
    return _DDL.search(text) is not None


def _concerned(text: str) -> tuple[str, ...]:
    if not _DDL.search(text):
        return ()
    if any(not _ONE.search(look.group(1)) for look in _CATALOG.finditer(text)):
        return ("*",)
    names = (quoted or plain.lower() for quoted, plain in _IDENTIFIER.findall(text))
    return tuple(dict.fromkeys(names))


def read_block(cursor: Cursor, at: Span, read_statement: Callable[[Cursor], Statement]) -> Statement:
    """A DO block. Raises `NotRead` when it has no body in quotes."""
    rest = cursor.tokens[cursor.index : cursor.stop]
    body = next((token for token in rest if token.kind in ("dollar", "string")), None)
    if body is None:
        raise NotRead("a body")
    text = cursor.source.text[body.start : body.end]
    concerned = _concerned(text)
    tag = text.index("$", 1) + 1 if body.kind == "dollar" else 0
    chunks = list(split(cursor.source.text, cursor.dialect, body.start + tag, body.end - tag)) if tag else []
    if not chunks or any(chunk.kind == "broken" for chunk in chunks):
        return Opaque(at, "DO", concerned) if concerned else Ignored(at, "DO")
    statements = []
    for tokens, certain in _plain(chunks):
        inner = Cursor(cursor.source, cursor.dialect, tokens, 0, len(tokens))
        statements.append(_certain(inner, certain, concerned, read_statement))
    return Block(at, tuple(inner for inner in statements if not isinstance(inner, Ignored) or inner.calls))


def _certain(
    cursor: Cursor, certain: bool, concerned: tuple[str, ...], read_statement: Callable[[Cursor], Statement]
) -> Statement:
    """A statement of the body: as it is when it runs for sure or only where it has not run yet, else opaque.

    `concerned` are the names in the whole body: what EXECUTE puts together from variables may be any of them.
    """
    tokens = cursor.tokens
    at = cursor.span_from(0)
    text = cursor.source.text[tokens[0].start : tokens[-1].end]
    if tokens[0].key == "EXECUTE" and _DDL.search(text):
        variable = any(token.key in _VARIABLE for token in tokens)
        return Opaque(at, "DO EXECUTE", concerned if variable else _concerned(text))
    if tokens[0].key == "EXECUTE" and not any(token.kind == "string" for token in tokens):
        return Opaque(at, "DO EXECUTE", concerned) if concerned else Ignored(at, "EXECUTE")
    if tokens[0].key not in _DDL_HEADS:
        runs = tokens[0].key in ("PERFORM", "CALL") or (certain and tokens[0].key in _WRITES)
        return read_statement(cursor) if runs else Ignored(at, tokens[0].key)
    statement = read_statement(cursor)
    if certain or isinstance(statement, Ignored | Opaque):
        return statement
    if isinstance(statement, AlterTable | CreateIndex | Drop):
        return Opaque(at, "conditional DDL", tuple(name for name in _concerned(text) or ("*",)))
    return statement


def _plain(chunks: list[Chunk]) -> Iterator[tuple[tuple[Token, ...], bool]]:
    """The statements of a PL/pgSQL body without their control words, and whether each runs for certain.

    A branch of `IF [NOT] EXISTS (...)` that asks the catalog counts as certain: it guards against a second run, and
    either way the schema is the same afterwards. Loops, other conditions, ELSE and exception branches do not.
    """
    doubts: list[bool] = []
    declaring = False
    for chunk in chunks:
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
    keys = [token.key for token in tokens[index + 1 : _behind(tokens, index, "THEN")]]
    asks = keys[:1] == ["EXISTS"] or keys[:2] == ["NOT", "EXISTS"]
    return asks and any(key.startswith(("PG_", "INFORMATION_SCHEMA")) for key in keys)


def _behind(tokens: tuple[Token, ...], index: int, key: str) -> int:
    return next((at + 1 for at in range(index, len(tokens)) if tokens[at].key == key), len(tokens))
