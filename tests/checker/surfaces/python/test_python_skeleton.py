"""A hole's neighbours tell what stands in it."""

from __future__ import annotations

import re

import pytest

from archcheck.source import Location
from archcheck.surfaces.python import Hole
from archcheck.surfaces.python.skeleton import looks_like_sql, positions


def parts(text: str) -> tuple[str | Hole, ...]:
    hole = Hole("x", Location("a.py", 1), "unknown")
    return tuple(hole if piece == "@" else piece for piece in re.split("(@)", text) if piece)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM t WHERE a = @",
        "SELECT * FROM t WHERE a = '@'",
        "SELECT * FROM t WHERE a LIKE '%@%'",
        'SELECT * FROM t WHERE a = "@"',
        "SELECT * FROM t WHERE a IN (@)",
        "SELECT * FROM t WHERE a IN (1, @)",
        "SELECT * FROM t WHERE a BETWEEN 1 AND @",
        "SELECT * FROM t LIMIT @",
        "SELECT * FROM t LIMIT 5, @",
        "SELECT * FROM t LIMIT 5 OFFSET @",
        "INSERT INTO t (a, b) VALUES ('x', @)",
        "INSERT INTO t VALUES (@)",
        "UPDATE t SET a = @",
        "SELECT a || @ FROM t",
        "NOTIFY channel, '@'",
        "ALTER ROLE r PASSWORD '@'",
        "DELETE FROM t WHERE id=@",
    ],
)
def test_values(text: str):
    assert positions(parts(text)) == ("value",)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM @",
        'SELECT * FROM "@"',
        "SELECT * FROM `@` WHERE a = 1",
        "SELECT * FROM [@] WHERE a = 1",
        "SELECT * FROM @.users",
        "SELECT * FROM users_@",
        "SELECT @ FROM t",
        "SELECT a, @ FROM t",
        "SELECT * FROM t ORDER BY @",
        "SELECT * FROM t ORDER BY a, @",
        "SELECT * FROM t WHERE @ = 1",
        "SELECT * FROM t WHERE a = 1 AND @ IN (1)",
        "SELECT * FROM t WHERE a.id = @.id",
        "SELECT * FROM t WHERE ? <= @",
        "INSERT INTO @ VALUES (1)",
        "INSERT INTO @(a) VALUES (1)",
        "INSERT INTO t (@) VALUES (1)",
        "UPDATE t SET @ = 1",
        "UPDATE t SET a = @(a)",
        "DROP TABLE IF EXISTS @",
        "CREATE INDEX i ON t (@)",
        "SELECT a::@ FROM t",
        "ALTER TABLE t ON CLUSTER '@' DELETE WHERE a = 1",
    ],
)
def test_names(text: str):
    assert positions(parts(text)) == ("identifier",)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM t WHERE @",
        "SELECT * FROM t WHERE a = 1 AND @",
        "@ WHERE a = 1",
        "SELECT * FROM (@) s",
        "SELECT * FROM t ORDER BY a @",
        "SET statement_timeout = @",
        "CREATE TABLE t (a int) ENGINE = @",
        "SELECT max(@) FROM t",
    ],
)
def test_pieces_of_sql(text: str):
    assert positions(parts(text)) == ("fragment",)


def test_the_whole_statement():
    assert positions(parts("@")) == ("whole",)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM t",
        "  -- c\n select a from t",
        "WITH x AS (SELECT 1) SELECT 1",
        "insert into @ values (1)",
        "UPDATE @ SET a=1",
        "DROP TABLE @",
        "CALL @(1)",
        "CREATE UNIQUE INDEX i ON t (a)",
        "(SELECT 1 FROM t)",
    ],
)
def test_statements_look_like_sql(text: str):
    assert looks_like_sql(parts(text))


@pytest.mark.parametrize(
    "text",
    [
        "Please select a value from @",
        "update the set",
        "Delete @ from the cache",
        "select @",
        "with best regards",
        "drop the @ table",
        "@",
        "",
    ],
)
def test_prose_does_not(text: str):
    assert not looks_like_sql(parts(text))
