"""The proof behind the rules on queries: what they name can be injected, and what they pass over cannot.

The functions of a fixture run against a database in memory, each with texts that try to read a table it has no
business with.
"""

from __future__ import annotations

import sqlite3
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from archcheck.examples import expected

MEMBERS = "club/members.py"
SOURCE = (Path(__file__).resolve().parent.parent / "fixtures" / "club-flask" / MEMBERS).read_text("utf-8")
LOOT = 4711
ATTACKS = (
    "x' UNION SELECT loot FROM vault --",
    "x') UNION SELECT loot FROM vault --",
    "0 UNION SELECT loot FROM vault",
    "(SELECT loot AS id FROM vault)",
    "name UNION SELECT loot FROM vault",
    "x'' UNION SELECT loot FROM vault --",
    "?' UNION SELECT loot FROM vault --",
)
PASTING = ("interpolated-query", "interpolated-identifier")


def functions() -> dict[str, Callable[[sqlite3.Connection, str], list[tuple[object, ...]]]]:
    """The functions of the fixture, without its markers."""
    module = types.ModuleType("members")
    text = expected({MEMBERS: SOURCE}).files[MEMBERS]
    exec(compile(text, MEMBERS, "exec"), module.__dict__)
    return {name: found for name, found in vars(module).items() if isinstance(found, types.FunctionType)}


def named(*rules: str) -> set[str]:
    """The functions that stand around the wanted lines of some rules."""
    lines = [want.line for want in expected({MEMBERS: SOURCE}).wants if want.rule in rules]
    starts = {found.__code__.co_firstlineno: name for name, found in functions().items()}
    return {starts[max(start for start in starts if start <= line)] for line in lines}


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:")
    for table in ("members", "members_2024"):
        connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT, mail TEXT, joined TEXT)")
        connection.execute(f"INSERT INTO {table} VALUES (1, 'ana', 'ana@club.example', '2021'), (2, 'bo', 'b', '2022')")
    connection.execute("CREATE TABLE vault (loot INTEGER)")
    connection.execute("INSERT INTO vault VALUES (?)", (LOOT,))
    yield connection
    connection.close()


def robbed(connection: sqlite3.Connection, name: str) -> bool:
    for attack in ATTACKS:
        try:
            rows = functions()[name](connection, attack)
        except (sqlite3.Error, ValueError):
            continue
        if (LOOT,) in rows:
            return True
    return False


@pytest.mark.parametrize("name", sorted(functions()))
def test_what_is_named_can_be_injected_and_nothing_else(connection: sqlite3.Connection, name: str):
    assert robbed(connection, name) == (name in named(*PASTING))


@pytest.mark.parametrize("name", sorted(n for n in functions() if n not in named(*PASTING, "quoted-placeholder")))
def test_what_is_passed_over_works(connection: sqlite3.Connection, name: str):
    texts = ("ana", "ana@club.example", "1", "ana,bo", "name")
    found = [rows for text in texts for rows in _rows(functions()[name], connection, text)]
    assert found or name == "sorted_by"


def _rows(function, connection: sqlite3.Connection, text: str) -> list[tuple[object, ...]]:
    try:
        return function(connection, text)
    except ValueError:
        return []


def test_a_placeholder_in_quotes_finds_nothing(connection: sqlite3.Connection):
    for name in named("quoted-placeholder"):
        assert functions()[name](connection, "ana") == []
        assert not robbed(connection, name)
