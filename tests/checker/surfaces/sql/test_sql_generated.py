"""Whatever history of definitions a server accepts, our catalog at its end is the server's."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from sql_generator import COMMON, POSTGRES, statements
from sql_histories import models
from sql_lite import Facts, our_pragmas, pragmas
from sql_server import QUERY, ask, replayed, told

# More of them on a machine with time: the same seeds come first.
MORE = int(os.environ.get("ARCHCHECK_EXAMPLES", "1"))
CALM = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.large_base_example]


@pytest.fixture(scope="module")
def apart(server: list[str]) -> list[str]:
    """A database of its own on the server."""
    ask(server, "CREATE DATABASE generated;")
    return [*server[:-1], "generated"]


@settings(max_examples=150 * MORE, deadline=None, derandomize=True, suppress_health_check=CALM)
@given(statements(COMMON))
def test_sqlite_ends_as_we_say(written: list[str]):
    connection = sqlite3.connect(":memory:")
    # SQLite takes "Mixed" for a string where no column has the name; in brackets it is always a name.
    bracketed = [statement.replace('"Mixed"', "[Mixed]") for statement in written]
    accepted = [statement for statement in bracketed if accepts(connection, statement)]
    ours = {path: facts for path, facts in lite(";\n".join(accepted) + ";").items() if facts}
    assert ours == {path: facts for path, facts in pragmas(connection).items() if facts}, "\n".join(accepted)


@settings(max_examples=40 * MORE, deadline=None, derandomize=True, suppress_health_check=CALM)
@given(statements(POSTGRES))
def test_postgresql_ends_as_we_say(apart: list[str], written: list[str]):
    script = ["DROP SCHEMA public CASCADE; CREATE SCHEMA public;"]
    script += [f"{statement};\n\\echo :ERROR" for statement in written]
    command = [*apart, "-v", "ON_ERROR_STOP=0"]
    done = subprocess.run(command, input="\n".join([*script, QUERY + ";"]), capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    refused = lines[: len(written)]
    accepted = [statement for statement, error in zip(written, refused, strict=True) if error == "false"]
    answer = json.loads("\n".join(lines[len(written) :]))
    theirs = told({kind: facts or [] for kind, facts in answer.items()})
    assert replayed(";\n".join(accepted) + ";") == theirs, "\n".join(accepted)


def accepts(connection: sqlite3.Connection, statement: str) -> bool:
    try:
        connection.execute(statement)
    except sqlite3.Error:
        return False
    return True


def lite(script: str) -> Facts:
    """What we say of the same."""
    (model,) = models({"sqlite/migrations/0001_all.sql": script}).values()
    return our_pragmas(model.history.final)
