"""Deeds are read: writes, transactions, settings, grants, roles and maintenance."""

from __future__ import annotations

import pytest

from archcheck.source import Source
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.model import read_script


def one(text: str, dialect: str = "postgres") -> say.Statement:
    (statement,) = read_script(Source("a.sql", text.encode()), "plain", dialect).up
    return statement


@pytest.mark.parametrize(
    ("text", "kind", "table", "whole"),
    [
        ("UPDATE t SET a = 1", "update", "t", True),
        ("UPDATE ONLY shop.t AS x SET a = 1 WHERE TRUE", "update", "t", True),
        ("DELETE FROM t WHERE 1 = 1", "delete", "t", True),
        ("DELETE FROM t WHERE a = b", "delete", "t", False),
        ("DELETE FROM t WHERE \"a\" = 'b'", "delete", "t", False),
        ("UPDATE t SET a = u.a FROM u WHERE u.id = t.id", "update", "t", False),
        ("WITH x AS (SELECT 1 FROM y WHERE z) UPDATE t SET a = 1", "update", "t", True),
        ("INSERT INTO t (a) VALUES (1)", "insert", "t", False),
        ("MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE", "merge", "t", False),
        ("TRUNCATE TABLE ONLY t, u", "truncate", "t", True),
    ],
)
def test_writes_tell_their_table_and_if_a_condition_chooses_rows(text: str, kind: str, table: str, whole: bool):
    found = one(text)
    assert isinstance(found, say.Write)
    assert (found.kind, found.tables[0].key, found.whole) == (kind, table, whole)


@pytest.mark.parametrize(
    ("condition", "columns"),
    [
        ("id = 1", ("id",)),
        ("t.shop = 1 AND name IN ('a', 'b') AND x > 2", ("shop", "name")),
        ("id = 1 OR name = 'a'", ()),
        ("id IN (SELECT id FROM u)", ()),
        ("id = other", ()),
    ],
)
def test_a_condition_tells_the_columns_that_equal_a_literal(condition: str, columns: tuple[str, ...]):
    found = one(f"DELETE FROM t WHERE {condition} RETURNING id")
    assert isinstance(found, say.Write)
    assert found.equals == columns


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("INSERT INTO t SELECT a FROM u", True),
        ("INSERT INTO t (a) WITH x AS (SELECT 1) SELECT * FROM x", True),
        ("INSERT INTO t SELECT 1, 'a'", False),
        ("INSERT INTO t DEFAULT VALUES", False),
    ],
)
def test_rows_of_a_query_are_told_from_rows_written_out(text: str, query: bool):
    found = one(text)
    assert isinstance(found, say.Write)
    assert found.from_query is query


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("BEGIN", "begin"),
        ("START TRANSACTION ISOLATION LEVEL SERIALIZABLE", "begin"),
        ("COMMIT", "commit"),
        ("END", "commit"),
        ("ROLLBACK", "rollback"),
        ("PREPARE TRANSACTION 'move'", "prepare"),
        ("XA PREPARE 'move'", "prepare"),
    ],
)
def test_transactions(text: str, kind: str):
    found = one(text, "mysql" if text.startswith("XA") else "postgres")
    assert isinstance(found, say.Transact)
    assert found.kind == kind


@pytest.mark.parametrize(
    "text",
    ["SAVEPOINT a", "ROLLBACK TO SAVEPOINT a", "ROLLBACK TO a", "PREPARE q AS SELECT 1", "COMMIT PREPARED 'a'"],
)
def test_what_begins_and_ends_no_transaction(text: str):
    assert isinstance(one(text), say.Ignored)


def test_settings():
    assert one("SET LOCAL lock_timeout = '5s'") == say.SetOption(say.Span(1, 1, 4), "lock_timeout", "5s")
    assert one("SET TIME ZONE 'UTC'") == say.SetOption(say.Span(1, 1, 4), "timezone", "UTC")
    assert isinstance(one("SET search_path TO a"), say.SetSearchPath)


