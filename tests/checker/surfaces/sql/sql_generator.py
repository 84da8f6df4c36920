"""Random histories of definitions: mostly valid, and the server that they are given to says which of them are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

TYPES = ("integer", "bigint", "text", "varchar(20)", "numeric(8, 2)", "timestamp", "boolean")
DEFAULTS = {"integer": "0", "bigint": "7", "text": "'a;b'", "varchar(20)": "'x'", "boolean": "true"}
ACTIONS = ("", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON DELETE RESTRICT ON UPDATE CASCADE")
TABLES = ("users", "orders", "order_lines", '"Weird Name"', "a_table_whose_name_is_so_long_that_others_are_cut")
COLUMNS = ("id", "name", "user_id", '"Mixed"', "created_at", "a_column_whose_name_is_rather_long", "x", "y")


@dataclass
class Draft:
    """What the generator believes there is: it only has to be right often enough."""

    draw: st.DrawFn
    tables: dict[str, list[str]] = field(default_factory=dict)
    indexes: list[str] = field(default_factory=list)
    constraints: list[tuple[str, str]] = field(default_factory=list)
    made: int = 0

    def one(self, things: Sequence[str]) -> str:
        return self.draw(st.sampled_from(things))

    def chance(self) -> bool:
        return self.draw(st.booleans())

    def table(self) -> str:
        return self.one(list(self.tables) or ["users"])

    def column(self, table: str) -> str:
        return self.one(self.tables.get(table) or ["id"])

    def columns(self, table: str) -> str:
        chosen = {self.column(table): None, self.column(table): None}
        return ", ".join(chosen)

    def new(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}_{self.made}"


def create_table(draft: Draft) -> str:
    name = draft.one(TABLES)
    names = draft.draw(st.lists(st.sampled_from(COLUMNS[1:]), min_size=1, max_size=4, unique=True))
    items = [definition(draft, column) for column in names]
    draft.tables[name] = ["id", *names]
    items.insert(0, draft.one(("id integer PRIMARY KEY", "id bigint PRIMARY KEY", "id integer NOT NULL")))
    items += [constraint(draft, name)] if draft.chance() else []
    return f"CREATE TABLE {draft.one(('', 'IF NOT EXISTS '))}{name} ({', '.join(items)})"


def definition(draft: Draft, column: str) -> str:
    kind = draft.one(TYPES)
    parts = [column, kind]
    parts += ["NOT NULL"] if draft.chance() else []
    parts += [f"DEFAULT {DEFAULTS[kind]}"] if kind in DEFAULTS and draft.chance() else []
    extra = draft.one(("", "", "UNIQUE", f"CHECK ({column} IS NOT NULL)", f"REFERENCES {draft.table()} (id)"))
    parts += [extra + (draft.one(ACTIONS) if extra.startswith("REF") else "")] if extra else []
    return " ".join(parts)


def constraint(draft: Draft, table: str) -> str:
    name = ""
    if draft.chance():
        name = draft.new("rule")
        draft.constraints.append((table, name))
        name = f"CONSTRAINT {name} "
    column = draft.column(table)
    kinds = (
        f"UNIQUE ({draft.columns(table)})",
        f"CHECK ({column} IS NOT NULL OR {draft.column(table)} IS NULL)",
        f"FOREIGN KEY ({column}) REFERENCES {draft.table()} (id){draft.one(ACTIONS)}",
    )
    return name + draft.one(kinds)


def create_index(draft: Draft) -> str:
    table = draft.table()
    name = draft.new("idx")
    draft.indexes.append(name)
    keys = draft.one((draft.columns(table), f"{draft.column(table)} DESC", f"lower({draft.column(table)})"))
    where = f" WHERE {draft.column(table)} IS NOT NULL" if draft.chance() else ""
    return f"CREATE {draft.one(('', 'UNIQUE '))}INDEX {name} ON {table} ({keys}){where}"


def drop_index(draft: Draft) -> str:
    return f"DROP INDEX {draft.one(draft.indexes or ['idx_1'])}"


def drop_table(draft: Draft) -> str:
    table = draft.table()
    draft.tables.pop(table, None)
    return f"DROP TABLE {table}"


def rename_table(draft: Draft) -> str:
    old, new = draft.table(), draft.one(TABLES)
    if old in draft.tables and new not in draft.tables:
        draft.tables[new] = draft.tables.pop(old)
    return f"ALTER TABLE {old} RENAME TO {new}"


def rename_column(draft: Draft) -> str:
    table = draft.table()
    old, new = draft.column(table), draft.one(COLUMNS)
    columns = draft.tables.get(table, [])
    if old in columns and new not in columns:
        columns[columns.index(old)] = new
    return f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}"


def add_column(draft: Draft) -> str:
    table, column = draft.table(), draft.one(COLUMNS)
    if column not in draft.tables.setdefault(table, []):
        draft.tables[table].append(column)
    return f"ALTER TABLE {table} ADD COLUMN {definition(draft, column)}"


def drop_column(draft: Draft) -> str:
    table = draft.table()
    column = draft.column(table)
    if column in draft.tables.get(table, []):
        draft.tables[table].remove(column)
    return f"ALTER TABLE {table} DROP COLUMN {column}"


def alter_column(draft: Draft) -> str:
    table = draft.table()
    column = draft.column(table)
    actions = ("SET NOT NULL", "DROP NOT NULL", "TYPE text", "SET DATA TYPE varchar(50)", "DROP DEFAULT")
    more = f", ALTER {draft.column(table)} {draft.one(actions)}" if draft.chance() else ""
    return f"ALTER TABLE {table} ALTER COLUMN {column} {draft.one(actions)}{more}"


def add_constraint(draft: Draft) -> str:
    table = draft.table()
    return f"ALTER TABLE {table} ADD {constraint(draft, table)}"


def drop_constraint(draft: Draft) -> str:
    table, name = draft.draw(st.sampled_from(draft.constraints or [("users", "users_pkey")]))
    return f"ALTER TABLE {table} DROP CONSTRAINT {name}{draft.one(('', ' CASCADE'))}"


def rename_constraint(draft: Draft) -> str:
    table, name = draft.draw(st.sampled_from(draft.constraints or [("users", "users_pkey")]))
    new = draft.new("rule")
    draft.constraints.append((table, new))
    return f"ALTER TABLE {table} RENAME CONSTRAINT {name} TO {new}"


def rename_index(draft: Draft) -> str:
    new = draft.new("idx")
    old = draft.one(draft.indexes or ["users_pkey"])
    draft.indexes.append(new)
    return f"ALTER INDEX {old} RENAME TO {new}"


def drop_cascade(draft: Draft) -> str:
    table = draft.table()
    draft.tables.pop(table, None)
    return f"DROP TABLE IF EXISTS {table} CASCADE"


def drop_column_cascade(draft: Draft) -> str:
    return drop_column(draft) + " CASCADE"


COMMON: tuple[Callable[[Draft], str], ...] = (
    *(create_table, create_table, create_index, create_index, add_column, add_column),
    *(rename_column, rename_table, drop_column, drop_index, drop_table),
)
POSTGRES = (
    *COMMON,
    *(alter_column, alter_column, add_constraint, add_constraint, drop_constraint, rename_constraint),
    *(rename_index, drop_cascade, drop_column_cascade),
)


@st.composite
def statements(draw: st.DrawFn, steps: Sequence[Callable[[Draft], str]]) -> list[str]:
    """Up to twenty statements of these kinds, the first of which is always accepted."""
    draft = Draft(draw)
    first = ["CREATE TABLE start (id integer)", create_table(draft), create_table(draft)]
    return first + [step(draft) for step in draw(st.lists(st.sampled_from(steps), min_size=4, max_size=18))]
