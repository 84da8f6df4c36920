"""Queries: which calls are, what their text is made of, and where each hole comes from."""

from __future__ import annotations

import pytest
from python_reading import only, queries, shape

CURSOR = "import sqlite3\ncursor = sqlite3.connect('x').cursor()\n"


def body(lines: str, parameters: str = "x") -> str:
    indented = "".join(f"    {line}\n" for line in lines.strip("\n").split("\n"))
    return f"{CURSOR}def f({parameters}):\n{indented}"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ("cursor.execute('SELECT 1')", "SELECT 1"),
        ("cursor.execute(f\"SELECT '{x}'\")", "SELECT '{parameter:value}'"),
        ("cursor.execute('a = %s' % x)", "a = {parameter:value}"),
        ("cursor.execute('a = %d' % x)", "a = {number:value}"),
        ("cursor.execute('a = %(k)s' % {'k': x})", "a = {parameter:value}"),
        ("cursor.execute('a = {} {}'.format(1, x))", "a = 1 {parameter:fragment}"),
        ("cursor.execute('a = {k:d}'.format(k=x))", "a = {number:value}"),
        ("cursor.execute('a = ' + x + ' b')", "a = {parameter:value} b"),
        ("cursor.execute(' '.join(['a', '=', x]))", "a = {parameter:value}"),
        ("cursor.execute('a = [V]'.replace('[V]', x))", "a = {parameter:value}"),
        ("q = 'a = '\nq += x\ncursor.execute(q)", "a = {parameter:value}"),
        ("parts = ['a']\nparts.append(f'= {x}')\ncursor.execute(' '.join(parts))", "a = {parameter:value}"),
        ("q = 'a'\nif x:\n    q += ' = ' + x\ncursor.execute(q)", "a = {parameter:value}"),
        ("q = 'a = ' + x\nq = 'b'\ncursor.execute(q)", "b"),
        ("q = x if x else 'a'\ncursor.execute(q)", "{parameter:whole}"),
        ("for c in ('a', 'b'):\n    cursor.execute('DROP TABLE ' + c)", "DROP TABLE a"),
        ("m = ','.join(['%s'] * len(x))\ncursor.execute(f'a IN ({m})')", "a IN ({placeholders:value})"),
        ("m = ','.join('?' * len(x))\ncursor.execute(f'a IN ({m})')", "a IN ({placeholders:value})"),
        ("cursor.execute('a = ' + x.get('k', '?'))", "a = {placeholders:value}"),
        ("cursor.execute(f'LIMIT {x + 1}')", "LIMIT {number:value}"),
        ("cursor.execute(f'LIMIT {int(x)}')", "LIMIT {number:value}"),
        ("cursor.execute(f\"= '{x.upper().strip()}'\")", "= '{parameter:value}'"),
        ("cursor.execute('FROM ' + quote_ident(x))", "FROM {quoted:identifier}"),
        ("match x:\n    case 'a' | 'b':\n        cursor.execute('= ' + x)", "= {allowed:value}"),
        ("try:\n    n = int(x)\nexcept ValueError:\n    return\ncursor.execute(f'= {n}')", "= {number:value}"),
        ("y = x\nz = y\ncursor.execute(f'= {z}')", "= {parameter:value}"),
        ("if (y := x):\n    cursor.execute(f'= {y}')", "= {parameter:value}"),
        ("a, b = 'k', x\ncursor.execute(f'{a} = {b}')", "k = {parameter:value}"),
        ("d = {'a': '1', 'b': '2'}\ncursor.execute('= ' + d[x])", "= 1"),
        ("d = {'a': '1'}\ncursor.execute('= ' + d.get(x, '2'))", "= 1"),
        ("w = [f'{k} = ?' for k in x]\ncursor.execute('WHERE ' + ' AND '.join(w))", "WHERE {parameter:identifier} = ?"),
    ],
)
def test_how_strings_are_made(lines: str, text: str):
    found = queries(body(lines))
    assert [shape(query) for query in found] == [text]


