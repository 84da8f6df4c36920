"""Lookup: what a name means at one moment of a replay, along the search path and with the dialect's default schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import Catalog, IndexFact, Key, KeyFact, TableFact
from archcheck.surfaces.sql.naming import Taken

_DEFAULT_SCHEMA: Final = {"postgres": "public", "sqlite": "main", "tsql": "dbo"}


class Lookup:
    """The catalog, the file under replay and the search path, and what a name means among them."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.catalog = Catalog()
        self.path = ""
        self.search: tuple[str, ...] = ()
        # Every name that was ever given: a new one is compared with those in use only when it is among them.
        self.ever: set[str] = set()

    def schema(self, name: str) -> str:
        """A schema that was written out, as keys have it: empty for the default one."""
        return "" if name == _DEFAULT_SCHEMA.get(self.dialect) else name

    def created(self, name: say.Name) -> Key:
        """The key under which something new of that name is made."""
        if name.schema:
            return (self.schema(name.schema), name.key)
        return (self.search[0] if self.search else "", name.key)

    def resolved(self, name: say.Name) -> Key:
        """The key of the table (or view) a name means: along the search path, temporary tables first."""
        if name.schema:
            return self.created(name)
        catalog = self.catalog
        for schema in ("pg_temp", *self.search, ""):
            if (schema, name.key) in catalog.tables or (schema, name.key) in catalog.views:
                return (schema, name.key)
        return self.created(name)

    def resolved_type(self, name: say.Name) -> Key:
        """The key of the type a name means."""
        if name.schema:
            return self.created(name)
        found = ((schema, name.key) for schema in (*self.search, "") if (schema, name.key) in self.catalog.types)
        return next(found, self.created(name))

    def table(self, name: say.Name) -> TableFact:
        """The table a name means; one that no file creates is made up here, known in part."""
        key = self.resolved(name)
        table = self.catalog.tables.get(key)
        if table is None:
            at = name.at.within(self.path)
            table = TableFact(key, name.text, "permanent", at, at, known=False, whole=False)
            self.catalog.tables[key] = table
        return table

    def names(self, table: TableFact) -> Taken:
        """The names taken by tables, keys and indexes in a table's schema."""
        return Taken(self.ever, lambda: self._names(table))

    def _names(self, table: TableFact) -> set[str]:
        taken = {foreign.name for foreign in table.foreigns}
        taken.update(check.name for check in table.checks)
        for key, other in self.catalog.tables.items():
            if key[0] == table.key[0]:
                taken.add(key[1])
                taken.update(name for name, _ in named_keys(other))
        taken.update(name for name, _ in named_keys(table))
        return taken

    def index_owner(self, name: say.Name) -> TableFact | None:
        """The table that has an index, or a constraint with an index, of that name."""
        schemas = (self.schema(name.schema),) if name.schema else ("pg_temp", *self.search, "")
        tables = self.catalog.tables.values()
        return next((t for t in tables if t.key[0] in schemas and any(n == name.key for n, _ in named_keys(t))), None)


def type_name(text: str) -> str:
    """The folded name of a column's type, without schema, array marks and length."""
    name = text.split("(")[0].removesuffix("[]").strip().rsplit(".", 1)[-1]
    return name.strip('"')


def parents(table: TableFact) -> tuple[Key, ...]:
    return (*table.inherits, table.partition_of) if table.partition_of else table.inherits


def keys(table: TableFact) -> Iterator[KeyFact]:
    if table.primary:
        yield table.primary
    yield from table.uniques


def named_keys(table: TableFact) -> Iterator[tuple[str, KeyFact | IndexFact]]:
    for key in keys(table):
        yield key.name, key
    for index in table.indexes:
        yield index.name, index
