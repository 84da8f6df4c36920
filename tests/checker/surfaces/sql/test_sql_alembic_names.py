"""Naming conventions and several places of revisions: one history, with the names that Alembic gives in earnest."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sql_histories import Memory, models
from sqlalchemy import Column, Integer, MetaData, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from test_sql_alembic import revision

from archcheck.surface import Settings
from archcheck.surfaces.sql import History
from archcheck.surfaces.sql.catalog import Catalog
from archcheck.surfaces.sql.conventions import conventional

FIXTURE = Path(__file__).resolve().parents[4] / "fixtures" / "applied" / "alembic-branches"
TABLE = """
op.create_table(
    "users",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("team_id", sa.Integer(), sa.ForeignKey("teams.id")),
    sa.Column("mail", sa.Text(), unique=True),
)
"""
NAMES = "{'uq': 'unique_%(table_name)s_%(column_0_name)s', 'fk': 'key_%(table_name)s_%(referred_table_name)s'}"


def history(files: dict[str, str]) -> History:
    ((_, model),) = models(files, Settings(dialect="postgres")).items()
    assert not model.coverage.gaps
    return model.history


def names(env: str, **files: str) -> set[str]:
    """The names of the unique constraint and the foreign key of users."""
    first = {"alembic/versions/1_a.py": revision("r1", None, TABLE), "alembic/env.py": env}
    (users, *_) = history({**first, **files}).tables
    return {users.fact.uniques[0].name, users.fact.foreigns[0].name}


@pytest.mark.parametrize(
    ("env", "files"),
    [
        (f"from sqlalchemy import MetaData\ntarget_metadata = MetaData(naming_convention={NAMES})\n", {}),
        (
            "from shop.db import Base\ntarget_metadata = Base.metadata\n",
            {"shop/db.py": f"names = {NAMES}\nmetadata = MetaData(naming_convention=names)\n"
             "Base = declarative_base(metadata=metadata)\n"},
        ),
        (
            "from shop.db import Model\ntarget_metadata = [Model.metadata]\n",
            {"shop/db.py": f"class Base(DeclarativeBase):\n    metadata = MetaData(naming_convention={NAMES})\n\n\n"
             "class Model(Base):\n    pass\n"},
        ),
        (
            "from sqlmodel import SQLModel\nfrom shop import models\n"
            f"SQLModel.metadata.naming_convention = {NAMES}\ntarget_metadata = SQLModel.metadata\n",
            {},
        ),
        (
            "target_metadata = current_app.extensions['migrate'].db.metadata\n",
            {"shop/extensions.py": f"db = SQLAlchemy(metadata=MetaData(naming_convention={NAMES}))\n"},
        ),
        (
            "from shop.db import Base\ntarget_metadata = Base.metadata\n",
            {"shop/db.py": f"class Root(DeclarativeBase):\n    metadata = MetaData(naming_convention={NAMES})\n\n\n"
             "Base = SQLAlchemy(model_class=Root)\n"},
        ),
    ],
)  # fmt: skip
def test_a_convention_is_found_where_the_metadata_comes_from(env: str, files: dict[str, str]):
    assert names(env, **files) == {"unique_users_mail", "key_users_teams"}


@pytest.mark.parametrize(
    "env",
    [
        "",
        "target_metadata = None\n",
        "target_metadata = load()\n",
        "from shop.db import Base\ntarget_metadata = Base.m\n",
    ],
)
def test_without_a_convention_the_server_gives_the_names(env: str):
    assert names(env) == {"users_mail_key", "users_team_id_fkey"}


def test_a_convention_that_changes_names_what_is_remembered_anew():
    files = {
        "alembic/versions/1_a.py": revision("r1", None, TABLE),
        "alembic/env.py": "from shop.db import target_metadata\n",
        "shop/db.py": f"target_metadata = MetaData(naming_convention={NAMES})\n",
    }
    memory = Memory(files)

    def unique() -> str:
        ((_, model),) = models(memory).items()
        return model.history.tables[0].fact.uniques[0].name

    assert unique() == "unique_users_mail"
    memory.files["shop/db.py"] = files["shop/db.py"].replace("unique_", "only_").encode()
    assert unique() == "only_users_mail"
    del memory.files["shop/db.py"]
    assert unique() == "users_mail_key"


def test_names_are_cut_as_sqlalchemy_cuts_them():
    convention = {"uq": "uq_%(table_name)s_%(column_0_N_name)s"}
    names = ["b" * 20, "c" * 20]
    columns = [Column(name, Integer) for name in names]
    table = Table("a" * 40, MetaData(naming_convention=convention), *columns, UniqueConstraint(*names))
    cut = conventional(convention, "unique", "postgres", "a" * 40, names)
    assert len(cut) == 60
    assert f"CONSTRAINT {cut} UNIQUE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))
    assert conventional({"uq": "%(mine)s"}, "unique", "postgres", "a", ["b"]) == ""


@pytest.mark.parametrize(
    ("path", "settings"),
    [
        ("alembic.ini", "[alembic]\nscript_location = db\nversion_locations = db/one db/two\n"),
        ("alembic.ini", "[alembic]\nscript_location = db\nversion_locations = %(here)s/db/one, %(here)s/db/two\n"),
        ("alembic.ini", "[a]\nscript_location = db\npath_separator = os\nversion_locations = db/one:./db/two\n"),
        (
            "alembic.ini",
            "[alembic]\nscript_location = db\nversion_locations = db\nrecursive_version_locations = true\n",
        ),
        (
            "pyproject.toml",
            '[tool.alembic]\nscript_location = "db"\nversion_locations = ["db/one", "%(here)s/db/two"]\n',
        ),
    ],
)
def test_several_places_are_one_history(path: str, settings: str):
    table = "op.create_table({0!r}, sa.Column('id', sa.Integer(), primary_key=True))"
    files = {
        path: settings,
        "db/env.py": "",
        "db/one/first.py": revision("one", None, table.format("a")),
        "db/two/second.py": revision("two", None, table.format("b")),
        "db/three/third.py": revision("three", None, table.format("c")),
    }
    found = {name: [str(t) for t in model.history.tables] for name, model in models(files).items()}
    wanted = ["a", "b", "c"] if "recursive" in settings else ["a", "b"]
    assert [sorted(tables) for tables in found.values()] == [wanted]


def test_sections_of_their_own_are_histories_of_their_own():
    table = "op.create_table('a', sa.Column('id', sa.Integer(), primary_key=True))"
    files = {
        "alembic.ini": "[core]\nscript_location = shop:core\n[tenant]\nscript_location = shop/tenant\n[x\n".replace(
            "[x\n", ""
        ),
        "shop/core/versions/a.py": revision("one", None, table),
        "shop/tenant/versions/a.py": revision("one", None, table),
    }
    assert sorted(models(files)) == ["shop/core/versions", "shop/tenant/versions"]


def test_the_names_are_those_that_alembic_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(FIXTURE, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    files = {path.relative_to(FIXTURE).as_posix(): path.read_bytes() for path in FIXTURE.rglob("*") if path.is_file()}
    ((name, model),) = models({path: data for path, data in files.items() if "__pycache__" not in path}).items()
    assert (name, dict(model.coverage.opaque), model.coverage.gaps) == ("schema", {}, [])
    steps = model.history.migrations
    assert [step.version for step in steps] == ["core_customers", "core_less", "billing_invoices"]
    config = Config("alembic.ini")
    for step in steps:
        command.upgrade(config, step.version)
        assert theirs(tmp_path / "trade.db") == ours(step.after), f"up {step}"
    for step in reversed(steps):
        assert not model.history.residues((step,)), f"down {step}"


def theirs(path: Path) -> set[str]:
    """The names in a database that somebody gave, in the SQL of what is there."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%' AND sql != ''")
        found = list(rows)
    constraints = {part.split()[0].strip('"') for _, sql in found for part in sql.split("CONSTRAINT ")[1:]}
    return constraints | {name for name, sql in found if sql.startswith(("CREATE INDEX", "CREATE UNIQUE"))}


def ours(catalog: Catalog) -> set[str]:
    """The same of what we replayed."""
    found: set[str] = set()
    for table in catalog.tables.values():
        keys = [key for key in (table.primary, *table.uniques, *table.foreigns, *table.checks) if key is not None]
        found.update(fact.name for fact in (*keys, *table.indexes))
    return found