@pytest.mark.parametrize(
    "guard",
    [
        "if x not in ('a', 'b'):\n    raise ValueError",
        "if x not in ALLOWED:\n    return",
        "if not x.isidentifier():\n    raise ValueError(x)",
        "assert x in ALLOWED",
        "if not re.fullmatch('[a-z]+', x):\n    raise ValueError",
        "x = x if x in ALLOWED else 'id'",
        "validate_name(x)",
        "if x == 'a' or x in ALLOWED:\n    pass\nelse:\n    return",
        "x = re.sub('[^a-z]', '', x)",
        "x = Column(x)",
        "if '\"' in x:\n    raise ValueError",
        "if not is_valid_column(x):\n    return None",
    ],
)
def test_what_was_compared_is_allowed(guard: str):
    source = body(f"{guard}\ncursor.execute(f'SELECT a FROM t ORDER BY {{x}}')")
    source = f"import enum\nimport re\nALLOWED = load()\nclass Column(enum.Enum):\n    A = 'a'\n{source}"
    (query,) = queries(source)
    assert query.pasted == ()
    assert all(hole.safe for hole in query.holes)


def test_a_guard_that_is_no_guard():
    query = only(body("if x:\n    log(x)\nif x in x:\n    pass\ncursor.execute(f'= {x}')"))
    assert [hole.origin for hole in query.pasted] == ["parameter"]


@pytest.mark.parametrize(
    ("annotation", "origin"),
    [
        ("int", "number"),
        ("uuid.UUID", "number"),
        ("int | None", "number"),
        ("Optional[int]", "number"),
        ("'int'", "number"),
        ("Literal['a', 'b']", "constant"),
        ("Colour", "constant"),
        ("str", "parameter"),
        ("Annotated[int, Path()]", "number"),
        ("date", "number"),
        ("str | int", "parameter"),
    ],
)
def test_what_an_annotation_proves(annotation: str, origin: str):
    enum = "from enum import Enum\nclass Colour(Enum):\n    RED = 'red'\n"
    query = only(enum + body('cursor.execute(f"= {x}")', f"x: {annotation}"))
    assert [hole.origin for hole in query.holes] == [origin]


@pytest.mark.parametrize(
    ("setup", "call", "family"),
    [
        ("import sqlite3", "sqlite3.connect('x').execute(f'= {x}')", "DB-API"),
        ("import psycopg2", "psycopg2.connect('').cursor().execute(f'= {x}')", "DB-API"),
        ("import psycopg", "psycopg.connect('').execute(f'= {x}')", "DB-API"),
        ("import MySQLdb as m", "m.connect().cursor().executemany(f'= {x}', [])", "DB-API"),
        ("import mysql.connector", "mysql.connector.connect().cursor().execute(f'= {x}')", "DB-API"),
        ("import sqlite3\nfrom contextlib import closing", "closing(sqlite3.connect('')).execute(f'= {x}')", "DB-API"),
        ("from sqlalchemy import text", "text(f'= {x}')", "SQLAlchemy"),
        ("from sqlalchemy.sql.expression import text as t", "t(f'= {x}')", "SQLAlchemy"),
        ("import sqlalchemy as sa", "sa.literal_column(f'= {x}')", "SQLAlchemy"),
        ("from sqlalchemy import create_engine", "create_engine('').connect().exec_driver_sql(f'= {x}')", "SQLAlchemy"),
        ("from sqlalchemy.orm import sessionmaker\nS = sessionmaker()", "S().execute(f'= {x}')", "SQLAlchemy"),
        ("from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()", "db.session.execute(f'= {x}')", "SQLAlchemy"),
        (
            "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()",
            "db.session.execute(db.text(f'= {x}'))",
            "SQLAlchemy",
        ),
        ("from alembic import op", "op.execute(f'= {x}')", "SQLAlchemy"),
        ("from django.db import connection", "connection.cursor().execute(f'= {x}')", "DB-API"),
        ("from django.db import connections", "connections['a'].cursor().execute(f'= {x}')", "DB-API"),
        ("from django.db.models.expressions import RawSQL", "RawSQL(f'= {x}', [])", "Django"),
        ("import django", "User.objects.raw(f'SELECT a FROM t WHERE b = {x}')", "Django"),
        ("import django", "User.objects.extra(where=[f'a = {x}'])", "Django"),
        ("from psycopg import sql", "sql.SQL(f'= {x}')", "psycopg"),
        ("import pandas as pd", "pd.read_sql(f'= {x}', None)", "pandas"),
        ("from app.db import session", "session.execute(f'SELECT a FROM t WHERE b = {x}')", "SQLAlchemy"),
        ("import app", "app.make().execute(f'SELECT a FROM t WHERE b = {x}')", "DB-API"),
    ],
)
def test_what_takes_sql(setup: str, call: str, family: str):
    query = only(f"{setup}\ndef f(x):\n    return {call}\n")
    assert (query.family, [hole.origin for hole in query.pasted]) == (family, ["parameter"])


