"""Histories are found by evidence, told apart, and put in the order of their runner."""

from __future__ import annotations

import pytest
from sql_histories import models, units

from archcheck.surfaces.sql.layouts import sections, steps

TABLE = "CREATE TABLE a (x int);"


def layout(files: dict[str, str]) -> dict[str, str]:
    return {name: model.history.layout for name, model in models(files).items()}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["migrations/1_a.sql"], {"migrations": "plain"}),
        (["0001_a.sql", "0002_b.sql"], {".": "plain"}),
        (["supabase/migrations/20260101000000_a.sql"], {"supabase/migrations": "supabase"}),
        (["db/000001_a.up.sql", "db/000001_a.down.sql"], {"db": "golang-migrate"}),
        (["m/2026-01-01-000000_a/up.sql", "m/2026-01-01-000000_a/down.sql"], {"m": "diesel"}),
        (["prisma/migrations/20260101_a/migration.sql"], {"prisma/migrations": "prisma"}),
        (["src/db/migration/V1__a.sql", "src/db/migration/R__v.sql"], {"src/db/migration": "flyway"}),
        (["m/postgres/1_a.sql", "m/sqlite3/1_a.sql"], {"m/postgres": "plain", "m/sqlite3": "plain"}),
    ],
)
def test_layouts(files: list[str], expected: dict[str, str]):
    assert layout(dict.fromkeys(files, TABLE)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-- +goose Up\nCREATE TABLE a (x int);\n-- +goose Down\nDROP TABLE a;\n", "goose"),
        ("-- migrate:up\nCREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n", "dbmate"),
        ("-- +migrate Up\nCREATE TABLE a (x int);\n-- +migrate Down\nDROP TABLE a;\n", "sql-migrate"),
        ("-- Up Migration\nCREATE TABLE a (x int);\n-- Down Migration\nDROP TABLE a;\n", "node-pg-migrate"),
    ],
)
def test_both_directions_in_one_file(text: str, expected: str):
    (model,) = models({"db/20260101_a.sql": text}).values()
    (migration,) = model.history.migrations
    assert model.history.layout == expected
    assert list(model.history.final.tables) == [("", "a")]
    assert (len(migration.up), len(migration.down)) == (1, 1)


@pytest.mark.parametrize(
    "files",
    [
        ["schema.sql", "queries/users.sql", "seeds/01_users.sql"],
        ["db/schema.sql", "db/structure.sql"],
        ["testdata/01_a.sql", "testdata/02_b.sql"],
        ["lib/stub/migrations/1_a.up.sql", "lib/tests/migrations/1_a.sql"],
        ["report.sql", "1_once.sql"],
    ],
)
def test_what_is_no_history(files: list[str]):
    assert units(dict.fromkeys(files, TABLE)) == []


def test_numbered_queries_are_no_history():
    assert units({"sql/01_top.sql": "SELECT 1;", "sql/02_low.sql": "SELECT 2;"}) == []


def test_files_beside_a_history_do_not_belong_to_it():
    (unit,) = units({"migrations/1_a.sql": TABLE, "migrations/schema.sql": TABLE, "migrations/seed.sql": "SELECT 1;"})
    assert unit.files == ("migrations/1_a.sql",)


def test_units_are_sorted_and_name_their_folder():
    found = units({"b/migrations/1_a.sql": TABLE, "a/migrations/1_a.sql": TABLE, "c.py": "x"})
    assert [unit.name for unit in found] == ["a/migrations", "b/migrations"]


def test_dialects_by_file_name_are_histories_of_their_own():
    files = {
        "m/1_a.up.sql": TABLE,
        "m/2_b.mysql.up.sql": "CREATE TABLE b (x int);",
        "m/2_b.postgres.up.sql": "CREATE TABLE b (x jsonb);",
        "m/2_b.postgres.down.sql": "DROP TABLE b;",
        "m/3_c.up.sql": "CREATE TABLE c (x int);",
        "m/3_c.mysql.up.sql": "CREATE TABLE c (x mediumtext);",
    }
    found = models(files)
    assert {name: model.history.dialect for name, model in found.items()} == {
        "m[mysql]": "mysql",
        "m[postgres]": "postgres",
    }
    mysql, postgres = found["m[mysql]"].history, found["m[postgres]"].history
    assert [step.up for step in steps("golang-migrate", files, "mysql")] == [
        "m/1_a.up.sql",
        "m/2_b.mysql.up.sql",
        "m/3_c.mysql.up.sql",
    ]
    assert mysql.final.tables["", "c"].columns[0].type == "mediumtext"
    assert postgres.final.tables["", "c"].columns[0].type == "int"
    assert postgres.migrations[1].down_path == "m/2_b.postgres.down.sql"


