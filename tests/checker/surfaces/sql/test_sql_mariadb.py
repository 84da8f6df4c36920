"""A history for MySQL and MariaDB ends as a real MariaDB ends it: columns, types, keys, indexes, foreign keys."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sql_histories import applied, models, ways
from sql_server import logged

from archcheck.surfaces.sql.catalog import Catalog

SCRIPT = Path(__file__).with_name("mariadb_history.sql").read_text("utf-8")
COLUMNS = (
    "SELECT table_name, lower(column_name), data_type, is_nullable FROM information_schema.columns "
    "WHERE table_schema = 'proof'"
)
INDEXES = (
    "SELECT table_name, index_name, non_unique, group_concat(lower(column_name) ORDER BY seq_in_index) "
    "FROM information_schema.statistics WHERE table_schema = 'proof' GROUP BY table_name, index_name, non_unique"
)
FOREIGN = (
    "SELECT k.table_name, k.constraint_name, group_concat(lower(k.column_name) ORDER BY k.ordinal_position), "
    "k.referenced_table_name, group_concat(lower(k.referenced_column_name) ORDER BY k.ordinal_position), "
    "lower(r.delete_rule), lower(r.update_rule) FROM information_schema.key_column_usage k "
    "JOIN information_schema.referential_constraints r ON r.constraint_name = k.constraint_name "
    "AND r.constraint_schema = k.constraint_schema WHERE k.table_schema = 'proof' "
    "GROUP BY k.table_name, k.constraint_name, k.referenced_table_name, r.delete_rule, r.update_rule"
)


def program(*names: str) -> str:
    path = next((found for name in names if (found := shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin"))), "")
    if not path:
        pytest.skip(f"MariaDB's {names[0]} is not installed")
    return path


@pytest.fixture(scope="module")
def mariadb() -> Iterator[list[str]]:
    """The client's command for an empty server on a socket in a folder of its own; root leaves it to another user."""
    install, server = program("mariadb-install-db", "mysql_install_db"), program("mariadbd", "mysqld")
    client = program("mariadb", "mysql")
    with tempfile.TemporaryDirectory(prefix="archcheck-maria-") as folder:
        data, socket = f"{folder}/data", f"{folder}/socket"
        common = ["--no-defaults", f"--datadir={data}"]
        run: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        if os.getuid() == 0:
            shutil.chown(folder, "nobody")
            run["user"] = "nobody"
        make = [install, *common, "--auth-root-authentication-method=normal"]
        made = subprocess.run(make, stderr=subprocess.PIPE, text=True, **run)
        if made.returncode:
            pytest.skip(f"mariadb-install-db does not work here: {made.stderr.strip()}")
        start = [server, *common, f"--socket={socket}", "--skip-networking", f"--pid-file={folder}/pid"]
        running = subprocess.Popen([*start, f"--log-error={folder}/log"], stderr=subprocess.DEVNULL, **run)
        command = [client, "--no-defaults", f"--socket={socket}", "-u", "root", "-N", "-B"]
        try:
            if not _answers(command):
                pytest.skip(f"MariaDB does not start here: {logged(folder)}")
            yield command
        finally:
            running.terminate()
            running.wait(30)


def _answers(command: list[str]) -> bool:
    for _ in range(300):
        if subprocess.run([*command, "-e", "SELECT 1"], capture_output=True, check=False).returncode == 0:
            return True
        time.sleep(0.1)
    return False


def ask(command: list[str], sql: str) -> set[tuple[str, ...]]:
    done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {tuple(line.split("\t")) for line in done.stdout.splitlines()}


def test_the_final_catalog_is_the_servers(mariadb: list[str]):
    ask(mariadb, f"DROP DATABASE IF EXISTS proof; CREATE DATABASE proof; USE proof;\n{SCRIPT}")
    (model,) = models({"migrations/0001_all.mysql.up.sql": SCRIPT}).values()
    assert model.history.dialect == "mysql"
    catalog = model.history.final
    assert columns(catalog) == ask(mariadb, COLUMNS)
    assert foreign(catalog) == ask(mariadb, FOREIGN)
    theirs = ask(mariadb, INDEXES)
    mine = indexes(catalog)
    assert mine <= theirs
    # The server makes an index for a foreign key that has none; it has the name of the key.
    made = {(table, name) for table, name, *_ in theirs - mine}
    assert made <= {(table, name) for table, name, *_ in foreign(catalog)} | {
        ("orders", "fk_customer"),
        ("items", "fk_customer"),
    }


def test_up_and_down_end_as_the_server_ends(mariadb: list[str]):
    found = applied("mysql")
    assert found.dialect == "mysql" and not any(found.residues((step,)) for step in found.migrations)
    ask(mariadb, "DROP DATABASE IF EXISTS proof; CREATE DATABASE proof;")
    for way, text, catalog in ways(found):
        ask(mariadb, f"USE proof;\n{text}")
        assert columns(catalog) == ask(mariadb, COLUMNS), way
        assert foreign(catalog) == ask(mariadb, FOREIGN), way
        assert indexes(catalog) == ask(mariadb, INDEXES), way


def columns(catalog: Catalog) -> set[tuple[str, ...]]:
    return {
        (table.key[1], column.key.lower(), base(column.type), "YES" if column.nullable else "NO")
        for table in catalog.tables.values()
        for column in table.columns
    }


def base(kind: str) -> str:
    return kind.partition("(")[0].partition(" ")[0]


def indexes(catalog: Catalog) -> set[tuple[str, ...]]:
    found = set()
    for table in catalog.tables.values():
        if table.primary:
            found.add((table.key[1], "PRIMARY", "0", ",".join(table.primary.columns)))
        for key in table.uniques:
            found.add((table.key[1], key.name, "0", ",".join(key.columns)))
        for index in table.indexes:
            if not index.implied:
                parts = ",".join(part.key for part in index.parts)
                found.add((table.key[1], index.name, "0" if index.unique else "1", parts))
    return found


def foreign(catalog: Catalog) -> set[tuple[str, ...]]:
    return {
        (
            table.key[1],
            key.name,
            ",".join(key.columns),
            key.table[1],
            ",".join(key.referenced),
            key.on_delete or "restrict",
            key.on_update or "restrict",
        )
        for table in catalog.tables.values()
        for key in table.foreigns
    }