@pytest.mark.parametrize("library", ["Session", "scoped_session", "Connection", "Engine"])
def test_receivers_by_annotation(library: str):
    source = f"import sqlalchemy.orm as o\ndef f(x, it: o.{library} | None):\n    it.execute(f'= {{x}}')\n"
    assert only(source).pasted


def test_receivers_by_a_name_for_an_annotation_and_by_attributes_of_self():
    source = """
        from typing import Annotated
        from fastapi import Depends
        from sqlalchemy.ext.asyncio import AsyncSession

        Db = Annotated[AsyncSession, Depends(connect)]

        class Users:
            def __init__(self, it: AsyncSession):
                self.it = it

            async def find(self, x):
                await self.it.execute(f"= {x}")

        async def handler(x, it: Db):
            await it.execute(f"= {x}")
    """
    import textwrap

    assert [query.function for query in queries(textwrap.dedent(source))] == ["app.main:Users.find", "app.main:handler"]


@pytest.mark.parametrize(
    "lines",
    [
        "ThreadPoolExecutor().execute(f'delete {x}')",
        "pool.submit(f'SELECT a FROM t WHERE b = {x}')",
        "subprocess.run(f'echo {x}')",
        "session.execute(select(User).where(User.name == x))",
        "session.execute(statement)",
        "logger.info(f'select {x} from the list')",
        "raise ValueError('please update the set ' + x)",
        "Response.text(f'{x}')",
        "client.fetch(f'https://example.com/{x}')",
        "worker.execute(f'{x} items from the list')",
        "requests.get('SELECT', params=x)",
        "page.text(f'SELECT {x} from the menu')",
    ],
)
def test_what_is_no_query(lines: str):
    assert queries(f"def f(x, session, statement, pool, client, worker, page):\n    {lines}\n") == []


def test_psycopg_composition_is_silent():
    source = """
import psycopg2
from psycopg2 import sql
def f(connection: psycopg2.extensions.connection, x):
    cursor = connection.cursor()
    cursor.execute(sql.SQL("SELECT a FROM {} WHERE b = {}").format(sql.Identifier(x), sql.Literal(x)))
    cursor.execute(cursor.mogrify("SELECT %s", (x,)))
"""
    assert all(not query.pasted for query in queries(source))


FLASK = "from flask import Flask, request\nimport sqlite3\napp = Flask(__name__)\ndb = sqlite3.connect('')\n"
FASTAPI = "from fastapi import FastAPI, Depends, Query, Request\nfrom sqlalchemy import text\napp = FastAPI()\n"


@pytest.mark.parametrize(
    "source",
    [
        FLASK + "@app.route('/<name>')\ndef f(name):\n    db.execute('= ' + name)\n",
        FLASK + "@app.route('/')\ndef f():\n    db.execute('= ' + request.args['q'])\n",
        FLASK + "@app.route('/')\ndef f():\n    q = request.form.get('q', '')\n    db.execute(f\"= '{q.strip()}'\")\n",
        FLASK + "@app.route('/')\ndef f():\n    q = request.get_json()\n    db.execute(f\"= '{q['a']['b']}'\")\n",
        FASTAPI + "@app.get('/')\ndef f(q: str):\n    text('= ' + q)\n",
        FASTAPI + "@app.get('/')\ndef f(q: str | None = None):\n    text(f'= {q}')\n",
        FASTAPI + "@app.get('/')\ndef f(q=Query(None)):\n    text(f'= {q}')\n",
        FASTAPI + "@app.get('/')\nasync def f(r: Request):\n    b = await r.json()\n    text(f\"= {b['q']}\")\n",
        FASTAPI + "@app.get('/')\nasync def f(r: Request):\n    text(f\"= {r.query_params['q']}\")\n",
        FASTAPI + "from pydantic import BaseModel\nclass B(BaseModel):\n    q: str\n"
        "@app.post('/')\ndef f(b: B):\n    text(f'= {b.q}')\n",
        "from django.db import connection\ndef view(request):\n    with connection.cursor() as c:\n"
        "        c.execute('= ' + request.GET.get('q'))\n",
        "from rest_framework.views import APIView\nfrom django.db import connection\n"
        "class V(APIView):\n    def get(self, request):\n"
        "        connection.cursor().execute('= ' + self.request.query_params['q'])\n",
    ],
)
def test_what_a_client_sends(source: str):
    assert [hole.origin for hole in only(source).pasted] == ["request"]


