"""`archcheck tables`: the final catalog, replayed from the migrations, for people, for programs and as a diagram."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from archcheck.cli import streams
from archcheck.cli.check import CLEAN, INCOMPLETE, USAGE, request_of
from archcheck.cli.listing import TABLE_FORMATS, Target, complain
from archcheck.cli.options import CheckArguments, Misused
from archcheck.config import ConfigError
from archcheck.reports.text import visible
from archcheck.surfaces.sql.interface import (
    ColumnView,
    ForeignKeyView,
    HistoryView,
    IndexView,
    TableView,
    decode,
)
from archcheck.survey import survey

_WORD: Final = re.compile(r"[^\w()\[\]-]+", re.ASCII)


class _Named(NamedTuple):
    """A history under the name by which findings and messages call it."""

    name: str
    history: HistoryView


def tables(arguments: CheckArguments, output: str) -> int:
    """Print the tables of the project's histories, or of those that the paths belong to.

    Raises `Misused` for a format that there is not, and for a diagram of several histories.
    """
    target = Target.of(output, TABLE_FORMATS)
    try:
        found = survey(request_of(arguments), "sql")
    except ConfigError as error:
        streams.complain(str(error))
        return USAGE
    complain(found.gaps)
    histories = [_Named(name, decode(data)) for name, data in found.interfaces]
    if not histories:
        streams.complain("there is no migration history here; name the folder that holds one")
        return INCOMPLETE if found.gaps else USAGE
    if target.format == "mermaid" and len(histories) > 1:
        names = ", ".join(each.name for each in histories)
        raise Misused(f"a diagram shows one history; name its folder, or a file that only it has: {names}")
    return target.write(_WRITERS[target.format](histories)) or (INCOMPLETE if found.gaps else CLEAN)


def _texts(histories: Sequence[_Named]) -> Iterator[str]:
    """What people read: one paragraph a table."""
    for index, (name, history) in enumerate(histories):
        count = f"{len(history.tables)} table{'' if len(history.tables) == 1 else 's'}"
        yield from ([""] if index else [])
        yield visible(f"{name} ({history.layout}, {history.dialect}): {count}")
        for table in history.tables:
            yield ""
            yield from map(visible, _paragraph(table))


def _paragraph(table: TableView) -> Iterator[str]:
    unsure = "" if table.columns_known else "  (known in part)"
    yield f"{table.name}  {table.at.path}:{table.at.line}{unsure}"
    rows = [(column.name, column.type or "?", _remarks(table, column)) for column in table.columns]
    widths = [max((len(row[place]) for row in rows), default=0) for place in range(2)]
    for name, kind, remarks in rows:
        yield f"    {name:{widths[0]}}  {kind:{widths[1]}}  {remarks}".rstrip()
    if len(table.primary_key) > 1:
        yield f"  primary key ({', '.join(table.primary_key)})"
    for key in table.foreign_keys:
        yield f"  foreign key ({', '.join(key.columns)}) to {_referenced(key)}{_actions(key)}"
    for index in table.indexes:
        yield f"  {_index(index)}"


def _remarks(table: TableView, column: ColumnView) -> str:
    remarks = ["primary key"] if table.primary_key == (column.name,) else []
    remarks += ["null"] if column.nullable else []
    remarks += [column.generated] if column.generated else []
    remarks += [f"default {column.default}"] if column.default is not None else []
    return ", ".join(remarks)


def _referenced(key: ForeignKeyView) -> str:
    return f"{key.table} ({', '.join(key.referenced)})" if key.referenced else key.table


def _actions(key: ForeignKeyView) -> str:
    deleted = f" on delete {key.on_delete}" if key.on_delete else ""
    return deleted + (f" on update {key.on_update}" if key.on_update else "")


def _index(index: IndexView) -> str:
    columns = ", ".join(column or "(expression)" for column in index.columns)
    kind = "unique index" if index.unique else "index"
    return f"{kind} {index.name} ({columns}){' of some rows' if index.partial else ''}"


def _objects(histories: Sequence[_Named]) -> Iterator[str]:
    """What programs read: an array with an object for each table."""
    yield json.dumps(
        [_data(name, history, table) for name, history in histories for table in history.tables],
        indent=2,
        ensure_ascii=False,
    )


def _data(name: str, history: HistoryView, table: TableView) -> dict[str, object]:
    return {
        "table": table.name,
        "columns": [_column(column) for column in table.columns],
        "primary_key": list(table.primary_key),
        "foreign_keys": [
            {
                "columns": list(key.columns),
                "table": key.table,
                "referenced": list(key.referenced),
                "on_delete": key.on_delete,
                "on_update": key.on_update,
            }
            for key in table.foreign_keys
        ],
        "indexes": [
            {
                "name": index.name,
                "columns": [column or None for column in index.columns],
                "unique": index.unique,
                "partial": index.partial,
            }
            for index in table.indexes
        ],
        "kind": table.kind,
        "complete": table.columns_known,
        "history": name,
        "layout": history.layout,
        "dialect": history.dialect,
        "file": table.at.path,
        "line": table.at.line,
    }


def _column(column: ColumnView) -> dict[str, object]:
    return {
        "name": column.name,
        "type": column.type,
        "nullable": column.nullable,
        "default": column.default,
        "generated": column.generated,
        "labels": list(column.labels),
    }


def _diagram(histories: Sequence[_Named]) -> Iterator[str]:
    """What Mermaid draws: entities with their columns, and a line for each foreign key."""
    yield "erDiagram"
    ((_, history),) = histories
    for table in history.tables:
        yield f"    {_quoted(table.name)} {{"
        for column in table.columns:
            marks = ["PK"] if column.name in table.primary_key else []
            marks += ["FK"] if any(column.name in key.columns for key in table.foreign_keys) else []
            yield f"        {_word(column.type or 'unknown')} {_word(column.name)} {', '.join(marks)}".rstrip()
        yield "    }"
    known = {table.name for table in history.tables}
    for table in history.tables:
        for key in table.foreign_keys:
            if key.table in known:
                label = _quoted(", ".join(key.columns))
                yield f"    {_quoted(key.table)} {_line(table, key)} {_quoted(table.name)} : {label}"


def _line(table: TableView, key: ForeignKeyView) -> str:
    """How many rows there are at either end: none or one where a column may be null or the key is unique."""
    optional = any(column.nullable for column in table.columns if column.name in key.columns)
    owned = [index.columns for index in table.indexes if index.unique and not index.partial]
    alone = any(set(columns) == set(key.columns) for columns in (*owned, table.primary_key))
    return ("|o" if optional else "||") + "--" + ("o|" if alone else "o{")


def _quoted(text: str) -> str:
    return f'"{visible(text).replace(chr(34), chr(39))}"'


def _word(text: str) -> str:
    """A word as Mermaid takes it for types and columns: it begins with a letter and has no blanks."""
    word = _WORD.sub("_", text).strip("_") or "unnamed"
    return word if word[0].isalpha() else f"_{word}"


_Writer: TypeAlias = Callable[[Sequence[_Named]], Iterator[str]]
_WRITERS: Final[Mapping[str, _Writer]] = {"table": _texts, "json": _objects, "mermaid": _diagram}
