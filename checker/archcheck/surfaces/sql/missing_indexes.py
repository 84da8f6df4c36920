"""The way to an index for a foreign key that has none: a new migration, for all such keys of a history together.

On PostgreSQL the index is built CONCURRENTLY, in a migration that asks its runner for no transaction.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from archcheck.finding import Fix
from archcheck.surfaces.sql.catalog import Key
from archcheck.surfaces.sql.drafting import Text, drafted, shared
from archcheck.surfaces.sql.drafting_python import NewIndex, migration, revision
from archcheck.surfaces.sql.naming import object_name
from archcheck.surfaces.sql.reserved import RESERVED

if TYPE_CHECKING:
    from archcheck.surfaces.sql.members import ForeignKey
    from archcheck.surfaces.sql.subjects import History


class _Wanted(NamedTuple):
    """An index that is missing: its table and columns, folded."""

    table: Key
    columns: tuple[str, ...]

    def serves(self, other: _Wanted) -> bool:
        """Whether it is as good as another one: it starts with its columns."""
        return self.table == other.table and self.columns[: len(other.columns)] == other.columns


_TITLE: Final = "index_foreign_keys"
# Where migrations are generated from models, an index that those do not name is dropped by the next one.
_DECLARED: Final = {"alembic": ", and declare it in the model", "prisma": ", and declare it with @@index in the schema"}
_LONGEST: Final = 60
_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*")


def index_added(key: ForeignKey) -> Fix | None:
    """A migration that creates the index which a foreign key lacks; None where the next migration is not certain."""
    table, history = key.table, key.table.history
    partitioned = history.dialect == "postgres" and bool(table.fact.partitioned_by)
    if history.dialect not in ("postgres", "sqlite") or partitioned:
        return None
    if table.fact.key[0] and "." not in table.fact.text:
        return None  # a template or a setting names the schema
    wanted = _missing(history)
    own = _Wanted(table.fact.key, key.fact.columns)
    serving = next((each for each in wanted if each.serves(own)), None)
    if serving is None:
        return None
    index = _index(history, serving)
    text = Text(f"{index.up}\n", f"{index.down}\n", index.alone)
    if history.layout == "alembic":
        files = revision(history, _TITLE, index)
    elif history.layout == "django":
        files = migration(history, _TITLE, index, table.migration) if table.migration else ()
    elif shared(history, alone=index.alone):
        files = drafted(history, _TITLE, text)
    else:
        files = drafted(history, _title(serving), text, wanted.index(serving))
    title = f"create the index in a new migration, {files[0].path if files else ''}{_DECLARED.get(history.layout, '')}"
    return Fix(title, (), files=files) if files else None


@lru_cache(maxsize=1)
def _missing(history: History) -> tuple[_Wanted, ...]:
    """All indexes that foreign keys of a history lack, each once, and none that another one of them serves for."""
    found = dict.fromkeys(
        _Wanted(table.fact.key, key.fact.columns)
        for table in history.tables
        if table.permanent
        for key in table.foreign_keys
        if key.unindexed
    )
    return tuple(each for each in found if not any(each != other and other.serves(each) for other in found))


def _index(history: History, wanted: _Wanted) -> NewIndex:
    schema, table = wanted.table
    name = object_name(table, "_".join(wanted.columns), "idx", history.names)
    alone = history.dialect == "postgres" and not history.cockroach
    how = "CONCURRENTLY " if alone else ""
    on = ".".join(map(_quoted, (schema, table) if schema else (table,)))
    gone = ".".join(map(_quoted, (schema, name) if schema else (name,)))
    up = f"CREATE INDEX {how}IF NOT EXISTS {_quoted(name)} ON {on} ({', '.join(map(_quoted, wanted.columns))});"
    return NewIndex(name, schema, table, wanted.columns, up, f"DROP INDEX {how}IF EXISTS {gone};", alone)


def _title(wanted: _Wanted) -> str:
    words = re.sub(r"\W+", "_", "_".join(("index", wanted.table[1], *wanted.columns))).strip("_")
    return words[:_LONGEST].lower()


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name not in RESERVED else '"' + name.replace('"', '""') + '"'
