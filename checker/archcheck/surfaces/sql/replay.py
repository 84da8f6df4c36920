"""Replay applies the statements of a history to a catalog, one migration after the other, and never refuses one.

What a server would have refused happened otherwise than we know: a statement on a table that no file creates makes a
table that is only partly known, and what cannot be followed leaves a doubt at the tables it may concern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec import structs
from msgspec.structs import replace

from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import (
    Doubt,
    Key,
    KeyFact,
    TableFact,
    TypeFact,
)
from archcheck.surfaces.sql.changes import Changes
from archcheck.surfaces.sql.naming import object_name, part_name

_TEMPORARY: Final = "pg_temp"
_COPIED: Final = {
    "primary": frozenset({"all", "indexes"}),
    "checks": frozenset({"all", "constraints"}),
}


class Replay(Changes):
    """A catalog under construction. `migrate` takes the statements of one file at a time."""

    def migrate(self, path: str, statements: Iterable[say.Statement]) -> None:
        """Apply the statements of the file at `path`."""
        self.path = path
        self.search = ()
        for statement in statements:
            self.apply(statement)
        for key in [key for key in self.catalog.tables if key[0] == _TEMPORARY]:
            del self.catalog.tables[key]

    def apply(self, statement: say.Statement) -> None:
        """Apply one statement."""
        change = _CHANGES.get(type(statement))
        if change is not None:
            change(self, statement)

    def create_table(self, create: say.CreateTable) -> None:
        """CREATE TABLE: columns, then what is inherited or copied, then constraints and indexes."""
        key = self.created(create.name)
        self.ever.add(key[1])
        if create.kind == "temporary":
            key = (_TEMPORARY, create.name.key)
        old = self.catalog.tables.get(key)
        if old is not None and old.known and create.if_not_exists:
            return
        at = create.name.at.within(self.path)
        table = TableFact(
            key=key,
            text=create.name.text,
            kind=create.kind,
            at=at,
            changed=at,
            whole=create.whole,
            columns=tuple(self.column(column) for column in create.columns),
            partition_of=self.resolved(create.partition_of) if create.partition_of else None,
            partitioned_by=create.partitioned_by,
            inherits=tuple(self.resolved(parent) for parent in create.inherits),
            engine=create.engine,
            doubts=() if create.whole or create.from_query else (Doubt(at, "a part of CREATE TABLE"),),
        )
        for parent in (*table.inherits, *((table.partition_of,) if table.partition_of else ())):
            table = self._inherited(table, parent)
        for like in create.likes:
            table = self._copied(table, like)
        self.catalog.tables[key] = table
        written = [*create.constraints, *(each for column in create.columns for each in column.constraints)]
        # Names that nobody gave are made in the order in which things are written.
        written.sort(key=lambda constraint: constraint.at)
        for constraint in written if self.dialect == "mysql" else _merged(written):
            table = self.with_constraint(table, constraint)
        for index in create.indexes:
            table = self.with_index(table, index)
        self.catalog.tables[key] = table

    def _inherited(self, table: TableFact, parent: Key) -> TableFact:
        """The table with the columns of its parent before its own; of an unknown parent we know nothing."""
        found = self.catalog.tables.get(parent)
        if found is None or not found.whole:
            return replace(table, whole=False)
        own = {column.key for column in table.columns}
        columns = (*(c for c in found.columns if c.key not in own), *table.columns)
        return replace(table, columns=columns, checks=(*found.checks, *table.checks))

    def _copied(self, table: TableFact, like: say.Like) -> TableFact:
        """The table with what LIKE copies: columns always, keys and indexes and checks when they are included."""
        found = self.catalog.tables.get(self.resolved(like.table))
        if found is None or not found.known:
            doubt = Doubt(like.table.at.within(self.path), "LIKE of an unknown table")
            return replace(table, whole=False, doubts=(*table.doubts, doubt))
        including = set(like.including)
        table = replace(
            table,
            columns=(*table.columns, *found.columns),
            whole=table.whole and found.whole,
            doubts=(*table.doubts, *found.doubts),
        )
        if including & _COPIED["checks"]:
            table = replace(table, checks=(*table.checks, *found.checks))
        if including & _COPIED["primary"]:
            taken = self.names(table)
            name = table.key[1]
            if found.primary:
                table = replace(table, primary=replace(found.primary, name=object_name(name, "", "pkey", taken)))
            table = replace(
                table,
                uniques=tuple(
                    replace(u, name=object_name(name, "_".join(u.columns), "key", taken)) for u in found.uniques
                ),
                indexes=tuple(
                    replace(i, name=object_name(name, "_".join([*map(part_name, i.parts), *i.include]), "idx", taken))
                    for i in found.indexes
                ),
            )
        return table

    def alter_table(self, alter: say.AlterTable) -> None:
        """ALTER TABLE, action by action; a view under that name is left alone."""
        key = self.resolved(alter.name)
        if key not in self.catalog.tables and (key in self.catalog.views or alter.if_exists):
            return
        self.table(alter.name)
        for action in alter.actions:
            key = self.act(key, action)

    def create_index(self, create: say.CreateIndex) -> None:
        """CREATE INDEX; on a view it is of no concern."""
        if self.resolved(create.table) in self.catalog.views:
            return
        table = self.table(create.table)
        name = create.index.name
        if (
            create.if_not_exists
            and name
            and name.key in {i.name for i in table.indexes} | {u.name for u in table.uniques}
        ):
            return
        self.catalog.tables[table.key] = self.with_index(table, create.index)

    def alter_index(self, alter: say.AlterIndex) -> None:
        """ALTER INDEX RENAME TO; the constraint an index belongs to is renamed with it."""
        if not isinstance(alter.action, say.RenameTo):
            return
        owner = self.index_owner(alter.name)
        if owner is not None:
            old, new = alter.name.key, alter.action.new.key
            self.ever.add(new)
            self.catalog.tables[owner.key] = replace(
                owner,
                primary=_named(owner.primary, old, new) if owner.primary else None,
                uniques=tuple(_named(unique, old, new) for unique in owner.uniques),
                indexes=tuple(
                    replace(i, name=new, text=alter.action.new.text) if i.name == old else i for i in owner.indexes
                ),
            )

    def drop(self, drop: say.Drop) -> None:
        """DROP of tables, indexes, schemas, types and views."""
        at = drop.at.within(self.path)
        for name in drop.names:
            if drop.kind == "TABLE":
                self.drop_table(self.resolved(name))
            elif drop.kind == "INDEX":
                owner = self.table(drop.table) if drop.table else self.index_owner(name)
                if owner is not None:
                    self.put(owner, self.without_index(owner, name.key), at)
            elif drop.kind == "VIEW":
                self.catalog.views.pop(self.resolved(name), None)
            elif drop.kind == "SCHEMA":
                for key in [key for key in self.catalog.tables if key[0] == name.key]:
                    self.drop_table(key)
            elif drop.kind in ("TYPE", "DOMAIN"):
                self.drop_type(name, at, drop.cascade)

    def rename_tables(self, rename: say.RenameTables) -> None:
        """MySQL's RENAME TABLE."""
        for old, new in rename.pairs:
            table = self.table(old)
            schema = self.schema(new.schema) if new.schema else table.key[0]
            self.rename(table, (schema, new.key), new.text, new.at.within(self.path))

    def create_view(self, create: say.CreateView) -> None:
        """CREATE VIEW."""
        self.catalog.views[self.created(create.name)] = create.at.within(self.path)

    def create_type(self, create: say.CreateType) -> None:
        """CREATE TYPE and CREATE DOMAIN."""
        key = self.created(create.name)
        self.catalog.types[key] = TypeFact(
            key, create.name.text, create.kind, create.labels, create.base, create.name.at.within(self.path)
        )

    def alter_type(self, alter: say.AlterType) -> None:
        """ALTER TYPE on an enum's labels or on the name."""
        key = self.resolved_type(alter.name)
        fact = self.catalog.types.get(key)
        if fact is None:
            return
        labels = list(fact.labels)
        if alter.kind == "add-value" and alter.value not in labels:
            near = alter.before or alter.after
            index = labels.index(near) + (1 if alter.after else 0) if near in labels else len(labels)
            labels.insert(index, alter.value)
        elif alter.kind == "rename-value":
            labels = [alter.new_value if label == alter.value else label for label in labels]
            self.relabel(fact, alter.value, alter.new_value)
        elif alter.kind == "rename" and alter.new is not None:
            del self.catalog.types[key]
            key = (key[0], alter.new.key)
            self.retype(fact, alter.new)
            fact = replace(fact, key=key, text=alter.new.text)
        self.catalog.types[key] = replace(fact, labels=tuple(labels))

    def set_search_path(self, setting: say.SetSearchPath) -> None:
        """SET search_path, up to the end of the file."""
        self.search = setting.path

    def create_function(self, create: say.CreateFunction) -> None:
        """CREATE FUNCTION: remembered when it may change tables."""
        if create.alters:
            self.catalog.functions[create.name.key] = create.alters
        else:
            self.catalog.functions.pop(create.name.key, None)

    def block(self, block: say.Block) -> None:
        """DO with plain statements."""
        for statement in block.statements:
            self.apply(statement)

    def opaque(self, opaque: say.Opaque) -> None:
        """A statement that is not modelled."""
        self.doubt(opaque.tables, opaque.kind, opaque.at.within(self.path))

    def ignored(self, ignored: say.Ignored) -> None:
        """A query: it changes tables when it calls a function of the history that does."""
        for call in ignored.calls:
            if call in self.catalog.functions:
                tables = (*self.catalog.functions[call], *(text.lower() for text in ignored.literals))
                self.doubt(tables, f"call of {call}", ignored.at.within(self.path))


