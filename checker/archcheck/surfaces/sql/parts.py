"""Parts are what statements are made of: places, names, columns, constraints and indexes, as they are written."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from archcheck.source import Location


class Span(NamedTuple):
    """A place within one file: line and columns from 1, `end_column` exclusive. The file is known by the context."""

    line: int = 0
    column: int = 1
    end_column: int = 0

    def within(self, path: str) -> Location:
        """The same place as a location of that file."""
        return Location(path, self.line, self.column, self.end_column)


class Name(NamedTuple):
    """A name of something in a schema. `key` and `schema` are folded as the dialect folds them; `text` is as written.

    `schema` is empty where none was written.
    """

    schema: str
    key: str
    text: str
    at: Span


class Word(NamedTuple):
    """A name without a schema: of a column, a constraint. `key` is folded, `text` as written without quotes."""

    key: str
    text: str
    at: Span


class Tagged(Struct, frozen=True, array_like=True, tag=True, tag_field="says"):
    """What every member of a union of structures is: encoded as a list that starts with the name of its type."""


class Part(Struct, frozen=True, array_like=True):
    """One key of an index: a column by `key`, or an `expression` with `key` empty.

    `operators` is the operator class and collation of a column, where they are written.
    """

    key: str = ""
    expression: str = ""
    descending: bool = False
    nulls_first: bool = False
    length: int = 0
    operators: str = ""


class Constraint(Struct, frozen=True, array_like=True):
    """A constraint of a table. `kind` is primary, unique, foreign, check, exclude or not-null."""

    kind: str
    at: Span
    name: Word | None = None
    columns: tuple[Word, ...] = ()
    references: Name | None = None
    referenced: tuple[Word, ...] = ()
    on_delete: str = ""
    on_update: str = ""
    check: str = ""
    using_index: str = ""
    not_valid: bool = False
    deferrable: bool = False
    parts: tuple[Part, ...] = ()


class Column(Struct, frozen=True, array_like=True):
    """A column's definition. `type` is lower-cased with single blanks; `default` is its text, None without one.

    `nullable` is what the column itself says. `generated` is identity, stored, virtual, auto (AUTO_INCREMENT) or empty.
    """

    name: Word
    type: str
    nullable: bool = True
    default: str | None = None
    generated: str = ""
    collation: str = ""
    constraints: tuple[Constraint, ...] = ()

    @property
    def required(self) -> bool:
        """Whether every row must be given a value for it."""
        key = any(constraint.kind == "primary" for constraint in self.constraints)
        return (not self.nullable or key) and self.default is None and not self.generated


class Index(Struct, frozen=True, array_like=True):
    """An index's definition. `predicate` is its WHERE; `not_null` its columns when that only says IS NOT NULL.
    `implied` is set where a framework makes it without being asked."""

    at: Span
    name: Word | None
    parts: tuple[Part, ...]
    unique: bool = False
    method: str = ""
    include: tuple[str, ...] = ()
    predicate: str = ""
    not_null: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    implied: bool = False


class Like(Struct, frozen=True, array_like=True):
    """LIKE another table in CREATE TABLE; `including` names what is copied beside the columns, lower-cased."""

    table: Name
    including: tuple[str, ...] = ()
