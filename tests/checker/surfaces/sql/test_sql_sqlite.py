"""A history for SQLite ends as SQLite ends it, after each migration going up and after each going down."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from sql_histories import applied, ways
from sql_lite import our_pragmas, pragmas


def test_up_and_down_end_as_sqlite_ends():
    found = applied("sqlite")
    assert found.dialect == "sqlite" and not any(found.residues((step,)) for step in found.migrations)
    with closing(sqlite3.connect(":memory:")) as connection:
        for way, text, catalog in ways(found):
            connection.executescript(text)
            assert our_pragmas(catalog) == pragmas(connection), way
