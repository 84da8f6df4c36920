"""The surface keeps its contract: places, coverage, gaps, memory, interface, and no parser for rules."""

from __future__ import annotations

import subprocess
import sys

import msgspec
from sql_histories import Memory, models, units

from archcheck.source import Location, Source
from archcheck.surface import Settings, Tree
from archcheck.surfaces.sql import Column, ForeignKey, History, Index, Migration, Statement, Table
from archcheck.surfaces.sql.interface import decode
from archcheck.surfaces.sql.marks import mark
from archcheck.surfaces.sql.surface import Sql

SHOP = {
    "migrations/1_init.up.sql": "CREATE TYPE mood AS ENUM ('sad', 'glad');\n"
    "CREATE TABLE users (id bigserial PRIMARY KEY, mail varchar(80) NOT NULL UNIQUE, mood mood DEFAULT 'sad');\n",
    "migrations/1_init.down.sql": "DROP TABLE users;\n",
    "migrations/2_orders.up.sql": "CREATE TABLE orders (\n  id int4 PRIMARY KEY,\n"
    "  user_id bigint REFERENCES users\n);\n"
    "CREATE INDEX by_user ON orders (user_id);\n",
}


def test_subjects_come_by_type_and_in_order():
    (model,) = models(SHOP).values()
    (piece,) = model.pieces()
    wanted = (History, Migration, Statement, Table, Column, ForeignKey, Index)
    counts = {kind.__name__: len(list(piece.subjects(frozenset({kind})))) for kind in wanted}
    assert counts == {
        "History": 1,
        "Migration": 2,
        "Statement": 4,
        "Table": 2,
        "Column": 5,
        "ForeignKey": 1,
        "Index": 1,
    }
    (key,) = piece.subjects(frozenset({ForeignKey}))
    assert isinstance(key, ForeignKey)
    assert (str(key), key.references, key.indexed) == ("orders.user_id", "users", True)
    assert key.at == Location("migrations/2_orders.up.sql", 3, 3, 34)
    assert str(key.referenced_table) == "users"


def test_the_unit_holds_its_files_in_order():
    (unit,) = units(SHOP)
    assert unit.files == ("migrations/1_init.up.sql", "migrations/1_init.down.sql", "migrations/2_orders.up.sql")


def test_the_interface_is_the_final_catalog():
    (model,) = models(SHOP).values()
    view = decode(model.interface())
    assert (view.dialect, view.layout, [table.name for table in view.tables]) == (
        "postgres",
        "golang-migrate",
        ["users", "orders"],
    )
    users, orders = view.tables
    assert [(column.name, column.type, column.nullable) for column in users.columns] == [
        ("id", "bigint", False),
        ("mail", "character varying(80)", False),
        ("mood", "mood", True),
    ]
    assert (users.columns[1].length, users.columns[2].labels) == (80, ("sad", "glad"))
    assert orders.columns[0].type == "integer"
    assert (orders.primary_key, orders.foreign_keys[0].table, orders.indexes[0].columns) == (
        ("id",),
        "users",
        ("user_id",),
    )


def test_coverage_counts_what_was_and_was_not_understood():
    files = {
        "migrations/1_a.sql": "CREATE TABLE a (x int REFERENCES b); CREATE TABLE b (x int PRIMARY KEY);"
        "INSERT INTO a VALUES (1); REWRITE TABLE a; ALTER TABLE b FROBNICATE; CREATE TABLE {{ c }} (x int);"
    }
    (model,) = models(files).values()
    coverage = model.coverage
    assert coverage.counts == {"histories": 1, "migrations": 1, "statements": 6}
    assert coverage.opaque == {"REWRITE TABLE A": 1, "ALTER TABLE": 1, "CREATE TABLE": 1}
    assert coverage.undecided == {"primary key": 1, "columns": 2, "index of a foreign key": 1}
    assert coverage.gaps == []


def test_a_file_without_end_is_a_gap_and_the_rest_stands():
    files = {
        "migrations/1_a.sql": "CREATE TABLE a (x int);\nCREATE TABLE b (x text DEFAULT 'oops);\n",
        "migrations/2_b.sql": "CREATE TABLE c (x int);\n",
        "migrations/3_c.sql": b"CREATE TABLE d (x text DEFAULT '\xff\xfe');\n",
    }
    memory = Memory(files)
    (unit,) = units({**files, "migrations/3_c.sql": "CREATE TABLE d (x int);"})
    model = Sql().read(unit, memory, None, Settings())
    assert [table.name for table in model.history.tables] == ["a", "c"]  # type: ignore[attr-defined]
    assert [(gap.path, gap.line, gap.kind) for gap in model.coverage.gaps] == [
        ("migrations/1_a.sql", 2, "unparsable"),
        ("migrations/3_c.sql", 1, "unreadable"),
    ]


def test_an_absent_file_is_a_gap():
    (unit,) = units(SHOP)
    files = Memory({path: text for path, text in SHOP.items() if "1_init.up" not in path})
    model = Sql().read(unit, files, None, Settings())
    assert [(gap.path, gap.kind) for gap in model.coverage.gaps] == [("migrations/1_init.up.sql", "missing")]


def test_statements_are_remembered_by_file():
    memory = Memory(SHOP)
    first = models(memory)["migrations"]
    assert len(memory.kept) == 3
    before = dict(memory.kept)
    again = models(memory)["migrations"]
    assert memory.kept == before
    assert again.interface() == first.interface()


def test_a_spoilt_memory_is_a_miss():
    memory = Memory(SHOP)
    expected = models(memory)["migrations"].interface()
    for key, data in list(memory.kept.items()):
        memory.kept[key] = msgspec.msgpack.encode(["nonsense"]) if data else b""
    assert models(memory)["migrations"].interface() == expected


def test_settings_choose_where_nothing_is_stated():
    files = {"migrations/1_a.sql": "CREATE TABLE a (x serial);"}
    (model,) = models(files, Settings(dialect="sqlite")).values()
    assert model.history.dialect == "sqlite"
    (model,) = models(
        {"mysql/1_a.sql": "CREATE TABLE a (x int);", "mysql/2_b.sql": "SELECT 1;"}, Settings("sqlite")
    ).values()
    assert model.history.dialect == "mysql"


def test_what_is_owed():
    surface = Sql()
    marks = {
        name: surface.sniff(Memory({"a.sql": text}).open("a.sql"))
        for name, text in {
            "schema": "CREATE TABLE a (x int);",
            "seed": "INSERT INTO a VALUES (1);",
            "dump": "-- PostgreSQL database dump\nCREATE TABLE a (x int);",
        }.items()
    }
    assert {name: surface.owed("a.sql", mark) for name, mark in marks.items()} == {
        "schema": True,
        "seed": False,
        "dump": False,
    }


def test_rules_need_no_parser():
    program = "import sys, archcheck.surfaces.sql; print(sorted({'sqlglot', 'yaml', 'libcst'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_lies_among_tests_is_counted_and_not_read():
    paths = ("app/migrations/0001.sql", "tests/migrations/0001.sql", "tests/app/migrations/0001_initial.py")
    others = ("tests/app/migrations/test_order.py", "tests/app/migrations/__init__.py", "tests/seed.sql")
    marks = {path: str(mark(Source(path, b"CREATE TABLE a (id int);"))) for path in paths if path.endswith(".sql")}
    (note,) = Sql().notes(Tree(tuple(sorted((*paths, *others))), marks))
    assert note == "2 files in folders of tests look like migrations and were not read"
    assert not list(Sql().notes(Tree(paths[:1], marks)))