@pytest.mark.parametrize(
    "source",
    [
        FLASK + "@app.route('/<int:n>')\ndef f(n):\n    db.execute(f'= {n}')\n",
        FLASK + "@app.route('/')\ndef f():\n    n = request.args.get('n', type=int)\n    db.execute(f'= {n}')\n",
        FASTAPI + "@app.get('/')\ndef f(n: int):\n    text(f'= {n}')\n",
        FASTAPI + "@app.get('/')\ndef f(q: str):\n    text('= :q').bindparams(q=q)\n",
    ],
)
def test_what_a_client_cannot_abuse(source: str):
    assert only(source).pasted == ()


def test_what_is_injected_is_not_what_a_client_sends():
    query = only(FASTAPI + "@app.get('/')\ndef f(user=Depends(current)):\n    text(f'= {user.name}')\n")
    assert [hole.origin for hole in query.pasted] == ["unknown"]


def test_the_way_is_shown_from_source_to_sink():
    query = only(
        FLASK + "@app.route('/')\ndef f():\n    q = request.args['q']\n    sql = '= ' + q\n    db.execute(sql)\n"
    )
    (hole,) = query.pasted
    assert hole.text == "q"
    assert [(step.at.line, step.label) for step in hole.trail] == [
        (7, "a client sends this"),
        (8, "it goes into `sql`"),
    ]
    assert (query.at.line, query.sink, query.function) == (9, "db.execute", "app.main:f")


def test_holes_stand_where_they_are_pasted_whatever_the_interpreter():
    source = (
        'import sqlite3\n\ndef f(x, c: sqlite3.Cursor):\n    c.execute(f"""\n      SELECT 1\n      = {x}\n    """)\n'
    )
    (hole,) = only(source).holes
    assert (hole.at.line, hole.at.column) == (6, 10)


@pytest.mark.parametrize(
    ("call", "bound"),
    [
        ("c.execute('a', (1,))", True),
        ("c.execute('a')", False),
        ("c.execute('a', None)", False),
        ("c.execute('a', [])", False),
        ("c.execute('a', {'k': 1})", True),
        ("c.execute('a', params=x)", True),
    ],
)
def test_whether_values_are_bound(call: str, bound: bool):
    assert only(f"import sqlite3\ndef f(x, c: sqlite3.Cursor):\n    {call}\n").bound is bound


def test_values_bound_at_execute_belong_to_the_text():
    (query,) = queries(
        "from sqlalchemy import text\ndef f(session, x):\n    session.execute(text('a = :x'), {'x': x})\n"
    )
    assert query.bound


def test_a_helper_of_the_module_is_followed():
    source = body("cursor.execute('WHERE a' + tail(x))") + "def tail(v):\n    return f\" = '{v}'\"\n"
    assert shape(only(source)) == "WHERE a = '{parameter:value}'"


def test_an_inner_function_sees_what_is_around_it():
    source = (
        CURSOR + "def f(x):\n    q = '= ' + x\n    def run(c):\n"
        "        c.execute('SELECT a FROM t WHERE a ' + q)\n    return run\n"
    )
    assert [hole.origin for hole in only(source).pasted] == ["parameter"]


@pytest.mark.parametrize(
    ("path", "source", "place"),
    [
        ("tests/test_a.py", "import pytest\n", "test"),
        ("app/testing.py", "", "service"),
        ("app/test_a.py", "def test_it(): ...\n", "test"),
        ("tests/data/seed.py", "", "service"),
        ("alembic/versions/1.py", "revision = 'a'\ndown_revision = None\n", "migration"),
        (
            "shop/migrations/0001_a.py",
            "from django.db import migrations\nclass Migration(migrations.Migration):\n    operations = []\n",
            "migration",
        ),
    ],
)
def test_the_kind_of_code_is_told_by_evidence(path: str, source: str, place: str):
    (query,) = queries(source + CURSOR + "cursor.execute('SELECT 1')\n", path)
    assert query.place == place
