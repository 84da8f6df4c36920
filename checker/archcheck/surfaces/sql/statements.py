"""Statements are what a migration says, in our own types: no parser's nodes, nothing interpreted against a catalog.

They are msgspec structures and no dataclasses, because they are a tagged union that goes through the cache: msgspec
tells structures apart by their tag, dataclasses it cannot. Every part that a finding may point at carries its `Span`.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from archcheck.surfaces.sql.actions import Action as Action
from archcheck.surfaces.sql.actions import AddColumn as AddColumn
from archcheck.surfaces.sql.actions import AddConstraint as AddConstraint
from archcheck.surfaces.sql.actions import AddIndex as AddIndex
from archcheck.surfaces.sql.actions import AttachPartition as AttachPartition
from archcheck.surfaces.sql.actions import ChangeColumn as ChangeColumn
from archcheck.surfaces.sql.actions import DropColumn as DropColumn
from archcheck.surfaces.sql.actions import DropConstraint as DropConstraint
from archcheck.surfaces.sql.actions import DropSought as DropSought
from archcheck.surfaces.sql.actions import OtherAction as OtherAction
from archcheck.surfaces.sql.actions import RenameColumn as RenameColumn
from archcheck.surfaces.sql.actions import RenameConstraint as RenameConstraint
from archcheck.surfaces.sql.actions import RenameTo as RenameTo
from archcheck.surfaces.sql.actions import SetDefault as SetDefault
from archcheck.surfaces.sql.actions import SetGenerated as SetGenerated
from archcheck.surfaces.sql.actions import SetNullable as SetNullable
from archcheck.surfaces.sql.actions import SetParent as SetParent
from archcheck.surfaces.sql.actions import SetSchema as SetSchema
from archcheck.surfaces.sql.actions import SetType as SetType
from archcheck.surfaces.sql.actions import UnreadAction as UnreadAction
from archcheck.surfaces.sql.actions import ValidateConstraint as ValidateConstraint
from archcheck.surfaces.sql.deeds import ChangeFunction as ChangeFunction
from archcheck.surfaces.sql.deeds import Grant as Grant
from archcheck.surfaces.sql.deeds import Maintain as Maintain
from archcheck.surfaces.sql.deeds import Role as Role
from archcheck.surfaces.sql.deeds import SetOption as SetOption
from archcheck.surfaces.sql.deeds import Transact as Transact
from archcheck.surfaces.sql.deeds import Write as Write
from archcheck.surfaces.sql.parts import Column as Column
from archcheck.surfaces.sql.parts import Constraint as Constraint
from archcheck.surfaces.sql.parts import Index as Index
from archcheck.surfaces.sql.parts import Like as Like
from archcheck.surfaces.sql.parts import Name as Name
from archcheck.surfaces.sql.parts import Part as Part
from archcheck.surfaces.sql.parts import Span as Span
from archcheck.surfaces.sql.parts import Tagged as Tagged
from archcheck.surfaces.sql.parts import Word as Word


class CreateTable(Tagged, frozen=True):
    """CREATE TABLE. `kind` is permanent, temporary, unlogged, foreign or virtual.

    `whole` is false where its columns are not all written here (AS SELECT, OF type) or one part was not understood.
    """

    at: Span
    name: Name
    kind: str = "permanent"
    if_not_exists: bool = False
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    likes: tuple[Like, ...] = ()
    partition_of: Name | None = None
    partitioned_by: str = ""
    inherits: tuple[Name, ...] = ()
    from_query: bool = False
    whole: bool = True
    engine: str = ""


class AlterTable(Tagged, frozen=True):
    """ALTER TABLE with its actions in order."""

    at: Span
    name: Name
    actions: tuple[Action, ...]
    if_exists: bool = False
    only: bool = False


class CreateIndex(Tagged, frozen=True):
    """CREATE INDEX. `rest` is what comes after these words, where they are written as such."""

    at: Span
    table: Name
    index: Index
    concurrently: bool = False
    if_not_exists: bool = False
    only: bool = False
    rest: Span = Span()


class AlterIndex(Tagged, frozen=True):
    """ALTER INDEX."""

    at: Span
    name: Name
    action: RenameTo | SetSchema | AttachPartition | OtherAction
    if_exists: bool = False


class Drop(Tagged, frozen=True):
    """DROP of one or several objects of one `kind`: TABLE, INDEX, VIEW, SCHEMA, TYPE, FUNCTION ...

    `table` is set for MySQL's DROP INDEX x ON t.
    """

    at: Span
    kind: str
    names: tuple[Name, ...]
    if_exists: bool = False
    cascade: bool = False
    concurrently: bool = False
    table: Name | None = None


class RenameTables(Tagged, frozen=True):
    """MySQL's RENAME TABLE a TO b, c TO d."""

    at: Span
    pairs: tuple[tuple[Name, Name], ...]


