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

_WORDS: Final = re.compile(
    r"(?P<clickhouse>\b(?:ENGINE\s*=\s*\w*(?:MergeTree|Distributed|Kafka|Memory|Null|Buffer)\b|LowCardinality\(|ON\s+CLUSTER\b"
    r"|DateTime64\b))"
    r"|(?P<mysql>\b(?:ENGINE\s*=\s*(?:InnoDB|MyISAM)|AUTO_INCREMENT|UNSIGNED|(?:DEFAULT\s+)?CHARSET\s*=|MEDIUMTEXT|LONGTEXT|TINYINT"
    r"|ON\s+UPDATE\s+CURRENT_TIMESTAMP|DELIMITER\s+\S+$)|\bMODIFY\s+(?:COLUMN\s+)?`)"
    r"|(?P<sqlite>\b(?:AUTOINCREMENT|PRAGMA\s+\w+|WITHOUT\s+ROWID|sqlite_\w+|strftime\s*\())"
    r"|(?P<tsql>\b(?:IDENTITY\s*\(\s*1\s*,|NVARCHAR|DATETIME2|UNIQUEIDENTIFIER|SYSDATETIME\w*)\b|\[dbo\]|^GO\s*$)"
    r"|(?P<other>\b(?:VARCHAR2|NUMBER\(\d+(?:,\s*\d+)?\)|SYSDATE)\b)"
    r"|(?P<postgres>\b(?:(?:BIG|SMALL)?SERIAL\b|JSONB\b|TIMESTAMPTZ\b|BYTEA\b|CREATE\s+EXTENSION|plpgsql\b|gen_random_uuid\b"
    r"|CONCURRENTLY\b|AS\s+ENUM\b|TIMESTAMP(?:\(\d\))?\s+WITH(?:OUT)?\s+TIME\s+ZONE|USING\s+(?:btree|gin|gist|brin)\b"
    r"|ALTER\s+COLUMN\s+\S+\s+(?:TYPE|SET\s+DATA|DROP\s+NOT|SET\s+NOT)\b|DOUBLE\s+PRECISION\b|search_path\b|public\.)"
    r"|::\s*[a-z]|\$\$|^\\(?:connect|c)\b)"
    r"|(?P<quoted>`\w+`)",
    re.IGNORECASE | re.MULTILINE,
)


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
    """The dialect whose own words stand in a text most often; nothing when none do. Backticks alone mean MySQL."""
    votes: dict[str, int] = {}
    for match in _WORDS.finditer(text):
        kind = match.lastgroup or ""
        votes[kind] = votes.get(kind, 0) + 1
    if votes.get("clickhouse"):
        return "clickhouse"
    quoted = votes.pop("quoted", 0)
    if not votes:
        return "mysql" if quoted else ""
    return max(sorted(votes), key=lambda name: votes[name])
