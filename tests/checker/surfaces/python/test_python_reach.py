"""Whose text arrives at a query, from module to module."""

from __future__ import annotations

import pytest
from python_reading import project, shape

STORE = """\
import sqlite3


class Store:
    def __init__(self, connection: sqlite3.Connection):
        self.connection = connection

    def find(self, name, kind="user"):
        return self.connection.execute(f"SELECT * FROM users WHERE name = '{name}'").fetchall()


class Other(Store):
    pass


def find(connection: sqlite3.Connection, name):
    return Store(connection).find(name)


def run(connection, sql, values=()):
    return connection.execute(sql, values)
"""
APP = "from fastapi import Depends, FastAPI\n{imports}\n\napp = FastAPI()\n\n\n@app.get('/users')\n{handler}\n"


def read(handler: str, imports: str, **modules: str):
    files = {"app/__init__.py": "", "app/store.py": STORE, "app/main.py": APP.format(imports=imports, handler=handler)}
    return project({**files, **{f"app/{name}.py": text for name, text in modules.items()}})


@pytest.mark.parametrize(
    ("imports", "handler"),
    [
        ("from app.store import find", "def h(q: str, c=Depends()):\n    return find(c, q)"),
        ("from app.store import find", "def h(q: str, c=Depends()):\n    return find(c, name=q.strip())"),
        ("from app.store import find as look", "def h(q: str, c=Depends()):\n    t = q\n    return look(c, t)"),
        ("from app import store", "def h(q: str, c=Depends()):\n    return store.find(c, q)"),
        ("from .store import Store", "def h(q: str, s: Store = Depends()):\n    return s.find(q)"),
        ("from .store import Other", "def h(q: str, s: Other = Depends()):\n    return s.find(q)"),
        ("from .store import Store", "def h(q: str):\n    s = Store(None)\n    return s.find(kind='x', name=q)"),
        ("from app import find", "def h(q: str, c=Depends()):\n    return find(c, q)"),
        ("from app.deep import first", "def h(q: str, c=Depends()):\n    return first(c, q)"),
    ],
)
def test_a_clients_text_is_followed_to_the_query(imports: str, handler: str):
    deep = "from app.store import find\n\n\ndef first(c, q):\n    return second(c, q)\n\n\ndef second(c, text):\n"
    found = read(handler, imports, __init__="from .store import find\n", deep=deep + "    return find(c, text)\n")
    (query,) = [query for query in found if query.at.path == "app/store.py" and query.parts]
    assert shape(query) == "SELECT * FROM users WHERE name = '{request:value}'"
    assert query.pasted[0].trail[0].at.path == "app/main.py"
    assert query.pasted[0].trail[0].label == "a client sends `q`"


@pytest.mark.parametrize(
    "handler",
    [
        "def h(q: int, c=Depends()):\n    return find(c, q)",
        "def h(q: str, c=Depends()):\n    return find(c, 'x')",
        "def h(q: str, c=Depends()):\n    return find(q, 'x')",
        "def h(q: str, c=Depends()):\n    if q not in ('a', 'b'):\n        return None\n    return find(c, q)",
    ],
)
def test_what_is_no_clients_text_stays_a_parameter(handler: str):
    (query,) = read(handler, "from app.store import find")
    assert shape(query) == "SELECT * FROM users WHERE name = '{parameter:value}'"


def test_text_handed_to_a_wrapper_is_a_query_where_it_is_handed_over():
    handler = 'def h(q: str, c=Depends()):\n    return run(c, "SELECT * FROM orders WHERE state = \'" + q + "\'")'
    found = [query for query in read(handler, "from app.store import run") if query.at.path == "app/main.py"]
    assert [(shape(query), query.sink) for query in found] == [
        ("SELECT * FROM orders WHERE state = '{request:value}'", "run")
    ]
    assert found[0].pasted[0].trail[-1].at.path == "app/store.py"


def test_a_wrapper_alone_is_no_query():
    handler = "def h(q: str, c=Depends()):\n    return run(c, 'SELECT * FROM orders WHERE state = ?', (q,))"
    found = read(handler, "from app.store import run")
    assert [query.at.line for query in found] == [9]


def test_circles_of_calls_end():
    loop = "from app.store import find\n\n\ndef a(c, q):\n    b(c, q)\n    find(c, q)\n\n\ndef b(c, q):\n    a(c, q)\n"
    (query,) = read("def h(q: str, c=Depends()):\n    return b(c, q)", "from app.loop import b", loop=loop)
    assert query.pasted[0].origin == "request"