def test_servers_have_one_name_each():
    names = ["1_a.sqlite3.up.sql", "2_b.sqlite.up.sql", "3_c.cockroachdb.up.sql", "4_d.crdb.autocommit.up.sql"]
    found = models({f"m/{name}": f"CREATE TABLE t{name[0]} (x int);" for name in names})
    assert {name: len(model.history.tables) for name, model in found.items()} == {"m[cockroach]": 2, "m[sqlite]": 2}


@pytest.mark.parametrize(
    ("name", "files", "expected"),
    [
        ("plain", ["m/10_c.sql", "m/9_b.sql", "m/1_a.sql"], ["m/1_a.sql", "m/9_b.sql", "m/10_c.sql"]),
        ("plain", ["m/1_a.sql", "m/1_a_down.sql", "m/2_b.rollback.sql", "m/2_b.sql"], ["m/1_a.sql", "m/2_b.sql"]),
        ("golang-migrate", ["m/10_b.up.sql", "m/9_a.up.sql", "m/9_a.down.sql"], ["m/9_a.up.sql", "m/10_b.up.sql"]),
        (
            "diesel",
            ["m/2026-01-02-000000_b/up.sql", "m/00000000000000_first/up.sql", "m/2026-01-01-000000-0000_a/up.sql"],
            ["m/00000000000000_first/up.sql", "m/2026-01-01-000000-0000_a/up.sql", "m/2026-01-02-000000_b/up.sql"],
        ),
        ("prisma", ["m/2_b/migration.sql", "m/10_a/migration.sql"], ["m/10_a/migration.sql", "m/2_b/migration.sql"]),
        (
            "flyway",
            ["m/R__view.sql", "m/V10__d.sql", "m/V1_2__b.sql", "m/V1.10__c.sql", "m/V1__a.sql", "m/U1__a.sql"],
            ["m/V1__a.sql", "m/V1_2__b.sql", "m/V1.10__c.sql", "m/V10__d.sql", "m/R__view.sql"],
        ),
        ("flyway", ["m/V1__a.sql", "m/V2__b.sql", "m/B2__base.sql", "m/V3__c.sql"], ["m/B2__base.sql", "m/V3__c.sql"]),
    ],
)
def test_order_is_that_of_the_runner(name: str, files: list[str], expected: list[str]):
    assert [step.up for step in steps(name, files)] == expected


def test_flyway_looks_below_its_location():
    files = {"db/migration/V1__a.sql": TABLE, "db/migration/later/V2__b.sql": "CREATE TABLE b (x int);"}
    (model,) = models(files).values()
    assert model.history.folder == "db/migration"
    assert len(model.history.tables) == 2


def test_prisma_states_its_dialect():
    lock = 'provider = "mysql"\n'
    files = {"prisma/migrations/migration_lock.toml": lock, "prisma/migrations/init/migration.sql": TABLE}
    (model,) = models(files).values()
    assert (model.history.layout, model.history.dialect) == ("prisma", "mysql")


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("CREATE TABLE a (x int);", "postgres"),
        ("CREATE TABLE a (x serial, y jsonb);", "postgres"),
        ("CREATE TABLE `a` (x int auto_increment) ENGINE=InnoDB DEFAULT CHARSET=utf8;", "mysql"),
        ("CREATE TABLE `a` (`x` int);", "mysql"),
        ("CREATE TABLE a (x INTEGER PRIMARY KEY AUTOINCREMENT); PRAGMA foreign_keys=on;", "sqlite"),
        ("CREATE TABLE a (`x` Nullable(String)) ENGINE = ReplacingMergeTree ORDER BY x;", "clickhouse"),
        ("CREATE TABLE [dbo].[a] (x NVARCHAR(10));", "tsql"),
        ("CREATE TABLE a (x VARCHAR2(10));", "other"),
    ],
)
def test_dialect_by_content(text: str, dialect: str):
    (model,) = models({"migrations/1_a.sql": text}).values()
    assert model.history.dialect == dialect


def test_sections_of_a_file_without_down():
    text = "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose StatementEnd\n"
    assert sections("goose", text) == [("up", 12, len(text))]
