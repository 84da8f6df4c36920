"""Whatever the source, reading ends: with queries, or with a reason why not."""

from __future__ import annotations

import ast
import contextlib
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_reading import project

from archcheck.source import Unread

names = st.sampled_from(["a", "b", "q", "x", "parts", "self", "cursor", "request", "session", "TABLE"])
atoms = st.one_of(
    names,
    st.sampled_from(
        ["'SELECT * FROM t WHERE a = '", "'%s'", "'{}'", "1", "None", "'x'", "[]", "{}", "()", "request.args", "self.t"]
    ),
)


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} + {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} % {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} * {p[1]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} or {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"[{p[0]}, {p[1]}]"),
        st.tuples(inner, inner).map(lambda p: f"{{{p[0]}: {p[1]}}}"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]})[{p[1]}]"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}).join({p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}).format({p[1]}, *{p[1]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]}).replace({p[1]}, {p[2]})"),
        st.tuples(names, inner, inner).map(lambda p: f"[{p[1]} for {p[0]} in {p[2]}]"),
        inner.map(lambda p: f"helper({p})"),
        inner.map(lambda p: f"cursor.execute({p})"),
        inner.map(lambda p: f"({p}).x.append({p})"),
        names.map(lambda n: f"f'SELECT a FROM t WHERE b = {{{n}}}'"),
    )


expressions = st.recursive(atoms, combined, max_leaves=8)


def nested(inner: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    def indent(head: str, lines: list[str]) -> list[str]:
        return [head, *("    " + line for line in lines)]

    return st.one_of(
        st.tuples(expressions, inner, inner).map(lambda p: [*indent(f"if {p[0]}:", p[1]), *indent("else:", p[2])]),
        st.tuples(names, expressions, inner).map(lambda p: indent(f"for {p[0]} in {p[1]}:", p[2])),
        st.tuples(expressions, inner).map(lambda p: indent(f"while {p[0]}:", [*p[1], "break"])),
        st.tuples(inner, inner).map(lambda p: [*indent("try:", p[0]), *indent("except Exception:", p[1])]),
        st.tuples(expressions, names, inner).map(lambda p: indent(f"with {p[0]} as {p[1]}:", p[2])),
        st.tuples(inner, inner).map(lambda p: [*p[0], *p[1]]),
    )


statements = st.recursive(
    st.one_of(
        st.tuples(names, expressions).map(lambda p: [f"{p[0]} = {p[1]}"]),
        st.tuples(names, expressions).map(lambda p: [f"{p[0]} += {p[1]}"]),
        st.tuples(names, expressions, expressions).map(lambda p: [f"{p[0]}[{p[1]}] = {p[2]}"]),
        expressions.map(lambda p: [f"cursor.execute({p})"]),
        expressions.map(lambda p: [f"return {p}"]),
    ),
    nested,
    max_leaves=10,
)


@settings(max_examples=150, deadline=None)
@given(statements, statements)
def test_generated_functions_are_followed_to_the_end(body: list[str], helper: list[str]):
    source = "from flask import request\nimport sqlite3\ncursor = sqlite3.connect('').cursor()\nclass C:\n"
    source += "    def __init__(self, t):\n        self.t = t\n    def f(self, a, x):\n"
    source += "".join(f"        {line}\n" for line in body)
    source += "def helper(b):\n" + "".join(f"    {line}\n" for line in helper)
    ast.parse(source)
    assert project({"app/a.py": source}) == project({"app/a.py": source})


SEED = """
from fastapi import APIRouter, Depends, Query
from sqlalchemy import text
import sqlite3
router = APIRouter()
ALLOWED = {"a": "b"}

@router.get("/x/{name}")
async def find(name: str, order: str = Query("id"), db=Depends(session)):
    parts = [f"name = '{name}'"]
    if order not in ALLOWED:
        raise ValueError(f"no {order!r}")
    async with db.begin() as c:
        rows = await c.execute(text("SELECT * FROM t WHERE " + " AND ".join(parts) + f" ORDER BY {order}"))
    match order:
        case "a" | "b":
            return [row for row in rows if (n := row.id) > 1]
    return {**{k: v for k, v in rows}, "x": lambda y, *z, **w: y}
"""


@pytest.mark.parametrize("seed", range(60))
def test_mutilated_source_is_read_or_refused(seed: int):
    chance = random.Random(seed)
    text = list(SEED)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(text))
        text[at : at + chance.randint(0, 4)] = chance.choice(
            ["", "(", ")", "'", '"', "\n", "    ", "{", "}", "é", "\0", "f'", "if ", "=", ":", ".x"]
        )
    with contextlib.suppress(Unread):
        project({"app/a.py": "".join(text)})


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes):
    with contextlib.suppress(Unread):
        project({"app/a.py": data})


@pytest.mark.parametrize(
    "source",
    [
        "s = 'ab'\n" + "s = s + s\n" * 60 + "cursor.execute('SELECT 1 FROM ' + s)\n",
        "s = {}\n"
        + "".join(f"d{i} = {{'a': d{i - 1}, 'b': d{i - 1}}}\n" if i else "d0 = {'a': 1}\n" for i in range(60))
        + "cursor.execute('SELECT ' + d59)\n",
        "q = 'SELECT 1'\n"
        + "".join(f"if a{i}:\n    q += str(b{i})\nelse:\n    q += c{i}\n" for i in range(300))
        + "db.execute(q)\n",
        "def f(x):\n    return g(x) + g(x)\ndef g(x):\n    return f(x) + f(x)\ncursor.execute('SELECT ' + f(1))\n",
        "class A(B): pass\nclass B(A):\n    def f(self):\n        db.execute('SELECT ' + self.x)\n",
        "a = b\nb = a\ndb.execute('SELECT a FROM ' + a)\n",
        "q = 'a' * 1000\n" + "q = q.replace('a', q)\n" * 20 + "db.execute(q)\n",
        "x = [" + "0, " * 20_000 + "]\ndb.execute('SELECT a FROM t WHERE b IN ' + str(x))\n",
        "def f():\n" + "".join(" " * (i + 1) + "for a in b:\n" for i in range(18)) + " " * 20 + "db.execute(a)\n",
        "q = x\n"
        + "".join(f"def f{i}(a):\n    return f{i + 1}(a) + f{i + 1}(a) + f{i + 1}(a)\n" for i in range(40))
        + "db.execute(f0(q))\n",
        "db.execute(" + "f(" * 150 + "x" + ")" * 150 + ")\n",
        "db.execute('SELECT ' + " + " + ".join(f"x{i}" for i in range(1_900)) + ")\n",
    ],
    ids=[
        "doubling",
        "diamond",
        "branches",
        "mutual",
        "bases",
        "circle",
        "replace",
        "list",
        "loops",
        "helpers",
        "calls",
        "sum",
    ],
)
def test_what_could_blow_up_does_not(source: str):
    begin = time.process_time()
    with contextlib.suppress(Unread):
        project({"app/a.py": "import sqlite3\ncursor = db = sqlite3.connect('')\n" + source})
    assert time.process_time() - begin < 3.0
