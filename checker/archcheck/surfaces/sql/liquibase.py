"""Liquibase's formatted SQL: changesets one behind the other, each with the comments that say how to take it back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from archcheck.source import Source
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.dialect import by_name
from archcheck.surfaces.sql.extract import Extract, Piece
from archcheck.surfaces.sql.reading import read_chunk
from archcheck.surfaces.sql.splitter import split
from archcheck.surfaces.sql.transactions import outside

_CHANGESET: Final = re.compile(r"^[ \t]*--[ \t]*changeset[ \t]+(\S.*)$", re.MULTILINE | re.IGNORECASE)
_ROLLBACK: Final = re.compile(r"^[ \t]*--[ \t]*rollback\b[ \t]*(.*)$", re.MULTILINE | re.IGNORECASE)
_ROLLBACK_BLOCK: Final = re.compile(r"/\*[ \t]*liquibase[ \t]+rollback[ \t]*\r?\n(.*?)\*/", re.DOTALL | re.IGNORECASE)
_SERVERS: Final = re.compile(r"\bdbms:[ \t]*\"?([\w!,]+)", re.IGNORECASE)
_NOTHING: Final = re.compile(r"(?:not required|empty)\b", re.IGNORECASE)


def read_changelog(source: Source, dialect: str) -> say.Script:
    """The statements of a changelog, and those of its rollbacks from the last changeset to the first."""
    text = source.text
    starts = [*_CHANGESET.finditer(text)]
    up: list[say.Statement] = []
    down: list[list[say.Statement]] = []
    lines: list[int] = []
    said, unsplit = False, None
    for number, match in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        if not _concerns(match.group(1), dialect):
            continue
        for chunk in split(text, dialect, match.end(), end):
            if chunk.kind == "broken":
                unsplit = say.Unsplit(source.location(chunk.fault).line, chunk.reason)
            elif (statement := read_chunk(source, dialect, chunk)) is not None:
                up.append(statement)
        pieces = [*_rollbacks(source, match.end(), end)]
        said |= any(_NOTHING.match(content) for _, content in pieces)
        lines += [piece.line for piece, _ in pieces[:1]]
        wanted = [(piece, content) for piece, content in pieces if not _NOTHING.match(content)]
        down.append([*_statements(source.path, wanted, dialect)])
    way_down = tuple(statement for part in reversed(down) for statement in part)
    asked = outside("liquibase", source.path, text)
    return say.Script(tuple(up), way_down, unsplit, min(lines, default=0), said, None, asked)


def _concerns(attributes: str, dialect: str) -> bool:
    """Whether a changeset is for this server: `dbms:postgresql,h2`, `dbms:!mysql`."""
    match = _SERVERS.search(attributes)
    if match is None:
        return True
    names = match.group(1).split(",")
    if any(name.startswith("!") for name in names):
        return dialect not in [by_name(name.removeprefix("!")) for name in names]
    return dialect in [by_name(name) for name in names]


def _rollbacks(source: Source, start: int, end: int) -> Iterator[tuple[Piece, str]]:
    """The texts of the rollback comments of a changeset, each with its place."""
    text = source.text
    found = [(m.start(1), m.group(1)) for m in _ROLLBACK.finditer(text, start, end)]
    found += [(m.start(1), m.group(1)) for m in _ROLLBACK_BLOCK.finditer(text, start, end)]
    for offset, content in sorted(found):
        place = source.location(offset)
        yield Piece(0, place.line, place.column, True), content.rstrip("\r")


def _statements(path: str, pieces: list[tuple[Piece, str]], dialect: str) -> Iterator[say.Statement]:
    """The statements in rollback comments; one may go on over several of them."""
    text = ""
    places = []
    for piece, content in pieces:
        places.append(piece._replace(offset=len(text)))
        text += content + "\n"
    if places:
        extract = Extract(path, text, places)
        for chunk in split(text, dialect):
            if (statement := read_chunk(extract, dialect, chunk)) is not None:
                yield statement
