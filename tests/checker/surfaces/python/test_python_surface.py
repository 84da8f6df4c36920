"""The surface as the engine sees it."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from python_reading import MemoryFiles, project

from archcheck.source import Source, Unread
from archcheck.surface import Settings, Surface, Tree, Unit
from archcheck.surfaces.python import Query
from archcheck.surfaces.python.surface import Python


def read(files: dict[str, str | bytes], path: str):
    door = MemoryFiles(files)
    surface = Python()
    paths = tuple(sorted(files))
    marks = {name: "python" for name in paths if name.endswith(".py")}
    (unit,) = [unit for unit in surface.units(Tree(paths, marks), door) if unit.name == path]
    return surface.read(unit, door, None, Settings()), door


def test_every_module_is_a_unit_and_nothing_is_looked_into():
    surface: Surface = Python()
    assert not surface.sniffs
    assert surface.sniff(Source("app/a.py", b"")) == "python"
    paths = ("app/__init__.py", "app/a.py", "app/a.pyi", "notes.ipynb", "setup.py")
    units = list(surface.units(Tree(paths, dict.fromkeys(p for p in paths if p.endswith(".py"))), MemoryFiles({})))
    assert [(unit.name, unit.files, unit.facts) for unit in units] == [
        ("app/__init__.py", ("app/__init__.py",), "app"),
        ("app/a.py", ("app/a.py",), "app.a"),
        ("setup.py", ("setup.py",), "setup"),
    ]
    assert surface.owed("a.py", "python")
    assert not surface.owed("a.pyi", "")
    assert not surface.owed("a.ipynb", "")


def test_units_of_five_thousand_files_cost_little():
    paths = tuple(sorted(f"app/p{i % 70}/m{i}.py" for i in range(5_000)))
    begin = time.process_time()
    assert len(list(Python().units(Tree(paths, dict.fromkeys(paths, "python")), MemoryFiles({})))) == 5_000
    assert time.process_time() - begin < 1.0


@pytest.mark.parametrize(
    ("source", "counts"),
    [
        ("x = 1\n", {"modules": 1}),
        ("revision = 'a'\ndown_revision = 'b'\ndef upgrade(): ...\n", {"modules": 1}),
        (
            "from django.db import migrations\nclass Migration(migrations.Migration):\n    dependencies = []\n",
            {"modules": 1},
        ),
        ("class Migration(Base):\n    operations = []\n", {"modules": 1}),
    ],
)
def test_what_is_counted(source: str, counts: dict[str, int]):
    model, _ = read({"app/a.py": source}, "app/a.py")
    assert model.coverage.counts == counts


def test_verdicts_that_are_withheld_are_counted():
    source = "import sqlite3\ndef f(c: sqlite3.Cursor, where):\n    c.execute('SELECT a FROM t WHERE ' + where)\n"
    model, _ = read({"app/a.py": source}, "app/a.py")
    assert model.coverage.undecided == {"interpolated-query": 1}


def test_a_module_that_cannot_be_parsed_is_unread():
    with pytest.raises(Unread):
        read({"app/a.py": "def f(:\n"}, "app/a.py")


def test_a_module_of_the_project_shadows_a_library_and_the_question_is_on_record():
    source = "from sqlalchemy import text\ndef f(x):\n    return text('= ' + x)\n"
    _, door = read({"app/a.py": source}, "app/a.py")
    assert {"sqlalchemy.py", "sqlalchemy/__init__.py"} <= door.asked
    assert len(project({"app/a.py": source})) == 1
    assert project({"app/a.py": source, "sqlalchemy.py": "def text(x): ...\n"}) == []


def test_a_module_does_not_shadow_the_library_it_is_named_after():
    source = "import duckdb\ndef f(x):\n    duckdb.connect().execute('= ' + x)\n"
    assert len(project({"app/__init__.py": "", "app/runners/__init__.py": "", "app/runners/duckdb.py": source})) == 1


def test_a_unit_without_a_memo_finds_its_own_name():
    door = MemoryFiles({"app/__init__.py": "", "app/a.py": "import sqlite3\nsqlite3.connect('').execute('SELECT 1')\n"})
    model = Python().read(Unit("python", "app/a.py", ("app/a.py",)), door, None, Settings())
    assert [query.function for piece in model.pieces() for query in piece.subjects(frozenset({Query}))] == ["app.a"]


def test_subject_types_come_without_a_parser():
    code = (
        "import sys, archcheck.surfaces.python as p, archcheck.surfaces.python.surface as s; s.Python();"
        "mine = [n for n in sys.modules if n.startswith('archcheck.surfaces.python.')];"
        "print(len(mine), [n for n in mine if hasattr(sys.modules[n], 'ast')],"
        "[n for n in sys.modules if n.startswith(('sqlglot', 'libcst', 'yaml'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, _, told = done.stdout.partition(" ")
    assert int(count) >= 4
    assert told == "[] []\n"


def test_nothing_wanted_nothing_judged():
    model, _ = read({"app/a.py": "import sqlite3\nsqlite3.connect('').execute('SELECT 1')\n"}, "app/a.py")
    assert [list(piece.subjects(frozenset())) for piece in model.pieces()] == [[]]
