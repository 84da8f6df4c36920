"""Syntax newer than the running interpreter is read like any other, on the lines where it stands."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from python_reading import queries

from archcheck.source import Source, Unread
from archcheck.surfaces.python import lowering_pieces
from archcheck.surfaces.python.lowering import lower
from archcheck.surfaces.python.parse import parse

NEWER = {
    "PEP 695, a function": "def first[T: int](xs: list[T]) -> T:\n    return xs[0]\n",
    "PEP 695, an async function": "async def first[T](xs): ...\n",
    "PEP 695, a class": "class Box[T, *Ts, **P](Base):\n    pass\n",
    "PEP 695, on several lines": "class Box[\n    T,  # what is in it\n    U,\n](Base):\n    pass\n",
    "PEP 695, an alias": "type Pair[T] = tuple[T, T]\ntype Id = int\n",
    "PEP 695, an alias on several lines": "type Pair[\n    T,\n] = tuple[T, T]\n",
    "PEP 695, an alias in parentheses": "type Pair = (\n    int\n    | str\n)\n",
    "PEP 696, a default": "class Box[T = int]:\n    pass\n",
    "PEP 701, the same quotes": 'x = f"{a["b"]} {", ".join(f"{c}" for c in d)}"\n',
    "PEP 701, a backslash": "x = f\"{'\\n'.join(a)}\"\n",
    "PEP 701, a comment and lines": 'x = f"{\n    a  # why\n}"\n',
    "PEP 701, three deep": 'x = f"{f"{f"{1}"}"}"\n',
    "PEP 701, in a format": 'x = f"{a["b"]:>{w["c"]}}"\n',
    "PEP 701, the same long quotes": "x = f'''say {a['''b''']} \"{c}\"'''\n",
    "PEP 701, in parentheses of several lines": 'x = (\n    f"{a["b"]}"\n)\ny = (\n    f"{c}"\n)\n',
    "PEP 750": 'x = t"SELECT {a} FROM {b!r:>{c}}"\n',
    "PEP 750, raw and on several lines": 'x = rt"""\n{a}\n\n{f"{b["c"]}"}\n"""\n',
    "PEP 758": "try:\n    pass\nexcept A, B:\n    pass\n",
    "PEP 758, a group": "try:\n    pass\nexcept* A, B:\n    pass\n",
    "PEP 701, the format of an inner string": 'x = f"took {"{:.3f}".format(b - a)} seconds"\n',
    "all at once": "class Box[T]:\n    type Id = int\n    def get[U](self):\n        try:\n"
    '            return f"{self["x"]}"\n        except A, B:\n            return t"{x}"\n',
}


@pytest.mark.parametrize("text", NEWER.values(), ids=NEWER)
def test_newer_syntax_is_read(text: str):
    assert isinstance(parse(Source("app/main.py", text.encode())), ast.Module)


@pytest.mark.parametrize("text", NEWER.values(), ids=NEWER)
def test_every_line_stays_where_it_was(text: str):
    lowered = lower(f"{text}last = 1\n")
    assert lowered is not None
    assert ast.parse(lowered).body[-1].lineno == text.count("\n") + 1


def test_names_and_columns_stay():
    lowered = lower("def first[T: int](xs: list[T]) -> T: ...\ntype Pair[T] = tuple[T, T]\n")
    function, alias = ast.parse(lowered or "").body
    assert isinstance(function, ast.FunctionDef)
    assert isinstance(alias, ast.Assign)
    assert (function.name, function.args.args[0].col_offset, alias.value.col_offset) == ("first", 18, 15)
    assert [target.id for target in alias.targets if isinstance(target, ast.Name)] == ["Pair"]


def test_what_is_in_a_string_of_the_newer_kind_is_judged():
    found = queries(
        """
        import sqlite3

        db = sqlite3.connect("shop.db")


        def find(order):
            return db.execute(f"SELECT * FROM orders WHERE name = '{order["name"]}'")
        """
    )
    assert [query.at.line for query in found if query.pasted] == [8]


def test_a_template_pastes_nothing():
    found = queries(
        """
        import psycopg

        db = psycopg.connect("")


        def find(name):
            return db.execute(t"SELECT * FROM orders WHERE name = {name}")
        """
    )
    assert not any(query.pasted for query in found)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this interpreter reads it")
def test_what_has_no_older_words_names_the_version():
    with pytest.raises(Unread) as caught:
        parse(Source("app/main.py", b'x = f"{f"{f"{f"{f"{1}"}"}"}"}"\n'))
    assert "Python 3.12" in caught.value.reason


@pytest.mark.parametrize("text", ["x = f'a\n", "def f[T(:\n", "x = f'{a'\n", "type X = = 1\n"])
def test_a_mistake_stays_a_mistake(text: str):
    with pytest.raises(Unread):
        parse(Source("app/main.py", text.encode()))


@given(st.text(alphabet="fabc{}[]'\"\\\n#!: =t", max_size=40))
@example("''t''")
def test_any_text_is_lowered_or_refused(text: str):
    lowered = lower(text)
    assert lowered is None or lowered.count("\n") == text.count("\n")
    tree = lowering_pieces.lowered(text, text.count("\n") + 1)
    assert tree is None or isinstance(tree, ast.Module)


def test_nothing_else_needs_libcst():
    code = (
        "import sys\nfrom archcheck.source import Source\nfrom archcheck.surfaces.python.parse import parse\n"
        "parse(Source('a.py', b'x = 1'))\nassert 'libcst' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


SHOP = """import os

TEXT = '''
def nothing[T](x):
'''


class Shop[T](Base):
    open = True

    @staticmethod
    def first[U](
        xs: list[U],
    ) -> U:
        if xs:
            return xs[0]
        raise LookupError

    def named(self, order):
        try:
            return f"{order["name"]} of {", ".join(f"{x}" for x in order["of"])}"
        except KeyError, ValueError:
            return '''
order
'''


try:
    import fast
except ImportError, OSError:
    fast = None
type Order = dict[str, int]
"""
OLD_INTERPRETER = pytest.mark.skipif(sys.version_info >= (3, 12), reason="this interpreter takes most of it")
IN_A_MODULE = [f"import os\n\nif os:\n    x = 1\n\n{text}" for text in NEWER.values()]


@OLD_INTERPRETER
@pytest.mark.parametrize("text", [*NEWER.values(), *IN_A_MODULE, SHOP])
def test_a_piece_is_lowered_as_the_whole_is(text: str):
    by_pieces = lowering_pieces.lowered(text, refused_at(text))
    assert by_pieces is None or same(by_pieces, lower(text))
    assert text != SHOP or by_pieces is not None


@OLD_INTERPRETER
def test_no_more_is_lowered_than_what_is_refused(monkeypatch: pytest.MonkeyPatch):
    text = "".join(f"def plain_{n}(a, b):\n    return [a, b, {n}]\n\n\n" for n in range(500)) + SHOP
    given: list[int] = []

    def counted(piece: str) -> str | None:
        given.append(len(piece))
        return lower(piece)

    monkeypatch.setattr(lowering_pieces, "lower", counted)
    assert same(lowering_pieces.lowered(text, refused_at(text)), lower(text))
    assert sum(given) < 2 * len(SHOP)


def refused_at(text: str) -> int:
    with pytest.raises(SyntaxError) as refused:
        ast.parse(text)
    return refused.value.lineno or 0


def same(tree: ast.Module | None, whole: str | None) -> bool:
    assert tree is not None
    assert whole is not None
    return ast.dump(tree, include_attributes=True) == ast.dump(ast.parse(whole), include_attributes=True)
