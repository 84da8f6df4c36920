"""A history of Django, run by Django on PostgreSQL and SQLite, up and down: after each step our catalog is theirs."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sql_histories import Memory, models
from sql_lite import Facts, our_pragmas, pragmas
from sql_server import DEFAULTS, QUERY, ask, our_defaults, ours, place, told, told_defaults

from archcheck.engine import examine
from archcheck.finding import together
from archcheck.surfaces.sql import History
from archcheck.surfaces.sql.catalog import Catalog

FIXTURE = Path(__file__).resolve().parents[4] / "fixtures" / "applied" / "django"
DRIVER = Path(__file__).with_name("django_driver.py")
APPS = ["stock", "sales"]
KEPT = "django_migrations"


def sources(engine: str) -> dict[str, str]:
    files = {path.relative_to(FIXTURE).as_posix(): path.read_text("utf-8") for path in FIXTURE.rglob("*.py")}
    files["depot/settings.py"] = files["depot/settings.py"].replace("backends.postgresql", f"backends.{engine}")
    return files


def history(engine: str, more: Mapping[str, str] | None = None) -> History:
    (model,) = models(Memory({**sources(engine), **(more or {})})).values()
    assert not model.coverage.gaps and not model.coverage.opaque
    return model.history


def driven(
    found: History, folder: Path, database: dict[str, object], query: str, more: Mapping[str, str] | None = None
) -> list[str]:
    """What Django leaves after each migration, in our order, and after each of them going down in reverse."""
    shutil.copytree(FIXTURE, folder, dirs_exist_ok=True)
    for path, text in (more or {}).items():
        (folder / path).write_text(text, "utf-8")
    names = [step.version.partition(".")[::2] for step in found.migrations]
    steps = []
    for number, (app, name) in enumerate(names):
        before = [title for other, title in names[:number] if other == app]
        steps.append((app, name, before[-1] if before else "zero"))
    asked = {"folder": str(folder), "apps": APPS, "database": database, "query": query, "steps": steps}
    done = subprocess.run(
        [sys.executable, str(DRIVER)], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def apart(facts: Facts, at: int) -> Facts:
    """Facts without those of the table in which Django keeps its place; the name of their table stands there."""
    return {kind: {fact for fact in many if fact[at] != KEPT} for kind, many in facts.items()}


@pytest.fixture
def depot(server: list[str]) -> Iterator[list[str]]:
    """An empty database on the server."""
    ask(server, "CREATE DATABASE stock;")
    yield [*server[:-1], "stock"]
    ask(server, "DROP DATABASE stock WITH (FORCE);")


def test_on_postgresql_each_step_ends_as_the_server_ends(depot: list[str], tmp_path: Path):
    fixes = [verdict.finding.fix for verdict in examine(sources("postgresql"), rules=("fk-without-index",)).verdicts]
    more = together(file for fix in fixes if fix is not None for file in fix.files)
    assert list(more) == ["stock/migrations/0004_index_foreign_keys.py"]
    found = history("postgresql", more)
    user, host, port, name = place(depot)
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": user, "HOST": host, "PORT": port}
    query = f"SELECT json_build_array(({QUERY}), ({DEFAULTS}))::text"
    lines = driven(found, tmp_path, database, query, more)
    for (way, catalog), line in zip(ways(found), lines, strict=True):
        facts, defaults = json.loads(line)
        theirs = apart(told({kind: many or [] for kind, many in facts.items()}), 1)
        assert our_defaults(catalog) == {fact for fact in told_defaults(defaults) if fact[1] != KEPT}, way
        # What Django makes again going down it names after the tables as they are called by then.
        form = same if way.startswith("up") else nameless
        assert form(ours(catalog), 2) == form(theirs, 2), way


def test_on_sqlite_each_step_ends_as_the_file_ends(tmp_path: Path):
    found = history("sqlite3")
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "depot.sqlite3")}
    lines = driven(found, tmp_path, database, "")
    for (way, catalog), line in zip(ways(found), lines, strict=True):
        connection = sqlite3.connect(line)
        assert nameless(unique(our_pragmas(catalog)), 1) == nameless(unique(apart(pragmas(connection), 0)), 1), way
        connection.close()


def ways(found: History) -> list[tuple[str, Catalog]]:
    """Each migration going up, then each going down, with our catalog there."""
    up = [(f"up {step}", step.after) for step in found.migrations]
    return up + [(f"down {step}", step.before) for step in reversed(found.migrations)]


def same(facts: Facts, at: int) -> Facts:
    return facts


def nameless(facts: Facts, at: int) -> dict[str, list[tuple[object, ...]]]:
    """Facts without the names of keys, foreign keys and indexes, which stand there in those that have one."""
    named = {"indexes", "foreign keys"} | ({"keys"} if at == 2 else set())
    return {
        kind: sorted(((*fact[:at], *fact[at + 1 :]) if kind in named else fact for fact in many), key=repr)
        for kind, many in facts.items()
    }


def unique(facts: Facts) -> Facts:
    """Unique keys as unique indexes: where Django makes an index on SQLite, it is a constraint elsewhere."""
    made = {(table, "", columns, True, False) for table, kind, columns in facts["keys"] if kind == "unique"}
    plain = {
        (table, "" if single and not some else name, columns, single, some)
        for table, name, columns, single, some in facts["indexes"]
    }
    return {**facts, "keys": {key for key in facts["keys"] if key[1] != "unique"}, "indexes": plain | made}
