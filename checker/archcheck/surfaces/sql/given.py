"""The names that a statement gives to tables, columns, constraints and indexes, as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archcheck.surfaces.sql import statements as say


class Given(NamedTuple):
    """A name: of what `kind` of thing, folded as the server keeps it, and as written."""

    kind: str
    key: str
    text: str
    at: say.Span


def given_names(statement: say.Statement) -> Iterator[Given]:
    """Every name that the statement gives."""
    match statement:
        case say.CreateTable():
            yield Given("table", statement.name.key, statement.name.text.rpartition(".")[2], statement.name.at)
            for column in statement.columns:
                yield from _column(column)
            yield from _named("constraint", statement.constraints)
            yield from _named("index", statement.indexes)
        case say.AlterTable():
            for action in statement.actions:
                yield from _action(action)
        case say.CreateIndex():
            yield from _named("index", (statement.index,))
        case say.AlterIndex(action=say.RenameTo(new=new)):
            yield Given("index", new.key, new.text.rpartition(".")[2], new.at)
        case say.RenameTables():
            for _, new in statement.pairs:
                yield Given("table", new.key, new.text.rpartition(".")[2], new.at)
        case say.Block():
            for inner in statement.statements:
                yield from given_names(inner)


def _action(action: say.Action) -> Iterator[Given]:
    match action:
        case say.AddColumn() | say.ChangeColumn():
            yield from _column(action.column)
        case say.RenameColumn():
            yield _word("column", action.new)
        case say.RenameConstraint():
            yield _word("constraint", action.new)
        case say.AddConstraint():
            yield from _named("constraint", (action.constraint,))
        case say.AddIndex():
            yield from _named("index", (action.index,))
        case say.RenameTo():
            yield Given("table", action.new.key, action.new.text.rpartition(".")[2], action.new.at)


def _column(column: say.Column) -> Iterator[Given]:
    yield _word("column", column.name)
    yield from _named("constraint", column.constraints)


def _named(kind: str, things: tuple[say.Constraint, ...] | tuple[say.Index, ...]) -> Iterator[Given]:
    for thing in things:
        if thing.name is not None:
            yield _word(kind, thing.name)


def _word(kind: str, word: say.Word) -> Given:
    return Given(kind, word.key, word.text, word.at)
