"""Shapes: what names and types of columns tell about a design that repeats itself or leaves things unsaid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from archcheck.surfaces.sql.final import Table
    from archcheck.surfaces.sql.members import Column
    from archcheck.surfaces.sql.subjects import History


class Copy(NamedTuple):
    """A column that holds again what a column of the row it refers to holds."""

    column: Column
    original: Column


class Pair(NamedTuple):
    """A column that names a table in its values, and the one that points into that table."""

    type: Column
    id: Column


class Reference(NamedTuple):
    """A column that is named after a table, and that table."""

    column: Column
    table: Table


_NUMBERED: Final = re.compile(r"(.*[^\d_])_?(\d{1,2})")
_DELETED: Final = frozenset({"deleted", "is", "at", "on", "date", "time", "soft", "timestamp", "flag", "utc", "was"})
_TIMES: Final = frozenset({"timestamp", "date", "integer", "numeric"})


def soft_deletion(table: Table) -> Column | None:
    """The column that marks a row as deleted, a time before a flag."""
    found = [column for column in table.columns if "deleted" in column.words and column.words <= _DELETED]
    return min((column for column in found if deletion_style(column)), key=deletion_style, default=None)


def deletion_style(column: Column) -> str:
    """`a time` or `flag` for the two ways to mark a deleted row, else nothing."""
    family = column.kind.family
    if family == "boolean" or (column.kind.width == 1 and family == "integer"):
        return "flag"
    if family == "integer" and not column.words & {"at", "on", "date", "time", "timestamp"}:
        return "flag"
    return "a time" if family in _TIMES or column.type.startswith(("timestamp", "date")) else ""


def repeating(table: Table) -> Iterator[tuple[Column, ...]]:
    """Columns of one type whose names differ in a number that counts from 0 or 1."""
    groups: dict[tuple[str, object], list[tuple[int, Column]]] = {}
    for column in table.columns:
        if match := _NUMBERED.fullmatch(column.name):
            groups.setdefault((match.group(1), column.kind.family or column.type), []).append(
                (int(match.group(2)), column)
            )
    plain = {column.name.rstrip("_") for column in table.columns}
    for (stem, _), found in groups.items():
        found.sort(key=lambda entry: entry[0])
        numbers = [number for number, _ in found]
        first = 2 if stem.rstrip("_") in plain else numbers[0]
        if len(found) > 1 and first in (0, 1) and numbers == list(range(first, first + len(numbers))):
            yield tuple(column for _, column in found)


def polymorphic(table: Table) -> Iterator[Pair]:
    """`target_type` with `target_id`, where no foreign key says what the id is and no table is called target."""
    by_words = {column.word_list: column for column in table.columns}
    for words, column in by_words.items():
        if len(words) < 2 or words[-1] != "type":
            continue
        pointer = by_words.get((*words[:-1], "id"))
        if not pointer or pointer.foreign or pointer.sole_key or pointer.unique:
            continue
        if not _called(table.history, words[:-1]):
            yield Pair(column, pointer)


def unreferenced(table: Table) -> Iterator[Reference]:
    """Columns named after a table of the history, of the type of its key, that no foreign key ties to it."""
    types = {column.word_list[:-1] for column in table.columns if column.words & {"type", "kind"}}
    for column in table.columns:
        words = column.word_list
        if len(words) < 2 or words[-1] != "id" or column.foreign or column.sole_key or words[:-1] in types:
            continue
        target = _called(table.history, words[:-1])
        if target is None or not target.permanent or target.primary_key is None:
            continue
        keys = [key for key in target.columns if (key.name,) == target.primary_key.columns]
        if keys and column.kind.family and keys[0].kind.family == column.kind.family:
            yield Reference(column, target)


def copied(table: Table) -> Iterator[Copy]:
    """`user_email` beside the foreign key `user_id` to a table that has `email`, of the same type."""
    for key in table.foreign_keys:
        parent = key.referenced_table
        column = table.column(key.fact.columns[0]) if len(key.fact.columns) == 1 else None
        if parent is None or column is None or parent.name == table.name or len(column.word_list) < 2:
            continue
        stem = column.word_list[:-1]
        originals = {other.word_list: other for other in parent.columns}
        for other in table.columns:
            words = other.word_list
            original = originals.get(words[len(stem) :]) if words[: len(stem)] == stem and words != stem else None
            if original and not other.foreign and other.kind.family and other.kind.family == original.kind.family:
                yield Copy(other, original)


def _called(history: History, stem: tuple[str, ...]) -> Table | None:
    """The table that is named by these words, in the singular or the plural."""
    name = "".join(stem)
    forms = [name, f"{name}s", f"{name}es", *([f"{name[:-1]}ies"] if name.endswith("y") else ())]
    tables = _by_name(history)
    return next((tables[form] for form in forms if form in tables), None)


@lru_cache(maxsize=1)
def _by_name(history: History) -> dict[str, Table]:
    """The final tables by their names without underscores and capitals; those of the default schema win."""
    tables = sorted(history.tables, key=lambda table: table.fact.key[0] == "")
    return {table.name.replace("_", "").lower(): table for table in tables}