def _merged(written: list[say.Constraint]) -> list[say.Constraint]:
    """The constraints of one CREATE TABLE as the server keeps them: of keys over the same columns only one."""
    merged: list[say.Constraint] = []
    places: dict[tuple[str, ...], int] = {}
    for constraint in written:
        columns = tuple(word.key for word in constraint.columns)
        if constraint.kind not in ("primary", "unique") or not columns or constraint.parts:
            merged.append(constraint)
        elif columns not in places:
            places[columns] = len(merged)
            merged.append(constraint)
        else:
            former = merged[places[columns]]
            kept, other = (constraint, former) if constraint.kind == "primary" else (former, constraint)
            merged[places[columns]] = structs.replace(kept, name=kept.name or other.name)
    return merged


def _named(key: KeyFact, old: str, new: str) -> KeyFact:
    return replace(key, name=new) if key.name == old else key


_CHANGES: Final[dict[type, Callable[[Replay, Any], None]]] = {
    say.CreateTable: Replay.create_table,
    say.AlterTable: Replay.alter_table,
    say.CreateIndex: Replay.create_index,
    say.AlterIndex: Replay.alter_index,
    say.Drop: Replay.drop,
    say.RenameTables: Replay.rename_tables,
    say.CreateView: Replay.create_view,
    say.CreateType: Replay.create_type,
    say.AlterType: Replay.alter_type,
    say.SetSearchPath: Replay.set_search_path,
    say.CreateFunction: Replay.create_function,
    say.Block: Replay.block,
    say.Opaque: Replay.opaque,
    say.Ignored: Replay.ignored,
}
