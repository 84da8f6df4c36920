"""`archcheck tables`: what the migrations end in, as text, as data and as a diagram."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

UP = """CREATE TYPE state AS ENUM ('open', 'paid');
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email varchar(90) NOT NULL UNIQUE);
CREATE TABLE orders (
    id uuid PRIMARY KEY,
    User_Id bigint REFERENCES users (id) ON DELETE CASCADE,
    state state NOT NULL DEFAULT 'open',
    "odd name" double precision
);
CREATE INDEX orders_user ON orders (user_id) WHERE state = 'open';
"""
LITE = """CREATE TABLE Tags (Id INTEGER PRIMARY KEY, Name TEXT UNIQUE);
CREATE TABLE Links (TagId INTEGER PRIMARY KEY REFERENCES tags (id));
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for path, text in {"db/migrations/1_init.up.sql": UP, "lite/sqlite/migrations/1_tags.sql": LITE}.items():
        target = tmp_path / "project" / path
        target.parent.mkdir(parents=True)
        target.write_text(text, encoding="utf-8")
    return tmp_path / "project"


def test_text_is_for_people(archcheck, project: Path):
    done = archcheck("tables", "db", folder=project)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "db/migrations (golang-migrate, postgres): 2 tables\n"
        "\n"
        "users  db/migrations/1_init.up.sql:2\n"
        "    id     bigint                 primary key, identity\n"
        "    email  character varying(90)\n"
        "  unique index users_email_key (email)\n"
        "\n"
        "orders  db/migrations/1_init.up.sql:3\n"
        "    id        uuid              primary key\n"
        "    user_id   bigint            null\n"
        "    state     state             default 'open'\n"
        "    odd name  double precision  null\n"
        "  foreign key (user_id) to users (id) on delete cascade\n"
        "  index orders_user (user_id) of some rows\n"
    )


def test_data_is_for_programs(archcheck, project: Path, tmp_path: Path):
    done = archcheck("tables", "--output", f"json:{tmp_path / 'tables.json'}", folder=project)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    rows = json.loads((tmp_path / "tables.json").read_text("utf-8"))
    assert [(row["history"], row["dialect"], row["table"]) for row in rows] == [
        ("db/migrations", "postgres", "users"),
        ("db/migrations", "postgres", "orders"),
        ("lite/sqlite/migrations", "sqlite", "tags"),
        ("lite/sqlite/migrations", "sqlite", "links"),
    ]
    orders = rows[1]
    assert (orders["primary_key"], orders["file"], orders["line"]) == (["id"], "db/migrations/1_init.up.sql", 3)
    assert orders["columns"][2] == {
        "name": "state",
        "type": "state",
        "nullable": False,
        "default": "'open'",
        "generated": "",
        "labels": ["open", "paid"],
    }
    (key,) = orders["foreign_keys"]
    assert (key["columns"], key["table"], key["referenced"], key["on_delete"]) == (
        ["user_id"],
        "users",
        ["id"],
        "cascade",
    )
    assert orders["indexes"] == [{"name": "orders_user", "columns": ["user_id"], "unique": False, "partial": True}]
    assert [column["name"] for column in rows[2]["columns"]] == ["Id", "Name"]
    assert (rows[2]["primary_key"], rows[3]["foreign_keys"][0]["referenced"]) == (["Id"], ["Id"])


def test_a_diagram_shows_one_history(archcheck, project: Path):
    done = archcheck("tables", "db", "--output", "mermaid", folder=project)
    assert done.returncode == 0
    assert done.stdout == (
        "erDiagram\n"
        '    "users" {\n'
        "        bigint id PK\n"
        "        character_varying(90) email\n"
        "    }\n"
        '    "orders" {\n'
        "        uuid id PK\n"
        "        bigint user_id FK\n"
        "        state state\n"
        "        double_precision odd_name\n"
        "    }\n"
        '    "users" |o--o{ "orders" : "user_id"\n'
    )
    several = archcheck("tables", "--output", "mermaid", folder=project)
    assert several.returncode == 2
    assert "db/migrations, lite/sqlite/migrations" in several.stderr
    alone = archcheck("tables", "lite", "--output", "mermaid", folder=project).stdout
    assert '"tags" ||--o| "links" : "TagId"' in alone.replace("|o--o|", "||--o|")


def test_a_second_run_remembers(archcheck, project: Path):
    first = archcheck("tables", folder=project)
    assert archcheck("tables", folder=project).stdout == first.stdout


def test_what_is_not_read_is_said(archcheck, project: Path):
    (project / "db/migrations/2_torn.up.sql").write_text("CREATE TABLE torn (a text DEFAULT 'x);", encoding="utf-8")
    done = archcheck("tables", "db", folder=project)
    assert done.returncode == 3
    assert "db/migrations/2_torn.up.sql:1: not read" in done.stderr
    assert "2 tables" in done.stdout


def test_nothing_to_show_and_misuse(archcheck, project: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    assert archcheck("tables", folder=tmp_path / "empty").returncode == 2
    done = archcheck("tables", "--output", "jsom", folder=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert "'jsom' is not one of table, json, mermaid" in done.stderr
    assert archcheck("tables", "absent", folder=project).returncode == 3


def test_hostile_names_do_not_reach_the_terminal(archcheck, tmp_path: Path):
    folder = tmp_path / "hostile" / "migrations"
    folder.mkdir(parents=True)
    (folder / "1_a.sql").write_text('CREATE TABLE "a\x1b[31m" ("b\u202e" int PRIMARY KEY);', encoding="utf-8")
    for form in ("table", "mermaid"):
        done = archcheck("tables", "--output", form, folder=folder.parent)
        assert done.returncode == 0
        assert "\x1b" not in done.stdout
        assert "\u202e" not in done.stdout