@pytest.mark.parametrize(
    ("text", "kind", "privileges", "to"),
    [
        ("GRANT ALL PRIVILEGES ON orders TO app", "TABLE", ("ALL",), ("app",)),
        (
            "GRANT SELECT (id, name), UPDATE ON TABLE a, b TO app, PUBLIC",
            "TABLE",
            ("SELECT", "UPDATE"),
            ("app", "public"),
        ),
        ("GRANT ALL ON ALL TABLES IN SCHEMA shop TO GROUP app WITH GRANT OPTION", "TABLE", ("ALL",), ("app",)),
        ("GRANT USAGE ON SCHEMA shop TO app", "SCHEMA", ("USAGE",), ("app",)),
        ("ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT ALL ON TABLES TO app", "TABLE", ("ALL",), ("app",)),
        ("GRANT EXECUTE ON FUNCTION f(int) TO app", "FUNCTION", ("EXECUTE",), ("app",)),
    ],
)
def test_grants(text: str, kind: str, privileges: tuple[str, ...], to: tuple[str, ...]):
    found = one(text)
    assert isinstance(found, say.Grant)
    assert (found.kind, found.privileges, found.to) == (kind, privileges, to)


def test_a_role_that_is_granted_is_no_privilege():
    assert isinstance(one("GRANT admin TO bob"), say.Ignored)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("CREATE ROLE app LOGIN PASSWORD 'hunter2'", (32, 41)),
        ("ALTER USER app WITH ENCRYPTED PASSWORD 'hunter2'", (40, 49)),
        ("CREATE USER 'a'@'%' IDENTIFIED BY 'hunter2'", (35, 44)),
        ("CREATE SUBSCRIPTION s CONNECTION 'host=a password=hunter2' PUBLICATION p", (34, 59)),
        ("CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'b', password 'hunter2')", (64, 73)),
    ],
)
def test_secrets_are_places_and_nothing_else(text: str, columns: tuple[int, int]):
    found = one(text, "mysql" if "IDENTIFIED" in text else "postgres")
    assert isinstance(found, say.Role)
    assert [(span.column, span.end_column) for span in found.secrets] == [columns]
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    "value", ["${APP_PASSWORD}", "{{ password }}", ":password", "", "<password>", "SCRAM-SHA-256$4096:x"]
)
def test_what_is_put_in_later_is_no_secret(value: str):
    found = one(f"CREATE ROLE app PASSWORD '{value}'")
    assert isinstance(found, say.Role)
    assert found.secrets == ()


@pytest.mark.parametrize(
    ("text", "kind", "concurrently"),
    [
        ("VACUUM (FULL, ANALYZE) t", "VACUUM FULL", False),
        ("CLUSTER t USING t_idx", "CLUSTER", False),
        ("LOCK TABLE t IN SHARE MODE", "LOCK", False),
        ("REINDEX TABLE CONCURRENTLY t", "REINDEX", True),
        ("REINDEX (VERBOSE) INDEX t", "REINDEX", False),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY t", "REFRESH", True),
    ],
)
def test_maintenance(text: str, kind: str, concurrently: bool):
    found = one(text)
    assert isinstance(found, say.Maintain)
    assert (found.kind, found.concurrently, [name.key for name in found.names]) == (kind, concurrently, ["t"])


def test_functions_tell_whose_rights_they_have():
    found = one("CREATE FUNCTION f() RETURNS int SECURITY DEFINER SET search_path = '' LANGUAGE sql AS $$ SELECT 1 $$")
    assert isinstance(found, say.CreateFunction)
    assert found.definer
    assert found.pinned
    assert one("ALTER FUNCTION f(int) SET search_path = ''").pins  # type: ignore[union-attr]
    dropped = one("DROP FUNCTION f(a regclass), g CASCADE")
    assert isinstance(dropped, say.ChangeFunction)
    assert ([name.key for name in dropped.names], dropped.drop, dropped.cascade) == (["f", "g"], True, True)