class CreateView(Tagged, frozen=True):
    """CREATE VIEW or CREATE MATERIALIZED VIEW."""

    at: Span
    name: Name
    materialized: bool = False
    replace: bool = False


class CreateSchema(Tagged, frozen=True):
    """CREATE SCHEMA; `statements` are those it contains."""

    at: Span
    name: str


class CreateType(Tagged, frozen=True):
    """CREATE TYPE or CREATE DOMAIN. `kind` is enum, domain, composite or other; `base` is a domain's type."""

    at: Span
    name: Name
    kind: str
    labels: tuple[str, ...] = ()
    base: str = ""


class AlterType(Tagged, frozen=True):
    """ALTER TYPE. `kind` is add-value, rename-value, rename, set-schema or other."""

    at: Span
    name: Name
    kind: str
    value: str = ""
    new_value: str = ""
    before: str = ""
    after: str = ""
    if_not_exists: bool = False
    new: Name | None = None


class SetSearchPath(Tagged, frozen=True):
    """SET search_path; names folded, `public` and `$user` left out."""

    at: Span
    path: tuple[str, ...]


class CreateFunction(Tagged, frozen=True):
    """CREATE FUNCTION or PROCEDURE. `alters` names the tables its body may change the schema of, `*` for any.

    `definer` says that it runs with the rights of its owner, `pinned` that it sets its own search path.
    """

    at: Span
    name: Name
    alters: tuple[str, ...] = ()
    definer: bool = False
    pinned: bool = False


class Block(Tagged, frozen=True):
    """DO with its plain statements in `statements`; what runs on a condition is an `Opaque` among them."""

    at: Span
    statements: tuple[Statement, ...]


class Opaque(Tagged, frozen=True):
    """A delimited statement that is not modelled. `tables` are the folded names it may concern, `*` for any table."""

    at: Span
    kind: str
    tables: tuple[str, ...] = ()


class Ignored(Tagged, frozen=True):
    """A statement that changes nothing the catalog holds: data, queries, comments, grants, settings, transactions.

    `calls` are the folded names of the functions it calls, by which a function of the history may change the schema.
    """

    at: Span
    kind: str
    calls: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()


Statement: TypeAlias = (
    CreateTable
    | AlterTable
    | CreateIndex
    | AlterIndex
    | Drop
    | RenameTables
    | CreateView
    | CreateSchema
    | CreateType
    | AlterType
    | SetSearchPath
    | CreateFunction
    | ChangeFunction
    | Grant
    | Maintain
    | Role
    | SetOption
    | Transact
    | Write
    | Block
    | Opaque
    | Ignored
)


class Unsplit(Struct, frozen=True, array_like=True):
    """A construct without an end: everything from `line` on was not read."""

    line: int
    reason: str


class Revision(Struct, frozen=True, array_like=True):
    """Where a file says that it stands among others: its id, the ids it follows, others that must come before it."""

    id: str
    parents: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class Script(Struct, frozen=True, array_like=True):
    """One file as statements: what it does, what its own down section does, and where reading stopped.

    `down_line` is the line of the section that goes down, 0 without one. `explained` is whether a comment (of that
    section, in a file of one direction of the whole) or an error that is raised tells why nothing is undone.
    `revision` is what the file says of its place, where the layout has no other order. `outside` is whether it asks its
    runner for no transaction; None when only a part of it does. `leans` holds the digests of the other files that it
    was read with, empty for those that were looked for and not there. `supposed` are the places in `up` of statements
    that are sent while a setting has its default: what they make is there, how they run elsewhere is not known.
    """

    up: tuple[Statement, ...]
    down: tuple[Statement, ...] = ()
    unsplit: Unsplit | None = None
    down_line: int = 0
    explained: bool = False
    revision: Revision | None = None
    outside: bool | None = False
    leans: dict[str, str] = {}
    supposed: tuple[int, ...] = ()
