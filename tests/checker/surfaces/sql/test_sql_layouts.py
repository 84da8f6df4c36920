"""One shop, migrated by every runner: each history ends in the same tables, goes back, and says how it is run."""

from __future__ import annotations

from pathlib import Path

import pytest
from sql_histories import Memory, models

from archcheck.source import Source
from archcheck.surfaces.sql import History
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.liquibase import read_changelog
from archcheck.surfaces.sql.runners import drizzle_journal, sqitch_plan

HISTORIES = Path(__file__).resolve().parents[4] / "fixtures" / "histories"
LAYOUTS = sorted(path.name for path in HISTORIES.iterdir() if path.is_dir())

# How the first and the last migration of each history run: the last one builds an index CONCURRENTLY where it can.
MODES = {
    "alembic": ("wrapped", "wrapped"),
    "atlas": ("wrapped", "alone"),
    "dbmate": ("wrapped", "alone"),
    "diesel": ("wrapped", "alone"),
    "django": ("wrapped", "alone"),
    "drizzle": ("wrapped", "wrapped"),
    "flyway": ("wrapped", "alone"),
    "golang-migrate": ("together", "together"),
    "goose": ("wrapped", "alone"),
    "liquibase": ("wrapped", "alone"),
    "node-pg-migrate": ("wrapped", "wrapped"),
    "plain": ("unknown", "unknown"),
    "pop": ("wrapped", "alone"),
    "prisma": ("together", "together"),
    "sql-migrate": ("wrapped", "alone"),
    "sqitch": ("alone", "alone"),
    "sqlx": ("wrapped", "alone"),
    "supabase": ("wrapped", "wrapped"),
}
BACK = set(LAYOUTS) - {"atlas", "drizzle", "flyway", "plain", "prisma", "supabase"}


def history(layout: str) -> History:
    folder = HISTORIES / layout
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    ((_, model),) = models(files).items()
    assert not model.coverage.gaps
    assert not model.coverage.opaque
    return model.history


def test_every_layout_has_a_history():
    assert set(LAYOUTS) == set(MODES)
    assert all((HISTORIES / layout / "README.md").is_file() for layout in LAYOUTS)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_shop_is_the_same_under_every_runner(layout: str):
    found = history(layout)
    assert (found.layout, found.dialect, len(found.migrations)) == (layout, "postgres", 3)
    tables = {table.name: table for table in found.tables}
    assert {name: {(c.name, c.nullable) for c in table.columns} for name, table in tables.items()} == {
        "customers": {("id", False), ("email", False), ("created_at", False)},
        "orders": {("id", False), ("customer_id", False), ("total", False)},
    }
    assert [table.fact.primary.columns for table in tables.values() if table.fact.primary] == [("id",), ("id",)]
    assert [unique.columns for unique in tables["customers"].fact.uniques] == [("email",)]
    (key,) = tables["orders"].foreign_keys
    assert (key.fact.columns, key.fact.table, key.fact.referenced) == (("customer_id",), ("", "customers"), ("id",))
    assert key.indexed
    assert key.managed_by_orm == (layout == "django")
    assert key.fact.on_delete == ("" if layout == "django" else "cascade")
    assert any(index.fact.name == "orders_total_idx" for index in tables["orders"].indexes)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_history_says_how_it_is_run(layout: str):
    found = history(layout)
    assert (found.migrations[0].transaction, found.migrations[-1].transaction) == MODES[layout]


@pytest.mark.parametrize("layout", sorted(BACK - {"django"}))
def test_what_goes_up_comes_down(layout: str):
    found = history(layout)
    assert all(step.undo is not None and not step.undo.idle for step in found.migrations)
    assert found.residues(found.migrations) == []


@pytest.mark.parametrize("layout", sorted(set(LAYOUTS) - BACK))
def test_some_runners_only_go_up(layout: str):
    assert all(step.undo is None for step in history(layout).migrations)


def test_a_file_that_leaves_the_transaction_in_part_may_run_either_way():
    text = (
        "--liquibase formatted sql\n--changeset a:1\nCREATE TABLE t (id int);\n"
        "--changeset a:2 runInTransaction:false\nCREATE INDEX CONCURRENTLY i ON t (id);\n"
    )
    ((_, model),) = models({"changelog/1.sql": text}).items()
    assert model.history.migrations[0].transaction == "unknown"


def test_changesets_of_other_servers_do_not_run_and_rollbacks_run_backwards():
    text = (
        "--liquibase formatted sql\n"
        "--changeset a:1 dbms:mysql\nCREATE TABLE no (id int);\n"
        "--changeset a:2 dbms:postgresql,h2\nCREATE TABLE one (id int);\n--rollback DROP TABLE one;\n"
        "--changeset a:3 dbms:!mysql\nCREATE TABLE two (id int);\n--rollback DROP TABLE\n--rollback two;\n"
        "--changeset a:4\nUPDATE one SET id = 1;\n--rollback not required\n"
    )
    script = read_changelog(Source("a.sql", text.encode()), "postgres")
    assert [s.name.key for s in script.up if isinstance(s, say.CreateTable)] == ["one", "two"]
    drops = [s for s in script.down if isinstance(s, say.Drop)]
    assert [(s.names[0].key, s.at.line) for s in drops] == [("two", 9), ("one", 6)]
    assert (script.down_line, script.explained) == (6, True)


def test_a_journal_decides_what_runs_and_when():
    journal = '{"entries": [{"idx": 1, "tag": "0000_b"}, {"idx": 0, "tag": "0001_a"}]}'
    files = Memory({"drizzle/meta/_journal.json": journal})
    assert drizzle_journal("drizzle", files) == ["0001_a.sql", "0000_b.sql"]
    assert drizzle_journal("drizzle", Memory({"drizzle/meta/_journal.json": "{"})) == []


def test_a_reworked_change_has_its_former_script_under_the_tag():
    plan = "%project=x\n\na 2026-01-01T00:00:00Z A <a@b> # a\nb [a] 2026\n@v1 2026\na [a@v1 b] 2026\n"
    assert sqitch_plan("", Memory({"sqitch.plan": plan})) == ["a@v1.sql", "b.sql", "a.sql"]
