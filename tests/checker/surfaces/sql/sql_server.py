"""A real PostgreSQL for the time of the tests, and its catalog in the form in which ours is compared with it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sql_histories import history

from archcheck.surfaces.sql.catalog import Catalog
from archcheck.surfaces.sql.types import canonical

ACTIONS = {"a": "", "n": "set null", "d": "set default", "c": "cascade", "r": "restrict", " ": ""}
QUERY = """
SELECT json_build_object(
  'columns', (
    SELECT json_agg(json_build_array(n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                                     NOT a.attnotnull))
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname IN ('public', 'shop')),
  'constraints', (
    SELECT json_agg(json_build_array(n.nspname, c.relname, k.conname, k.contype,
      (SELECT json_agg(a.attname ORDER BY o) FROM unnest(k.conkey) WITH ORDINALITY x (num, o)
       JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.num),
      fn.nspname, f.relname,
      (SELECT json_agg(a.attname ORDER BY o) FROM unnest(k.confkey) WITH ORDINALITY x (num, o)
       JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.num),
      k.confdeltype, k.confupdtype))
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_class f ON f.oid = k.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
    WHERE n.nspname IN ('public', 'shop') AND k.contype IN ('p', 'u', 'x', 'f', 'c')),
  'indexes', (
    SELECT json_agg(json_build_array(n.nspname, c.relname, i.relname, x.indisunique, x.indpred IS NOT NULL,
      (SELECT json_agg(coalesce(a.attname, '') ORDER BY o)
       FROM unnest(string_to_array(x.indkey::text, ' ')::int[]) WITH ORDINALITY q (num, o)
       LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = q.num AND q.num <> 0
       WHERE o <= x.indnkeyatts), am.amname))
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am am ON am.oid = i.relam
    WHERE n.nspname IN ('public', 'shop')
      AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid AND k.conrelid = c.oid)))
"""
# The columns that have a default, and what it is.
DEFAULTS = """
SELECT coalesce(json_agg(json_build_array(n.nspname, c.relname, a.attname, pg_get_expr(d.adbin, d.adrelid))), '[]')
FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE a.attgenerated = '' AND n.nspname IN ('public', 'shop')
"""
LITERAL = re.compile(r"(?:'([^']*)'|(-?[\d.]+|true|false))(?:::.*)?", re.IGNORECASE)


def program(name: str) -> str:
    found = shutil.which(name)
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = found or (str(installed[-1]) if installed else "")
    if not path:
        pytest.skip(f"PostgreSQL's {name} is not installed")
    return path


def running() -> Iterator[list[str]]:
    """The psql command of a server on a free loopback port; root may not run one, so another user does."""
    initdb, pg_ctl, psql = program("initdb"), program("pg_ctl"), program("psql")
    user: dict[str, Any] = {"user": "nobody"} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="archcheck-pg-") as folder, socket.socket() as probe:
        if user:
            shutil.chown(folder, "nobody")
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        run = {"cwd": folder, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **user}
        make = [initdb, "-D", f"{folder}/data", "-U", "proof", "--auth=trust", "-E", "UTF8", "--no-locale"]
        made = subprocess.run(make, stderr=subprocess.PIPE, text=True, **run)
        if made.returncode:
            pytest.skip(f"PostgreSQL's initdb does not work here: {made.stderr.strip()}")
        start = [pg_ctl, "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "-w", "-t", "30", "start"]
        if subprocess.run(start, stderr=subprocess.DEVNULL, **run).returncode:
            pytest.skip(f"PostgreSQL does not start here: {logged(folder)}")
        try:
            yield [psql, "-h", "127.0.0.1", "-p", str(port), "-U", "proof", "-X", "-q", "-At", "-d", "postgres"]
        finally:
            stop = [pg_ctl, "-D", f"{folder}/data", "-m", "immediate", "stop"]
            subprocess.run(stop, stderr=subprocess.DEVNULL, **run)


def place(server: list[str]) -> tuple[str, str, str, str]:
    """The user, host, port and database of a psql command."""
    options = dict(zip(server[1::2], server[2::2], strict=False))
    return options["-U"], options["-h"], options["-p"], server[-1]


def logged(folder: str) -> str:
    """The end of what a server wrote into its log."""
    log = Path(folder, "log")
    return log.read_text("utf-8").strip()[-2000:] if log.is_file() else "it has no log"


def ask(server: list[str], sql: str) -> str:
    done = subprocess.run([*server, "-v", "ON_ERROR_STOP=1"], input=sql, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(answer: dict[str, list[list[Any]]]) -> dict[str, set[tuple[object, ...]]]:
    """The server's catalog, in the form in which ours is compared."""
    constraints: dict[str, set[tuple[object, ...]]] = {"keys": set(), "foreign keys": set(), "checks": set()}
    for schema, table, name, kind, columns, to_schema, to, to_columns, on_delete, on_update in answer["constraints"]:
        key = (plain(schema), table, name)
        if kind == "c":
            constraints["checks"].add(key)
        elif kind == "f":
            target = (plain(to_schema), to, tuple(to_columns), ACTIONS[on_delete], ACTIONS[on_update])
            constraints["foreign keys"].add((*key, tuple(columns), *target))
        else:
            constraints["keys"].add((*key, kind == "p", tuple(columns)))
    columns = {
        (plain(schema), table, name, "" if table.startswith("copy") else kind, nullable)
        for schema, table, name, kind, nullable in answer["columns"]
    }
    indexes = {
        (plain(schema), table, name, unique, partial, tuple(keys), method)
        for schema, table, name, unique, partial, keys, method in answer["indexes"]
    }
    return {"columns": columns, "indexes": indexes, **constraints}


