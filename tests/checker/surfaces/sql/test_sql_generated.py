"""Whatever history of definitions a server accepts, our catalog at its end is the server's."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from sql_generator import COMMON, POSTGRES, statements
from sql_histories import models
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


Facts = Mapping[str, set[tuple[object, ...]]]


def pragmas(connection: sqlite3.Connection) -> Facts:
    """What SQLite says of each kind of thing."""
    found: dict[str, set[tuple[object, ...]]] = {"columns": set(), "keys": set(), "references": set(), "indexes": set()}
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for (table,) in connection.execute(names).fetchall():
        key = []
        for _, name, kind, required, default, primary in connection.execute(f'PRAGMA table_info("{table}")'):
            known = None if primary else not required
            found["columns"].add((table.lower(), name.lower(), kind.lower(), known, default))
            key += [(primary, name.lower())] if primary else []
        found["keys"] |= {(table.lower(), "primary", tuple(name for _, name in sorted(key)))} if key else set()
        references: dict[int, list[tuple[object, ...]]] = {}
        for number, place, to, own, other, updated, deleted, _ in connection.execute(
            f'PRAGMA foreign_key_list("{table}")'
        ):
            references.setdefault(number, []).append((place, own.lower(), to.lower(), other.lower(), updated, deleted))
        for parts in references.values():
            parts.sort()
            _, _, to, _, updated, deleted = parts[0]
            columns, others = tuple(part[1] for part in parts), tuple(part[3] for part in parts)
            found["references"].add((table.lower(), columns, to, others, str(updated).lower(), str(deleted).lower()))
        for _, name, unique, origin, partial in connection.execute(f'PRAGMA index_list("{table}")').fetchall():
            columns = tuple((row[2] or "").lower() for row in connection.execute(f'PRAGMA index_info("{name}")'))
            # A unique constraint that says what the primary key says has no index of its own, or has one: both is well.
            if origin == "u" and (table.lower(), "primary", columns) not in found["keys"]:
                found["keys"].add((table.lower(), "unique", columns))
            elif origin == "c":
                found["indexes"].add((table.lower(), name.lower(), columns, bool(unique), bool(partial)))
    return found


def lite(script: str) -> Facts:
    """Our catalog in the same form."""
    (model,) = models({"sqlite/migrations/0001_all.sql": script}).values()
    found: dict[str, set[tuple[object, ...]]] = {"columns": set(), "keys": set(), "references": set(), "indexes": set()}
    for table in model.history.final.tables.values():
        name = table.key[1]
        primary = table.primary.columns if table.primary else ()
        for column in table.columns:
            known = None if column.key in primary else column.nullable
            found["columns"].add((name, column.key, column.type, known, column.default))
        found["keys"] |= {(name, "primary", primary)} if primary else set()
        found["keys"] |= {(name, "unique", unique.columns) for unique in table.uniques if unique.columns != primary}
        for key in table.foreigns:
            actions = (key.on_update or "no action", key.on_delete or "no action")
            found["references"].add((name, key.columns, key.table[1], key.referenced, *actions))
        for index in table.indexes:
            columns = tuple(part.key for part in index.parts)
            found["indexes"].add((name, index.name, columns, index.unique, bool(index.predicate)))
    return found
