"""Histories of Alembic, run by Alembic on PostgreSQL and SQLite, up and down: after each step our catalog is theirs."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sql_histories import Memory, models
from sql_lite import Facts, our_pragmas, pragmas
from sql_server import DEFAULTS, QUERY, ask, our_defaults, ours, place, told, told_defaults

from archcheck.engine import examine
from archcheck.finding import together
from archcheck.surfaces.sql import History
from archcheck.surfaces.sql.catalog import Catalog

FIXTURE = Path(__file__).resolve().parents[4] / "fixtures" / "applied" / "alembic"
ON_SQLITE = FIXTURE.with_name("alembic-sqlite")


@pytest.fixture
def depot(server: list[str], tmp_path: Path) -> Iterator[tuple[list[str], Config]]:
    """An empty database, and Alembic set up to migrate it from a copy of the fixture."""
    ask(server, "CREATE DATABASE depot;")
    apart = [*server[:-1], "depot"]
    shutil.copytree(FIXTURE, tmp_path, dirs_exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(tmp_path / "alembic"))
    user, host, port, name = place(apart)
    config.set_main_option("sqlalchemy.url", f"postgresql+psycopg://{user}@{host}:{port}/{name}")
    yield apart, config
    ask(server, "DROP DATABASE depot WITH (FORCE);")


def test_up_and_down_end_as_the_server_ends(depot: tuple[list[str], Config]):
    server, config = depot
    found = history()
    steps = found.migrations
    assert len(steps) == 7 and not any(found.residues((step,)) for step in steps)
    for step in steps:
        command.upgrade(config, step.version)
        assert everything(server) == replay(step.after), f"up {step}"
    for step in reversed(steps):
        # Alembic finds no way one step down from a merge, but one to either of its sides.
        command.downgrade(config, step.parents[0] if len(step.parents) > 1 else f"{step.version}@-1")
        assert everything(server) == replay(step.before), f"down {step}"


def test_what_a_way_down_forgets_is_left_on_the_server(depot: tuple[list[str], Config]):
    server, config = depot
    folder = Path(str(config.get_main_option("script_location"))).parent
    second = folder / "alembic" / "versions" / "d2000000_tie_carriers.py"
    undoing = ['op.drop_column("parcels", "paid")', 'op.drop_constraint("ck_parcels_weight", "parcels", type_="check")']
    text = second.read_text("utf-8")
    for line in undoing:
        assert line in text
        text = text.replace(line, "")
    second.write_text(text, "utf-8")
    command.upgrade(config, "d1000000")
    before = everything(server)
    command.upgrade(config, "d2000000")
    command.downgrade(config, "d1000000")
    left = {kind: facts - before[kind] for kind, facts in everything(server).items() if facts != before[kind]}
    assert left == {
        "columns": {("", "parcels", "paid", "boolean", False)},
        "defaults": {("", "parcels", "paid", "false")},
        "checks": {("", "parcels", "ck_parcels_weight")},
    }
    found = history(folder)
    told = [(residue.fate, residue.what) for residue in found.residues(found.migrations[1:2])]
    assert told == [("left", "the column parcels.paid"), ("left", "the check ck_parcels_weight of parcels")]


def test_the_revision_that_a_fix_makes_runs(depot: tuple[list[str], Config]):
    server, config = depot
    folder = Path(str(config.get_main_option("script_location"))).parent
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.py")}
    texts["alembic.ini"] = (folder / "alembic.ini").read_text("utf-8")
    fixes = [verdict.finding.fix for verdict in examine(texts, rules=("fk-without-index",)).verdicts]
    made = together(file for fix in fixes if fix is not None for file in fix.files)
    assert len(fixes) == len(made) == 1
    for path, text in made.items():
        (folder / path).write_text(text, "utf-8")
    found = history(folder)
    command.upgrade(config, "head")
    assert everything(server) == replay(found.final)
    assert not any(key.unindexed for table in found.tables for key in table.foreign_keys)
    command.downgrade(config, "-1")
    assert everything(server) == replay(found.migrations[-1].before)


def test_on_sqlite_up_and_down_end_as_the_file_ends(tmp_path: Path):
    found = history(ON_SQLITE)
    steps = found.migrations
    assert (found.dialect, len(steps)) == ("sqlite", 3) and not any(found.residues((step,)) for step in steps)
    shutil.copytree(ON_SQLITE, tmp_path, dirs_exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(tmp_path / "alembic"))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{tmp_path / 'depot.sqlite3'}")
    with closing(sqlite3.connect(tmp_path / "depot.sqlite3")) as connection:
        for step in steps:
            command.upgrade(config, step.version)
            assert our_pragmas(step.after) == own(pragmas(connection), 0), f"up {step}"
        for step in reversed(steps):
            command.downgrade(config, "-1")
            assert our_pragmas(step.before) == own(pragmas(connection), 0), f"down {step}"


def history(folder: Path = FIXTURE) -> History:
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (model,) = models(Memory(files)).values()
    assert not model.coverage.gaps and not model.coverage.opaque
    return model.history


def replay(catalog: Catalog) -> dict[str, set[tuple[object, ...]]]:
    return {**ours(catalog), "defaults": our_defaults(catalog)}


def everything(server: list[str]) -> dict[str, set[tuple[object, ...]]]:
    """The server's catalog, with the defaults."""
    answer = {kind: facts or [] for kind, facts in json.loads(ask(server, QUERY)).items()}
    found = {**told(answer), "defaults": told_defaults(json.loads(ask(server, DEFAULTS)))}
    return own(found, 1)


def own(found: Facts, at: int) -> Facts:
    """Facts without those of the table in which Alembic keeps its place; the name of their table stands there."""
    return {kind: {fact for fact in facts if fact[at] != "alembic_version"} for kind, facts in found.items()}
