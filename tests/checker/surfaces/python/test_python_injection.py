"""What examples and fixtures call pasted can be injected: it reads a table that it has no business with.

The text of each query that the regular profile names is filled with something harmless and with attacks, and run on a
database in memory that has the tables and columns the harmless text names, and a vault. What connects to a database in
the example does not matter here; `tests/test_injection.py` runs the functions of one fixture as they stand.
"""

from __future__ import annotations

import ast
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from python_reading import project

from archcheck import packs
from archcheck.examples import Content, Want, examples, expected
from archcheck.surfaces.python import Hole, Query

ROOT = Path(__file__).resolve().parents[4]
PASTING = ("interpolated-query", "interpolated-identifier")
STOLEN = "(SELECT loot FROM vault)"
STARTS = ("x'", "x')", "0", "0)", "name", "name FROM vault")
ATTACKS = (
    *(f"{start} UNION SELECT {', '.join(['loot'] * width)} FROM vault --" for start in STARTS for width in range(1, 5)),
    f"x' || {STOLEN} || '",
    f"x' OR {STOLEN} > 0 OR 'a' = '",
    f"1 OR {STOLEN} > 0",
    f"{STOLEN}",
    f"name = {STOLEN}, name",
    f"{STOLEN} AS id, 1 AS name FROM vault --",
    "(SELECT loot AS id, loot AS name, loot AS value, loot AS payload FROM vault) AS t --",
)
_TABLES = re.compile(r"(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+([a-z_]\w*)")
_NAMES = re.compile(r"\b[a-z_]\w*")
_TEXTS = re.compile(r"'[^']*'")
_CASTS = re.compile(r"::\w+")
_MARKS = re.compile(r"%s|%\(\w+\)s|\$\d|\?|(?<![:\w]):[a-z_]\w*")


def wanted() -> Iterator[tuple[str, Query]]:
    """Each query that the rules on pasting name in the regular profile, with where it stands."""
    for rule in PASTING:
        entry = packs.load().rules[rule]
        cases = (ROOT / "tests" / "cases" / f"{rule}.md").read_text("utf-8")
        for example in (*examples(entry.docs), *examples(cases)):
            if example.word == "bad":
                yield from _found(rule, example.heading, example.files, example.wants)
    for folder in sorted((ROOT / "fixtures").iterdir()):
        told = expected({p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.py")})
        yield from _found("", folder.name, told.files, [want for want in told.wants if want.rule in PASTING])


def _found(rule: str, title: str, files: Mapping[str, Content], wants: Iterable[Want]) -> Iterator[tuple[str, Query]]:
    sources = {path: content for path, content in files.items() if path.endswith(".py") and _readable(content)}
    read = {(query.at.path, query.at.line): query for query in project(sources)} if wants else {}
    for want in wants:
        query = read[want.path, want.line]
        if (query.pasted and not query.doubtful(query.pasted[0])) or (query.chosen and query.reads_or_writes):
            yield f"{rule or want.rule} {title} {want.path}:{want.line}", query


def _readable(content: Content) -> bool:
    try:
        ast.parse(content)
    except (SyntaxError, ValueError):
        return False
    return True


ALL = list(wanted())


def text(query: Query, attack: str | None = None) -> str:
    """The statement as the database gets it: an attack in the worst hole, something harmless in the others."""
    target = (query.pasted or query.named)[0].text
    parts = [
        part if isinstance(part, str) else attack if attack is not None and part.text == target else harmless(part)
        for part in query.parts
    ]
    filled = _MARKS.sub("'b'", "".join(parts))
    around = {"extra": "SELECT * FROM members WHERE {}", "literal_column": "SELECT {} FROM members"}
    return around.get(query.sink.rpartition(".")[2], "{}").format(filled)


def harmless(hole: Hole) -> str:
    return "1" if hole.position in ("value", "fragment") and hole.origin != "constant" else "name"


def reads_the_vault(statement: str, benign: str) -> bool:
    """Whether a statement runs, and looks into a table that the harmless one does not name."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE vault (loot INTEGER)")
    columns = ", ".join(f'"{name}"' for name in sorted({*_NAMES.findall(_TEXTS.sub("", benign)), "id", "name"}))
    for table in sorted(set(_TABLES.findall(benign))):
        connection.execute(f'CREATE TABLE "{table}" ({columns})')
    read: set[str | None] = set()

    def watch(action: int, table: str | None, *rest: str | None) -> int:
        read.update([table] if action == sqlite3.SQLITE_READ else [])
        return sqlite3.SQLITE_OK

    connection.set_authorizer(watch)
    try:
        connection.execute(_CASTS.sub("", statement).replace("ILIKE", "LIKE")).fetchall()
    except (sqlite3.Error, sqlite3.Warning):
        return False
    finally:
        connection.close()
    return "vault" in read


@pytest.mark.parametrize("query", [query for _, query in ALL], ids=[name for name, _ in ALL])
def test_what_is_called_pasted_can_be_injected(query: Query):
    benign = text(query)
    assert any(reads_the_vault(text(query, attack), benign) for attack in ATTACKS), benign


def test_harmless_texts_read_nothing_else():
    assert not any(reads_the_vault(text(query), text(query)) for _, query in ALL)


def test_no_example_is_left_out():
    assert len(ALL) > 25
