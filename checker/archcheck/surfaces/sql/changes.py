"""Changes of one table at a time: its columns, constraints, indexes and names, and what follows in other tables."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, count
from typing import Final

from msgspec.structs import replace

from archcheck.source import Location
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import (
    CheckFact,
    ColumnFact,
    Doubt,
    ForeignFact,
    IndexFact,
    Key,
    KeyFact,
    TableFact,
    TypeFact,
)
from archcheck.surfaces.sql.lookup import Lookup, keys, parents, type_name
from archcheck.surfaces.sql.naming import object_name, part_name
from archcheck.surfaces.sql.sought import without_sought
from archcheck.surfaces.sql.tables import (
    covered,
    renamed_column,
    renamed_constraint,
    required,
    validated,
    with_column,
    without_column,
    without_constraint,
)

# More of them would prove nothing new about a table.
_DOUBTS: Final = 8

# Changes of a column that PostgreSQL makes in the tables that inherit it too.
_INHERITED: Final = (
    say.AddColumn,
    say.DropColumn,
    say.RenameColumn,
    say.SetType,
    say.SetDefault,
    say.SetNullable,
    say.SetGenerated,
)


class Changes(Lookup):
    """The changes that replay is made of."""

    # Whole tables

    def put(self, before: TableFact, after: TableFact, at: Location) -> None:
        """Store a changed table; a key or a foreign key's last index that went missing is remembered with its place."""
        if before.primary and not after.primary:
            after = replace(after, key_lost=at)
        if after.foreigns and (len(before.indexes), len(before.uniques), before.primary) != (
            len(after.indexes),
            len(after.uniques),
            after.primary,
        ):
            foreigns = tuple(
                replace(f, lost=at) if covered(before, f) and not covered(after, f) else f for f in after.foreigns
            )
            after = replace(after, foreigns=foreigns)
        self.catalog.tables[after.key] = replace(after, changed=at)

    def drop_table(self, key: Key) -> None:
        """Drop a table with its partitions; PostgreSQL lets no foreign key to it remain."""
        self.catalog.tables.pop(key, None)
        for other in list(self.catalog.tables.values()):
            if other.partition_of == key:
                self.drop_table(other.key)
            elif self.dialect == "postgres" and any(f.table == key for f in other.foreigns):
                self.catalog.tables[other.key] = replace(
                    other, foreigns=tuple(f for f in other.foreigns if f.table != key)
                )

    def rename(self, table: TableFact, new: Key, text: str, at: Location) -> None:
        """Give a table another name or schema, in all that refers to it too."""
        tables = self.catalog.tables
        del tables[table.key]
        self.ever.add(new[1])
        tables[new] = replace(table, key=new, text=text, changed=at)
        for other in list(tables.values()):
            if any(f.table == table.key for f in other.foreigns):
                foreigns = tuple(
                    replace(f, table=new, table_text=text) if f.table == table.key else f for f in other.foreigns
                )
                other = tables[other.key] = replace(other, foreigns=foreigns)
            if other.partition_of == table.key:
                other = tables[other.key] = replace(other, partition_of=new)
            if table.key in other.inherits:
                parents = tuple(new if parent == table.key else parent for parent in other.inherits)
                tables[other.key] = replace(other, inherits=parents)

    def doubt(self, names: tuple[str, ...], kind: str, at: Location) -> None:
        """Note at the named tables (`*`: at all) that something may have changed them."""
        wanted = set(names)
        for key, table in self.catalog.tables.items():
            if len(table.doubts) < _DOUBTS and ("*" in wanted or key[1] in wanted):
                self.catalog.tables[key] = replace(table, doubts=(*table.doubts, Doubt(at, kind)))

    # Actions of ALTER TABLE

    def act(self, key: Key, action: say.Action) -> Key:
        """Apply one action to the table at `key`; the answer is its key afterwards."""
        if isinstance(action, _INHERITED):
            for child in self._descendants(key):
                self._act(child, action)
        return self._act(key, action)

    def _descendants(self, key: Key) -> list[Key]:
        """The partitions of a table and those that inherit it, down to the last."""
        found: dict[Key, None] = {key: None}
        pending = [key] if any(map(parents, self.catalog.tables.values())) else []
        while pending:
            parent = pending.pop()
            for other in self.catalog.tables.values():
                if parent in parents(other) and other.key not in found:
                    found[other.key] = None
                    pending.append(other.key)
        return list(found)[1:]

    def _act(self, key: Key, action: say.Action) -> Key:
        table = self.catalog.tables[key]
        at = action.at.within(self.path)
        if isinstance(action, say.RenameTo | say.SetSchema):
            return self._rename_table(table, action, at)
        if isinstance(action, say.RenameColumn):
            self._rename_column(table, action)
        elif isinstance(action, say.AttachPartition):
            partition = self.table(action.partition)
            parent = key if action.attach else None
            self.catalog.tables[partition.key] = replace(partition, partition_of=parent)
        elif isinstance(action, say.DropColumn):
            self.put(table, self._drop_column(table, action), at)
        elif isinstance(action, say.DropConstraint):
            self.put(table, self._drop_constraint(table, action, at), at)
        elif isinstance(action, say.ValidateConstraint):
            self.catalog.tables[key] = validated(table, action.name.key)
        elif not isinstance(action, say.OtherAction):
            self.put(table, self._changed(table, action, at), at)
        return key

    def _rename_table(self, table: TableFact, action: say.RenameTo | say.SetSchema, at: Location) -> Key:
        if isinstance(action, say.SetSchema):
            new = (self.schema(action.schema), table.key[1])
            self.rename(table, new, table.text, at)
        else:
            schema = self.schema(action.new.schema) if action.new.schema else table.key[0]
            new = (schema, action.new.key)
            self.rename(table, new, action.new.text, at)
        return new

    def _changed(self, table: TableFact, action: say.Action, at: Location) -> TableFact:
        if isinstance(action, say.AddColumn):
            return self._add_column(table, action)
        if isinstance(action, say.AddConstraint):
            return self.with_constraint(table, action.constraint)
        if isinstance(action, say.AddIndex):
            return self.with_index(table, action.index)
        if isinstance(action, say.DropSought):
            return without_sought(table, action, at)
        if isinstance(action, say.RenameConstraint):
            return renamed_constraint(table, action.old.key, action.new)
        if isinstance(action, say.SetParent):
            parent = self.resolved(action.parent)
            rest = tuple(p for p in table.inherits if p != parent)
            return replace(table, inherits=(*rest, parent) if action.inherit else rest)
        if isinstance(action, say.SetType):
            return with_column(table, action.column.key, lambda c: replace(c, type=action.type, typed=at))
        if isinstance(action, say.SetDefault):
            return with_column(table, action.column.key, lambda c: replace(c, default=action.default))
        if isinstance(action, say.SetNullable):
            return with_column(table, action.column.key, lambda c: replace(c, nullable=action.nullable))
        if isinstance(action, say.SetGenerated):
            return with_column(table, action.column.key, lambda c: replace(c, generated=action.generated))
        if isinstance(action, say.ChangeColumn):
            return self._change_column(table, action)
        return replace(table, doubts=(*table.doubts, Doubt(at, "ALTER TABLE")))

    def column(self, column: say.Column) -> ColumnFact:
        """A column's fact."""
        at = column.name.at.within(self.path)
        name = column.name
        return ColumnFact(name.key, name.text, column.type, column.nullable, column.default, column.generated, at)

    def _add_column(self, table: TableFact, action: say.AddColumn) -> TableFact:
        column = action.column
        existing = any(c.key == column.name.key for c in table.columns)
        if existing and action.if_not_exists:
            return table
        rest = tuple(c for c in table.columns if c.key != column.name.key)
        table = replace(table, columns=(*rest, self.column(column)))
        for constraint in column.constraints:
            table = self.with_constraint(table, constraint)
        return table

    def _change_column(self, table: TableFact, action: say.ChangeColumn) -> TableFact:
        new = self.column(action.column)
        if action.old.key != new.key:
            table = renamed_column(table, action.old.key, new.key, new.text)
        if not any(c.key == new.key for c in table.columns):
            table = replace(table, columns=(*table.columns, new))
        table = replace(table, columns=tuple(new if c.key == new.key else c for c in table.columns))
        if table.primary and new.key in table.primary.columns:
            # Whatever is left out, no column of a primary key takes NULL.
            table = with_column(table, new.key, required)
        for constraint in action.column.constraints:
            table = self.with_constraint(table, constraint)
        return table

    def _rename_column(self, table: TableFact, action: say.RenameColumn) -> None:
        old, new = action.old.key, action.new.key
        at = action.at.within(self.path)
        self.catalog.tables[table.key] = replace(renamed_column(table, old, new, action.new.text), changed=at)
        for other in list(self.catalog.tables.values()):
            if any(f.table == table.key and old in f.referenced for f in other.foreigns):
                foreigns = tuple(
                    replace(f, referenced=tuple(new if c == old else c for c in f.referenced))
                    if f.table == table.key
                    else f
                    for f in other.foreigns
                )
                self.catalog.tables[other.key] = replace(other, foreigns=foreigns)

    def _drop_column(self, table: TableFact, action: say.DropColumn) -> TableFact:
        column = action.column.key
        if self.dialect == "postgres":
            self._drop_referring(table.key, lambda f: column in f.referenced)
            table = self.catalog.tables[table.key]
        return without_column(table, column, self.dialect)

    def _drop_referring(self, key: Key, falls: Callable[[ForeignFact], bool]) -> None:
        """Drop the foreign keys to the table at `key` that fall with a column or key of it."""
        for other in list(self.catalog.tables.values()):
            foreigns = tuple(f for f in other.foreigns if f.table != key or not falls(f))
            if len(foreigns) != len(other.foreigns):
                self.catalog.tables[other.key] = replace(other, foreigns=foreigns)

    def drop_type(self, name: say.Name, at: Location, cascade: bool) -> None:
        """Drop a type; with CASCADE the columns of that type go too."""
        fact = self.catalog.types.pop(self.resolved_type(name), None)
        if cascade and fact is not None:
            for table in list(self.catalog.tables.values()):
                for column in table.columns:
                    if type_name(column.type) == name.key:
                        before = self.catalog.tables[table.key]
                        self.put(before, without_column(before, column.key, self.dialect), at)

    def relabel(self, fact: TypeFact, old: str, new: str) -> None:
        """Carry a renamed label of an enum into the defaults that name it."""
        for table in list(self.catalog.tables.values()):
            if any(type_name(c.type) == fact.key[1] and c.default for c in table.columns):
                columns = tuple(
                    replace(c, default=c.default.replace(f"'{old}'", f"'{new}'"))
                    if c.default and type_name(c.type) == fact.key[1]
                    else c
                    for c in table.columns
                )
                self.catalog.tables[table.key] = replace(table, columns=columns)

    def retype(self, fact: TypeFact, new: say.Name) -> None:
        """Carry a renamed type into the columns that have it."""
        text = f'"{new.key}"' if new.key != new.key.lower() else new.key
        for table in list(self.catalog.tables.values()):
            if any(type_name(c.type) == fact.key[1] for c in table.columns):
                columns = tuple(
                    replace(c, type=text + ("[]" if c.type.endswith("[]") else ""))
                    if type_name(c.type) == fact.key[1]
                    else c
                    for c in table.columns
                )
                self.catalog.tables[table.key] = replace(table, columns=columns)

    # Constraints and indexes

    def with_constraint(self, table: TableFact, constraint: say.Constraint) -> TableFact:
        """The table with one more constraint; one of the same name is replaced."""
        at = constraint.at.within(self.path)
        columns = tuple(word.key for word in constraint.columns)
        name = constraint.name.key if constraint.name else ""
        if name:
            self.ever.add(name)
            table = without_constraint(table, name)
        if constraint.kind == "not-null":
            return with_column(table, columns[0], required)
        if constraint.kind == "check":
            name = name or self._new_name(table, self._checked(table, constraint.check), "check")
            fact = CheckFact(name, constraint.check, constraint.not_valid, at)
            return replace(table, checks=(*table.checks, fact))
        if constraint.kind == "foreign":
            return self._with_foreign(table, constraint, columns, name, at)
        parts = constraint.parts
        if constraint.using_index:
            index = next((i for i in table.indexes if i.name == constraint.using_index), None)
            if index is None:
                return replace(table, doubts=(*table.doubts, Doubt(at, "USING INDEX of an unknown index")))
            columns, name = tuple(part.key for part in index.parts if part.key), name or index.name
            table = replace(table, indexes=tuple(i for i in table.indexes if i is not index))
        if constraint.kind == "primary":
            name = name or self._new_name(table, "", "pkey")
            for column in columns:
                table = with_column(table, column, required)
            return replace(table, primary=KeyFact("primary", name, columns, parts, at))
        label = "excl" if constraint.kind == "exclude" else "key"
        name = name or self._new_name(table, "_".join(columns or [part_name(p) for p in parts]), label, *columns[:1])
        return replace(table, uniques=(*table.uniques, KeyFact(constraint.kind, name, columns, parts, at)))

    def _with_foreign(
        self, table: TableFact, constraint: say.Constraint, columns: tuple[str, ...], name: str, at: Location
    ) -> TableFact:
        assert constraint.references is not None
        target = self.resolved(constraint.references)
        referenced = tuple(word.key for word in constraint.referenced)
        if not referenced:
            found = table if target == table.key else self.catalog.tables.get(target)
            referenced = found.primary.columns if found and found.primary else ()
        fact = ForeignFact(
            name=name or self._new_name(table, "_".join(columns), "fkey"),
            columns=columns,
            table=target,
            table_text=constraint.references.text,
            referenced=referenced,
            on_delete=constraint.on_delete,
            on_update=constraint.on_update,
            not_valid=constraint.not_valid,
            at=at,
        )
        return replace(table, foreigns=(*table.foreigns, fact))

    def with_index(self, table: TableFact, index: say.Index) -> TableFact:
        """The table with one more index; one of the same name is replaced."""
        parts = index.parts
        name = index.name.key if index.name else ""
        text = index.name.text if index.name else ""
        self.ever.add(name)
        if not name:
            words = [*map(part_name, parts), *index.include]
            name = text = self._new_name(table, "_".join(words), "idx", *words[:1])
        fact = IndexFact(
            name,
            text,
            parts,
            index.unique,
            index.method,
            index.include,
            index.predicate,
            index.not_null,
            index.at.within(self.path),
            index.implied,
        )
        return replace(table, indexes=(*(i for i in table.indexes if i.name != name), fact))

    def without_index(self, table: TableFact, name: str) -> TableFact:
        """The table without an index; in MySQL a unique constraint is one."""
        uniques = table.uniques
        if self.dialect != "postgres":
            uniques = tuple(u for u in uniques if u.name != name)
        return replace(table, indexes=tuple(i for i in table.indexes if i.name != name), uniques=uniques)

    def _drop_constraint(self, table: TableFact, action: say.DropConstraint, at: Location) -> TableFact:
        name = action.name.key
        if action.kind == "primary":
            return replace(table, primary=None)
        if action.kind == "index":
            return self.without_index(table, name)
        gone = {frozenset(key.columns) for key in keys(table) if key.name == name}
        if gone and self.dialect == "postgres":
            self._drop_referring(table.key, lambda f: frozenset(f.referenced) in gone)
            table = self.catalog.tables[table.key]
        after = without_constraint(table, name)
        if after is table and not action.if_exists:
            return replace(table, doubts=(*table.doubts, Doubt(at, "DROP CONSTRAINT of an unknown constraint")))
        return after

    def _new_name(self, table: TableFact, columns: str, label: str, first: str = "") -> str:
        if self.dialect == "mysql" and label == "fkey":
            return f"{table.key[1]}_ibfk_{len(table.foreigns) + 1}"
        if self.dialect == "mysql" and first:
            return self._after_column(table, first)
        name = object_name(table.key[1], columns, label, self.names(table))
        self.ever.add(name)
        return name

    def _after_column(self, table: TableFact, column: str) -> str:
        """The name MySQL gives an index: that of its first column, with a number from 2 on when it is taken."""
        taken = {unique.name for unique in table.uniques} | {index.name for index in table.indexes}
        name = next(n for n in chain((column,), (f"{column}_{i}" for i in count(2))) if n not in taken)
        self.ever.add(name)
        return name

    def _checked(self, table: TableFact, text: str) -> str:
        """The column in the name of an unnamed check: the one it is about, when it is only one."""
        words = set("".join(c if c.isalnum() or c in "_$" else " " for c in text).split())
        lowered = {word.lower() for word in words}
        columns = [c.key for c in table.columns if c.key in words or c.key in lowered]
        return columns[0] if len(columns) == 1 else ""
