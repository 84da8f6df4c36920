"""Which SQL a history is written in, told by evidence: a name, a metadata file, or words that only one dialect has."""

from __future__ import annotations

import re
from typing import Final

DIALECTS: Final = ("postgres", "mysql", "sqlite", "clickhouse", "tsql", "other")

# Only these have tables that are judged: the others are read without claims about them.
RELATIONAL: Final = frozenset({"postgres", "mysql", "sqlite"})

_NAMED: Final = {
    **dict.fromkeys(
        ("postgres", "postgresql", "pg", "psql", "pgsql", "cockroach", "cockroachdb", "crdb", "timescale", "yugabyte"),
        "postgres",
    ),
    **dict.fromkeys(("mysql", "mariadb", "tidb"), "mysql"),
    **dict.fromkeys(("sqlite", "sqlite3", "libsql", "d1"), "sqlite"),
    **dict.fromkeys(("clickhouse",), "clickhouse"),
    **dict.fromkeys(("mssql", "sqlserver", "tsql"), "tsql"),
    **dict.fromkeys(
        (
            "oracle",
            "snowflake",
            "bigquery",
            "spanner",
            "cassandra",
            "cql",
            "duckdb",
            "redshift",
            "db2",
            "h2",
            "ydb",
            "hive",
        ),
        "other",
    ),
}

# Upper-case words that only one dialect has; plain substrings, because every .sql file of a project is looked at.
_TOLD: Final[dict[str, tuple[str, ...]]] = {
    "clickhouse": (
        "MERGETREE",
        "LOWCARDINALITY(",
        " ON CLUSTER ",
        "DATETIME64",
        "ENGINE = DISTRIBUTED",
        "ENGINE = NULL",
    ),
    "mysql": (
        *("ENGINE=INNODB", "ENGINE = INNODB", "ENGINE=MYISAM", "AUTO_INCREMENT", " UNSIGNED", "CHARSET=", "CHARSET ="),
        *("MEDIUMTEXT", "LONGTEXT", "TINYINT", "ON UPDATE CURRENT_TIMESTAMP", "DELIMITER ", "MODIFY COLUMN"),
    ),
    "sqlite": ("AUTOINCREMENT", "PRAGMA ", "WITHOUT ROWID", "SQLITE_", "STRFTIME(", "USING FTS"),
    "tsql": ("NVARCHAR", "DATETIME2", "UNIQUEIDENTIFIER", "[DBO]", "\nGO\n", "SYSDATETIME", "IDENTITY(1,1)"),
    "other": ("VARCHAR2", "SYSDATE"),
    "postgres": (
        *(" SERIAL", "BIGSERIAL", "JSONB", "TIMESTAMPTZ", "BYTEA", "CREATE EXTENSION", "PLPGSQL", "GEN_RANDOM_UUID"),
        *(
            "CONCURRENTLY",
            " AS ENUM",
            "WITH TIME ZONE",
            "WITHOUT TIME ZONE",
            "USING GIN",
            "USING GIST",
            "DOUBLE PRECISION",
        ),
        *("SEARCH_PATH", "$$", "::", "SET NOT NULL", "DROP NOT NULL", "PUBLIC.", "\n\\CONNECT", " SET DATA TYPE "),
    ),
}


def by_name(text: str) -> str:
    """The dialect a file's or folder's name states (`sqlite3`, `migrations-mysql`), or nothing."""
    if text.lower() in _NAMED:
        return _NAMED[text.lower()]
    words = re.split(r"[-_. ]", text.lower())
    return next((_NAMED[word] for word in words if word in _NAMED), "")


def by_path(folder: str) -> str:
    """The dialect a path states, the innermost folder first."""
    return next((found for part in reversed(folder.split("/")) if (found := by_name(part))), "")


def by_content(text: str) -> str:
    """The dialect most of whose own words stand in a text; nothing when none do. Backticks alone mean MySQL."""
    upper = text.upper()
    votes = {name: sum(word in upper for word in words) for name, words in _TOLD.items()}
    if votes["clickhouse"]:
        return "clickhouse"
    best = max(votes, key=lambda name: votes[name])
    if votes[best]:
        return best
    return "mysql" if "`" in text else ""
