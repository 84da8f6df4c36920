"""What one module asks of another is answered when they are linked."""

from __future__ import annotations

import itertools
import time

import pytest
from python_reading import MemoryFiles, project, shape

from archcheck.surface import Settings, Tree
from archcheck.surfaces.python.interface import decode
from archcheck.surfaces.python.surface import Python

STORE = "import sqlite3\nfrom {module} import {name}\ndef f(c: sqlite3.Cursor):\n    c.execute('= ' + {use})\n"


def origin(files: dict[str, str], module: str, name: str, use: str = "", path: str = "app/store.py") -> str:
    store = STORE.format(module=module, name=name, use=use or name)
    (query,) = project({**files, path: store})
    (hole,) = query.holes
    assert not hole.open
    return hole.origin


@pytest.mark.parametrize(
    ("defined", "use", "expected"),
    [
        ("A = 'x'", "A", "constant"),
        ("A: Final = 'x'", "A", "constant"),
        ("B = 'x'\nA = f'{B}_y'", "A", "constant"),
        ("A = 3", "A", "constant"),
        ("A = int(load())", "A", "number"),
        ("a = os.environ['A']", "a", "unknown"),
        ("import os\na = os.environ['A']", "a", "constant"),
        ("A = load()", "A", "constant"),
        ("a = load()", "a", "unknown"),
        ("def a():\n    return 'x'", "a()", "constant"),
        ("def a():\n    return load()", "a()", "unknown"),
        ("class a:\n    table = 'x'", "a.table", "constant"),
        ("class b:\n    table = 'x'\nclass a(b):\n    other = 1", "a.table", "constant"),
        ("class a(Enum):\n    RED = 'red'", "a.RED.value", "constant"),
        ("a = {'k': 'v'}", "a['k']", "constant"),
        ("a = ['v', 'w']", "a[0]", "constant"),
        ("if x:\n    a = 'v'\nelse:\n    a = 'w'", "a", "constant"),
        ("if x:\n    a = 'v'\nelse:\n    a = load()", "a", "unknown"),
        ("", "a", "unknown"),
    ],
)
def test_what_another_module_defines(defined: str, use: str, expected: str):
    name = use.partition(".")[0].partition("(")[0].partition("[")[0]
    files = {"app/__init__.py": "", "app/names.py": defined + "\n"}
    assert origin(files, "app.names", name, use) == expected
    assert origin(files, ".names", name, use) == expected


def test_through_reexports_and_star_imports():
    files = {
        "app/__init__.py": "",
        "app/tables/__init__.py": "from .names import *\nfrom .other import B as C\n",
        "app/tables/names.py": "A = 'x'\n",
        "app/tables/other.py": "from .names import A as B\n",
    }
    assert origin(files, "app.tables", "A") == "constant"
    assert origin(files, "app.tables", "C") == "constant"
    assert origin(files, "app.tables", "names", "names.A") == "constant"


def test_circles_end():
    files = {
        "app/__init__.py": "",
        "app/a.py": "from .b import x\nfrom .b import *\n",
        "app/b.py": "from .a import x\nfrom .a import *\n",
    }
    assert origin(files, "app.a", "x") == "unknown"
    assert origin(files, "app.a", "y") == "unknown"
    classes = {
        "app/__init__.py": "",
        "app/a.py": "from .b import B\nclass A(B): ...\n",
        "app/b.py": "from .a import A\nclass B(A): ...\n",
    }
    assert origin(classes, "app.a", "A", "A.x") == "unknown"


def test_the_nearest_module_of_a_name_is_meant():
    files = {
        "one/app/names.py": "a = 'x'\n",
        "two/app/names.py": "a = load()\n",
    }
    assert origin(files, "app.names", "a", path="one/app/store.py") == "constant"
    assert origin(files, "app.names", "a", path="two/app/store.py") == "unknown"


def test_names_of_other_packages_go_by_how_they_are_written():
    assert origin({}, "elsewhere", "TABLE") == "constant"
    assert origin({}, "elsewhere", "table") == "unknown"


def test_an_attribute_that_a_base_in_another_module_sets():
    files = {
        "app/base.py": "class Base:\n    limit: float = 0.5\n",
        "app/store.py": "import sqlite3\nfrom app.base import Base\nclass S(Base):\n"
        "    def f(self, c: sqlite3.Cursor):\n"
        "        c.execute(f'LIMIT {self.limit}')\n",
    }
    (query,) = project(files)
    assert shape(query) == "LIMIT {constant:value}"


def test_a_query_is_settled_once():
    files = {"app/names.py": "A = 'x'\n", "app/store.py": STORE.format(module="app.names", name="A", use="A")}
    assert len(project(files)) == 1


def test_interfaces_are_plain_data_and_the_order_of_units_says_nothing():
    files = {
        "app/__init__.py": "",
        "app/names.py": "a = load()\nB = 'x'\nclass C(Base):\n    D = 'y'\n",
        "app/store.py": STORE.format(module=".names", name="a", use="a"),
        "app/more.py": STORE.format(module=".names", name="B", use="B"),
    }
    door, surface, paths = MemoryFiles(files), Python(), tuple(sorted(files))
    units = list(surface.units(Tree(paths, dict.fromkeys(paths, "python")), door))
    interfaces = [(unit.name, surface.read(unit, door, None, Settings()).interface()) for unit in units]
    again = [(unit.name, surface.read(unit, door, None, Settings()).interface()) for unit in units]
    assert interfaces == again
    names = decode(dict(interfaces)["app/names.py"])
    assert (names.module, names.answers, names.texts) == (
        "app.names",
        {"a": "unknown", "B": "constant", "C.D": "constant"},
        {"B": "x", "C.D": "y"},
    )
    settled = {
        tuple(sorted(q.at.path for q in surface.link(order).queries)) for order in itertools.permutations(interfaces)
    }
    assert settled == {("app/more.py", "app/store.py")}


def test_nothing_to_join_is_nothing():
    door = MemoryFiles({"a.py": "x = 1\n"})
    (unit,) = Python().units(Tree(("a.py",), {"a.py": "python"}), door)
    assert Python().link([(unit.name, Python().read(unit, door, None, Settings()).interface())]) is None


def test_packages_that_bring_one_another_whole_are_linked_in_linear_time():
    """Names are looked for in each module once, though star imports of what there is not lead back in many ways."""
    stars = "".join(f"from app.{name} import *\nfrom app.missing{name} import *\n" for name in "abcdefgh")
    called = "".join(f"from app import g{n}\n\n\ndef h{n}(c, name):\n    return g{n}(c, name)\n" for n in range(20))
    files = {f"app/{name}.py": "from app import *\n" for name in "abcdefgh"}
    store = "import sqlite3\ndef f(c: sqlite3.Cursor, name):\n    c.execute('DELETE FROM ' + name)\n"
    start = time.process_time()
    project({**files, "app/__init__.py": stars, "app/store.py": store, "app/main.py": called})
    assert time.process_time() - start < 2
