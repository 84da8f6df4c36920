"""Actions are the parts of an ALTER TABLE, which come one or several to a statement."""

from __future__ import annotations

from typing import TypeAlias

from archcheck.surfaces.sql.parts import Column, Constraint, Index, Name, Span, Tagged, Word


class AddColumn(Tagged, frozen=True):
    """ADD COLUMN."""

    at: Span
    column: Column
    if_not_exists: bool = False


class DropColumn(Tagged, frozen=True):
    """DROP COLUMN."""

    at: Span
    column: Word
    if_exists: bool = False
    cascade: bool = False


class ChangeColumn(Tagged, frozen=True):
    """MySQL's MODIFY and CHANGE: a column gets a whole new definition, and perhaps a new name."""

    at: Span
    old: Word
    column: Column


class SetType(Tagged, frozen=True):
    """ALTER COLUMN TYPE; `using` is the text of the conversion, `was` the type that its author says it had."""

    at: Span
    column: Word
    type: str
    using: str = ""
    was: str = ""


class SetDefault(Tagged, frozen=True):
    """ALTER COLUMN SET DEFAULT, or DROP DEFAULT with `default` None."""

    at: Span
    column: Word
    default: str | None


class SetNullable(Tagged, frozen=True):
    """ALTER COLUMN DROP NOT NULL (`nullable`) or SET NOT NULL."""

    at: Span
    column: Word
    nullable: bool


class SetGenerated(Tagged, frozen=True):
    """ALTER COLUMN ADD GENERATED AS IDENTITY, DROP IDENTITY or DROP EXPRESSION (`generated` empty)."""

    at: Span
    column: Word
    generated: str


class RenameColumn(Tagged, frozen=True):
    """RENAME COLUMN."""

    at: Span
    old: Word
    new: Word


class AddConstraint(Tagged, frozen=True):
    """ADD CONSTRAINT."""

    at: Span
    constraint: Constraint


class DropConstraint(Tagged, frozen=True):
    """DROP CONSTRAINT, and MySQL's DROP PRIMARY KEY / FOREIGN KEY / INDEX / CHECK in `kind` (empty: any constraint)."""

    at: Span
    name: Word
    kind: str = ""
    if_exists: bool = False
    cascade: bool = False


class DropSought(Tagged, frozen=True):
    """DROP CONSTRAINT of what a migration asks the server for: of one kind (empty: any), to do with these names.

    `every` says that all of them are meant, else one.
    """

    at: Span
    kind: str
    names: tuple[str, ...]
    every: bool = False


class RenameConstraint(Tagged, frozen=True):
    """RENAME CONSTRAINT, and MySQL's RENAME INDEX."""

    at: Span
    old: Word
    new: Word


class ValidateConstraint(Tagged, frozen=True):
    """VALIDATE CONSTRAINT."""

    at: Span
    name: Word


class AddIndex(Tagged, frozen=True):
    """MySQL's ADD INDEX."""

    at: Span
    index: Index


class RenameTo(Tagged, frozen=True):
    """RENAME TO, for a table, an index, a type or a view."""

    at: Span
    new: Name


class SetSchema(Tagged, frozen=True):
    """SET SCHEMA."""

    at: Span
    schema: str


class AttachPartition(Tagged, frozen=True):
    """ATTACH PARTITION, or DETACH with `attach` false; on an index, the index of a partition."""

    at: Span
    partition: Name
    attach: bool = True
    concurrently: bool = False


class SetParent(Tagged, frozen=True):
    """INHERIT, or NO INHERIT with `inherit` false."""

    at: Span
    parent: Name
    inherit: bool = True


class OtherAction(Tagged, frozen=True):
    """An action that changes nothing the catalog holds (OWNER TO, SET STATISTICS, row security, triggers ...)."""

    at: Span
    kind: str


class UnreadAction(Tagged, frozen=True):
    """An action that was not understood: what the table is afterwards is not known for sure."""

    at: Span
    kind: str


Action: TypeAlias = (
    AddColumn
    | DropColumn
    | ChangeColumn
    | SetType
    | SetDefault
    | SetNullable
    | SetGenerated
    | RenameColumn
    | AddConstraint
    | DropConstraint
    | DropSought
    | RenameConstraint
    | ValidateConstraint
    | AddIndex
    | RenameTo
    | SetSchema
    | AttachPartition
    | SetParent
    | OtherAction
    | UnreadAction
)