def told_defaults(answer: list[list[str]]) -> set[tuple[object, ...]]:
    """The server's defaults, in the form in which ours are compared: their values where those are plain."""
    return {(plain(schema), table, column, literal(default)) for schema, table, column, default in answer}


def literal(default: str) -> str:
    found = LITERAL.fullmatch(default)
    return (found[1] if found[1] is not None else found[2]).lower() if found else "?"


def plain(schema: str) -> str:
    return "" if schema == "public" else schema


def replayed(script: str) -> dict[str, set[tuple[object, ...]]]:
    """Our catalog at the end of a script in the same form."""
    return ours(history(script).final)


def ours(catalog: Catalog) -> dict[str, set[tuple[object, ...]]]:
    """A catalog of ours in the same form. Types of columns made by a query are the server's affair: ours are empty."""
    found: dict[str, set[tuple[object, ...]]] = {
        name: set() for name in ("columns", "keys", "foreign keys", "checks", "indexes")
    }
    for table in catalog.tables.values():
        found["columns"] |= {(*table.key, c.key, canonical(c.type), c.nullable) for c in table.columns}
        for key in (table.primary, *table.uniques):
            if key is not None:
                columns = key.columns or tuple(part.key for part in key.parts)
                found["keys"].add((*table.key, key.name, key.kind == "primary", columns))
        found["checks"] |= {(*table.key, check.name) for check in table.checks}
        for f in table.foreigns:
            actions = ("" if action == "no action" else action for action in (f.on_delete, f.on_update))
            found["foreign keys"].add((*table.key, f.name, f.columns, *f.table, f.referenced, *actions))
        for i in table.indexes:
            keys = tuple(part.key for part in i.parts)
            found["indexes"].add((*table.key, i.name, i.unique, bool(i.predicate), keys, i.method or "btree"))
    return found


def our_defaults(catalog: Catalog) -> set[tuple[object, ...]]:
    """The defaults of a catalog of ours; a serial has one of the server's."""
    return {
        (*table.key, column.key, literal(column.default or ""))
        for table in catalog.tables.values()
        for column in table.columns
        if column.default is not None or column.generated == "serial"
    }
