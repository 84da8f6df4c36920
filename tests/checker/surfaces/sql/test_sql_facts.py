"""Facts that design rules stand on: families of types, ways down that do nothing, and what up and down leave behind."""

from __future__ import annotations

import pytest
from sql_histories import history, models

from archcheck.surfaces.sql.families import Kind, kind_of
from archcheck.surfaces.sql.undoing import explained


@pytest.mark.parametrize(
    ("text", "dialect", "kind"),
    [
        ("serial8", "postgres", Kind("integer", 8)),
        ("int(11) unsigned", "mysql", Kind("integer", 4)),
        ("tinyint(1)", "mysql", Kind("integer", 1)),
        ("varchar (32)", "postgres", Kind("text", 32)),
        ("character varying(9)", "postgres", Kind("text", 9)),
        ("char", "postgres", Kind("text")),
        ("varchar(255) character set utf8mb4", "mysql", Kind("text", 255)),
        ("timestamp(3) with time zone", "postgres", Kind("timestamp")),
        ("float(24)", "postgres", Kind("float", 4)),
        ("double(10, 2)", "mysql", Kind("float", 8)),
        ("uuid[]", "postgres", Kind("array")),
        ("citext", "postgres", Kind()),
        ("", "postgres", Kind()),
        ("BIG INT", "sqlite", Kind("integer", 8)),
        ("nvarchar(9)", "sqlite", Kind("text")),
        ("decimal(9,2)", "sqlite", Kind()),
    ],
)
def test_a_type_has_one_family_under_all_its_names(text: str, dialect: str, kind: Kind):
    assert kind_of(text, dialect) == kind


def test_own_types_are_looked_up():
    types = history(
        """CREATE TYPE mood AS ENUM ('good');
        CREATE DOMAIN small AS varchar(7); CREATE DOMAIN smaller AS small; CREATE DOMAIN loop AS loop;"""
    ).final.types.values()
    assert kind_of("mood", "postgres", types) == Kind("enum mood")
    assert kind_of("smaller", "postgres", types) == Kind("text", 7)
    assert kind_of("loop", "postgres", types) == Kind()


@pytest.mark.parametrize(
    ("text", "idle", "told"),
    [
        ("-- Irreversible.", True, True),
        ("-- we keep the data", True, True),
        ("-- DROP TABLE a;", True, False),
        ("-- This file should undo anything in `up.sql`", True, False),
        ("-- Add down migration script here", True, False),
        ("", True, False),
        ("DROP TABLE a; -- the rest stays", False, False),
        ("DROP TABLE a; -- labels cannot be removed", False, True),
        ("DO $$ BEGIN RAISE EXCEPTION 'no'; END $$", False, True),
    ],
)
def test_whether_a_way_down_tells_why(text: str, idle: bool, told: bool):
    assert explained(text, idle) is told


def test_residues_are_named_thing_by_thing():
    files = {
        "migrations/1_a.up.sql": """CREATE TABLE a (id int PRIMARY KEY, b text NOT NULL DEFAULT 'x', c int UNIQUE);
            CREATE INDEX a_b ON a (b);""",
        "migrations/1_a.down.sql": "DROP TABLE a;",
        "migrations/2_b.up.sql": """ALTER TABLE a DROP COLUMN b; ALTER TABLE a RENAME COLUMN c TO d;
            ALTER TABLE a ADD CHECK (d > 0);
            CREATE TYPE mood AS ENUM ('good'); ALTER TABLE a DROP CONSTRAINT a_pkey;""",
        "migrations/2_b.down.sql": "ALTER TABLE a RENAME COLUMN d TO c; ALTER TABLE a ADD COLUMN b varchar(3);",
    }
    (model,) = models(files).values()
    first, second = model.history.migrations
    assert model.history.residues((first,)) == []
    found = {(residue.fate, residue.kind, residue.what) for residue in model.history.residues((second,))}
    assert found == {
        ("changed", "column", "the type of a.b (varchar(3) for text)"),
        ("lost", "detail", "the NOT NULL of a.b"),
        ("lost", "detail", "the default of a.b"),
        ("lost", "key", "the key a_pkey of a"),
        ("left", "check", "the check a_d_check of a"),
        ("lost", "index", "the index a_b of a"),
        ("left", "enum", "the type mood"),
    }


def test_nothing_is_said_where_a_statement_was_not_understood():
    files = {
        "migrations/1_a.up.sql": "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);",
        "migrations/1_a.down.sql": "DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'a'; END $$; SELECT 1;",
    }
    (model,) = models(files).values()
    (step,) = model.history.migrations
    assert all("table a" not in residue.what for residue in model.history.residues((step,)))
