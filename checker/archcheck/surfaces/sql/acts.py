"""A change is one thing that a migration does, with the table it concerns as it was right before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from archcheck.finding import Fix
from archcheck.source import Location
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import ColumnFact, IndexFact, TableFact
from archcheck.surfaces.sql.locking import Hold, hold
from archcheck.surfaces.sql.widening import rewrites, volatile

if TYPE_CHECKING:
    from archcheck.surfaces.sql.upgrades import Upgrade

# Keys of an index that are the same for every row.
_CONSTANT: Final = frozenset({"(true)", "true", "(1)", "1", "((true))"})

Said: TypeAlias = say.Action | say.Statement


class Change(Struct, frozen=True, eq=False):
    """One thing that a migration does: an action of ALTER TABLE, or a statement (of DROP, one of its names).

    `table` is the fact of its table right before, None where the history knows of none. `of` is what it concerns, as
    written. `order` counts statements, `transaction` is the number of the transaction it certainly runs in, else 0.
    """

    upgrade: Upgrade
    path: str
    order: int
    statement: say.Statement
    says: Said
    table: TableFact | None
    name: say.Name | None
    transaction: int

    @property
    def at(self) -> Location:
        """Where it stands."""
        return self.says.at.within(self.path)

    @property
    def concurrent(self) -> Fix | None:
        """The edit that makes a CREATE INDEX build CONCURRENTLY; None where more than that would change."""
        from archcheck.surfaces.sql.concurrency import built_concurrently

        return built_concurrently(self.upgrade, self)

    @property
    def existed(self) -> bool:
        """Whether its table certainly was there, with rows, before the upgrade began."""
        if isinstance(self.says, say.CreateTable) or (self.name and self.name.key.startswith("pg_")):
            return False
        if isinstance(self.says, say.Drop) and self.says.kind in ("VIEW", "SCHEMA"):
            return self.viewed if self.says.kind == "VIEW" else self._peopled
        if self.table is None:
            return self.name is not None and self.name.key not in self.upgrade.unseen and not self._guarded
        if self.table.key[0] == "pg_temp" or self.table.kind == "temporary":
            return False
        if not self.table.known:
            return self.table.key[1] not in self.upgrade.unseen
        return self.table.at.path not in self.upgrade.paths

    @property
    def _guarded(self) -> bool:
        return isinstance(self.says, say.Drop) and self.says.if_exists

    @property
    def _peopled(self) -> bool:
        before = self.upgrade.before
        return self.name is not None and any(key[0] == self.name.key for key in (*before.tables, *before.views))

    @property
    def of(self) -> str:
        """What it concerns, as written."""
        return self.name.text if self.name else ""

    @property
    def viewed(self) -> bool:
        """Whether it concerns a view that was there before the upgrade began."""
        return self.name is not None and any(key[1] == self.name.key for key in self.upgrade.before.views)

    def column(self, key: str) -> ColumnFact | None:
        """A column of its table as it was right before."""
        return next((c for c in self.table.columns if c.key == key), None) if self.table else None

    @property
    def partitioned(self) -> bool:
        """Whether its table is partitioned, or may be, as one of its name in another schema is."""
        tables = self.upgrade.before.tables.values()
        key = self.table.key[1] if self.table else ""
        return any(fact.partitioned_by for fact in (self.table, *tables) if fact and fact.key[1] == key)

    @property
    def repeats(self) -> bool:
        """Whether it adds a column that is already there, and says that this does not matter."""
        says = self.says
        return isinstance(says, say.AddColumn) and says.if_not_exists and self.column(says.column.name.key) is not None

    @property
    def renames(self) -> str:
        """The folded old name of the column that it gives another one; empty when it does not."""
        says = self.says
        if isinstance(says, say.ChangeColumn):
            return says.old.key if says.old.key != says.column.name.key else ""
        return says.old.key if isinstance(says, say.RenameColumn) else ""

    @property
    def rewrites(self) -> bool:
        """Whether it certainly writes every row of its table anew."""
        says = self.says
        if isinstance(says, say.SetType):
            before = self.column(says.column.key)
            return rewrites(before.type if before else "", says.type, says.using, says.column.key) is True
        if isinstance(says, say.SetGenerated):
            return False
        if not isinstance(says, say.AddColumn):
            return False
        column = says.column
        if column.generated in ("serial", "identity", "stored"):
            return True
        if column.default is None or column.default.upper() == "NULL":
            return False
        return self.upgrade.history.postgres_version < 11 or volatile(column.default) is True

    @property
    def loosens(self) -> bool:
        """Whether it lets a column be NULL that was not, as far as is known."""
        says = self.says
        if isinstance(says, say.SetNullable):
            before = self.column(says.column.key)
            return says.nullable and (before is None or not before.nullable)
        if isinstance(says, say.ChangeColumn):
            before = self.column(says.old.key)
            keyed = self.table is not None and self.table.primary and says.old.key in self.table.primary.columns
            return before is not None and not before.nullable and says.column.nullable and not keyed
        return False

    @property
    def drops_key(self) -> bool:
        """Whether it drops a constraint that certainly is a primary key or a unique constraint."""
        says = self.says
        if not isinstance(says, say.DropConstraint) or self.table is None:
            return False
        keys = (key for key in (self.table.primary, *self.table.uniques) if key is not None and key.kind != "exclude")
        return any(key.name == says.name.key for key in keys)

    @property
    def leaned_on(self) -> bool:
        """Whether something may depend on its table: foreign keys of other tables, or any view."""
        before = self.upgrade.before
        if self.table is None or not self.table.known or before.views:
            return True
        key = self.table.key
        return any(f.table == key for other in before.tables.values() if other.key != key for f in other.foreigns)

    def proven(self, key: str) -> bool:
        """Whether a column of its table is known to hold no NULL, by itself or by a validated check."""
        column = self.column(key)
        if column is not None and not column.nullable:
            return True
        if self.table is not None and not self.upgrade.unseen.isdisjoint({self.table.key[1], "*"}):
            return True  # a statement that was not followed may have put another table in its place
        if self.table is None or self.upgrade.history.postgres_version < 12:
            return False
        if not self.table.known and self.upgrade.validates(self):
            return True  # a check that no file of the history adds
        return any(not check.not_valid and _says_not_null(check.text, key) for check in self.table.checks)

    @property
    def many(self) -> bool:
        """Whether it writes rows of which there may be many."""
        says = self.says
        if not isinstance(says, say.Write):
            return False
        return says.from_query if says.kind == "insert" else says.kind in ("update", "delete") and not self.few

    @property
    def few(self) -> bool:
        """Whether a write concerns one row for each value that is written out."""
        if not isinstance(self.says, say.Write):
            return False
        equals = set(self.says.equals)
        if self.table is None or not self.table.known:
            return "id" in equals
        keys = [key.columns for key in (self.table.primary, *self.table.uniques) if key is not None]
        keys += [tuple(part.key for part in i.parts) for i in self.table.indexes if i.unique and not i.predicate]
        return any(key and equals.issuperset(key) for key in keys)

    @property
    def single(self) -> bool:
        """Whether its table has one row: by its key, by an index that takes no second, or as it was filled."""
        if self.table is None or not self.table.known:
            return False
        own = self.table.primary.columns if self.table.primary else ()
        key = self.column(own[0]) if len(own) == 1 else None
        if key is not None and key.type.startswith("bool"):
            return True
        constant = (
            _CONSTANT.issuperset(part.expression.lower() for part in i.parts) for i in self._unique_indexes if i.parts
        )
        return any(constant) or self.upgrade.filled_once(self.table)

    @property
    def _unique_indexes(self) -> list[IndexFact]:
        found = self.table.indexes if self.table else ()
        return [index for index in found if index.unique and not index.predicate]

    @property
    def hold(self) -> Hold:
        """The lock it takes and for how long; none on a table that is new."""
        return hold(self.says, self.upgrade.history.postgres_version) if self.existed else Hold()

    def __str__(self) -> str:
        says = self.says
        if isinstance(says, say.AddColumn):
            return f"{self.of}.{says.column.name.text}"
        if isinstance(says, say.DropColumn | say.SetType | say.SetNullable):
            return f"{self.of}.{says.column.text}"
        if isinstance(says, say.RenameColumn | say.ChangeColumn):
            return f"{self.of}.{says.old.text}"
        if isinstance(says, say.DropConstraint):
            return says.name.text or self.of
        if isinstance(says, say.CreateIndex) and says.index.name:
            return says.index.name.text
        if isinstance(says, say.ChangeFunction):
            return says.names[0].text
        return self.of


def _says_not_null(check: str, column: str) -> bool:
    """Whether a check says, alone or as one of several conditions, that a column is not NULL."""
    text = check.replace('"', "").replace("(", " ").replace(")", " ").lower()
    if " or " in text:
        return False
    return any(part.split() == [column.lower(), "is", "not", "null"] for part in text.split(" and "))
