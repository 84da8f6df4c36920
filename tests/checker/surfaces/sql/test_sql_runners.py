"""The fixture history of every runner, applied to a real PostgreSQL as that runner does: to the end, and down again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sql_histories import Memory, models
from sql_server import QUERY, ask, ours, replayed, told

from archcheck.surfaces.sql import History
from archcheck.surfaces.sql.layouts import sections

HISTORIES = Path(__file__).resolve().parents[4] / "fixtures" / "histories"
IN_PYTHON = {"alembic", "django"}
RUNNERS = sorted(path.name for path in HISTORIES.iterdir() if path.is_dir() and path.name not in IN_PYTHON)
# Rails and rollbacks that these have in comments, in other files, or not at all.
ONE_WAY = {"atlas", "drizzle", "flyway", "liquibase", "plain", "prisma", "supabase"}


@pytest.fixture
def apart(server: list[str]) -> list[str]:
    """An empty database of its own on the server."""
    ask(server, "DROP DATABASE IF EXISTS runners;")
    ask(server, "CREATE DATABASE runners;")
    return [*server[:-1], "runners"]


def read(runner: str) -> tuple[History, dict[str, str]]:
    folder = HISTORIES / runner
    files = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()
    }
    (model,) = models(Memory(files)).values()
    return model.history, files


def scripts(history: History, files: dict[str, str], way: str) -> list[str]:
    """What the runner would send, one text a migration, in the order of going up."""
    found = []
    for migration in history.migrations:
        path = migration.path if way == "up" else migration.down_path
        text = files.get(path, "")
        parts = sections(history.layout, text) or [("up", 0, len(text))]
        wanted = way if history.layout in ("goose", "sql-migrate", "dbmate", "node-pg-migrate") else "up"
        found.append("".join(text[start:end] for name, start, end in parts if name == wanted))
    return found


@pytest.mark.parametrize("runner", RUNNERS)
def test_up_ends_as_the_server_ends(runner: str, apart: list[str]):
    history, files = read(runner)
    sent = scripts(history, files, "up")
    assert len(sent) == len(history.migrations) and all("CREATE" in text.upper() for text in sent)
    ask(apart, "\n".join(sent))
    assert ours(history.final) == told(json.loads(ask(apart, QUERY)))
    assert len(history.final.tables) == 2


@pytest.mark.parametrize("runner", sorted(set(RUNNERS) - ONE_WAY))
def test_down_ends_as_the_server_ends(runner: str, apart: list[str]):
    history, files = read(runner)
    up = scripts(history, files, "up")
    down = scripts(history, files, "down")[::-1]
    assert all("DROP" in text.upper() for text in down)
    for taken in range(1, len(down) + 1):
        ask(apart, "DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
        script = "\n".join([*up, *down[:taken]])
        ask(apart, script)
        answer = json.loads(ask(apart, QUERY))
        theirs = told({kind: facts or [] for kind, facts in answer.items()})
        assert replayed(script) == theirs
        assert ours(history.migrations[-taken].before) == theirs, "down gives back what was there before"
