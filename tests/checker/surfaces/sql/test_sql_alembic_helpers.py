"""Revisions that lean on more than themselves: on helpers, constants and files of the project, and on the server."""

from __future__ import annotations

import textwrap

import pytest
from sql_histories import Memory, models
from test_sql_alembic import USERS, revision

from archcheck.surface import Settings
from archcheck.surfaces.sql import History
from archcheck.surfaces.sql.model import SqlModel

HELPERS = '''
"""Helpers of the project's migrations."""

import logging
import os
from dataclasses import dataclass

import sqlalchemy as sa
from alembic import op
from sqlalchemy import inspect

SCHEMA = os.getenv("SHOP_SCHEMA", "shop")
PARTS = int(os.getenv("SHOP_PARTS", 2))
MODE = os.environ.get("MODE", "automatic").lower()
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Key:
    table: str
    column: str
    target: str

    @property
    def name(self) -> str:
        return f"fk_{self.table}_{self.column}"


def has_table(name):
    return inspect(op.get_bind()).has_table(name)


def has_column(table, column):
    """Whether it is there."""
    for found in inspect(op.get_bind()).get_columns(table):
        if found["name"] == column:
            return True
    return False


def create_table(name, *columns, **options):
    if has_table(name):
        logger.info("there is %s already", name)
        return
    op.create_table(name, *columns, **options)


def add_columns(table, *columns):
    wanted = []
    for column in columns:
        if has_column(table, column.name):
            logger.info("skipped")
        else:
            wanted.append(column)
    with op.batch_alter_table(table) as batch:
        for column in wanted:
            batch.add_column(column)


def add_missing(table, columns):
    for column in columns:
        if has_column(table, column.name):
            continue
        op.add_column(table, column)


def connect(key: Key, on_delete=None):
    op.create_foreign_key(key.name, key.table, key.target, [key.column], ["id"], ondelete=on_delete)


def find_key(table, columns, target, inspector):
    for found in inspector.get_foreign_keys(table):
        if found["referred_table"] == target and set(found["constrained_columns"]) == columns:
            return found["name"]
    return None


def drop_keys(table):
    for key in inspect(op.get_bind()).get_foreign_keys(table):
        op.drop_constraint(key["name"], table, type_="foreignkey")


def long_text():
    return sa.Text().with_variant(sa.String(9), "mysql")


def give_names(session, model):
    """Rows only."""
    for row in session.query(model):
        row.name = spell(row)
    session.commit()


def spell(row):
    return spell(row.parent) if row.parent else str(row.id)
'''
ORDERS = 'create_table("orders", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("user_id", sa.Integer()))'
LINKED = """
op.create_table(
    "orders",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id")),
    sa.Column("payer_id", sa.Integer(), sa.ForeignKey("users.id")),
)
"""


def read(*ups: str, more: str = "", helpers: str = HELPERS, **others: str) -> SqlModel:
    files = {"shop/migrations/helpers.py": helpers, "shop/__init__.py": "", **others}
    for number, up in enumerate(ups, 1):
        before = f"r{number - 1}" if number > 1 else None
        files[f"shop/migrations/versions/{number}_step.py"] = revision(f"r{number}", before, up, more)
    ((_, model),) = models(files, Settings(dialect="postgres")).items()
    assert not model.coverage.gaps
    return model


def history(*ups: str, more: str = "from shop.migrations.helpers import *\n", **others: str) -> History:
    names = "Key, MODE, PARTS, SCHEMA, add_columns, add_missing, connect, create_table, drop_keys, find_key, give_names"
    return read(*ups, more=more.replace("*", f"{names}, has_table, long_text"), **others).history


# Silent first: what a run decides is not concluded from.


@pytest.mark.parametrize(
    "step",
    [
        "add_columns(TABLE, sa.Column('x', sa.Integer()))",
        "add_columns('users', *columns())",
        "for key in keys():\n    connect(key)",
        "from shop.migrations.gone import change\nchange('users')",
        "op.drop_constraint(find(), 'users', type_='unique')\nop.execute(open(NAME).read())",
        "names = []\nfor c in list_of_columns():\n    names.append(c)\nfor n in names:\n    op.drop_column('users', n)",
    ],
)
def test_what_hangs_on_the_run_leaves_a_doubt(step: str):
    (users, *_) = history(USERS, step).tables
    assert users.doubts
    assert [column.name for column in users.columns] == ["id", "mail"]


def test_a_helper_that_only_moves_rows_changes_no_table():
    model = read(USERS, "give_names(Session(op.get_bind()), User)", more="from ..helpers import give_names\n")
    (users,) = model.history.tables
    assert (users.doubts, dict(model.coverage.opaque)) == ((), {})


def test_a_name_that_differs_between_two_ways_is_not_known():
    step = "if flag():\n    name = 'a'\nelse:\n    name = 'b'\nop.drop_column('users', name)"
    (users,) = history(USERS, step).tables
    assert users.doubts


@pytest.mark.parametrize(
    "test",
    [
        "{'a': 1, **options()}",
        "dict(a=1, **options()) == {'a': 1}",
        "None in 'abc'",
        "name() in 'abc'",
        "[1] in {1: 2}",
        "'email' not in [name(), 'b']",
        "['a', name()] != ['a', 'b']",
    ],
)
def test_what_holds_something_unknown_decides_nothing(test: str):
    (users,) = history(USERS, f"if {test}:\n    op.drop_column('users', 'mail')").tables
    assert [column.name for column in users.columns] == ["id", "mail"]
    assert users.doubts


@pytest.mark.parametrize(
    "step",
    [
        "import os\nos.rename('a', 'b')",
        "{[1]: 2}.get(1)",
        "d = {(1, [2]): 2}\nlist(d)",
        "op.execute('{²}'.format(1))",
        f"for _ in range({10**20}):\n    pass",
        f"op.execute(f'{{0x{'f' * 5_000}}}')",
    ],
)
def test_odd_steps_cost_no_history(step: str):
    (users,) = history(USERS, step).tables
    assert len(users.columns) == 2


def test_a_lambda_that_calls_itself_is_followed_so_far():
    (users,) = history(USERS, "f = lambda x: f(x)\nf(1)").tables
    assert len(users.columns) == 2


@pytest.mark.parametrize(
    "more",
    [
        "a0 = ['id']\n" + "".join(f"a{n} = a{n - 1} + a{n - 1}\n" for n in range(1, 31)) + "NAMES = a30\n",
        "class A(A, A): pass\nNAMES = A.x()\n",
    ],
)
def test_what_grows_is_left(more: str):
    (users,) = history(USERS, "for name in NAMES:\n    op.drop_column('users', name)", more=more).tables
    assert users.doubts


@pytest.mark.parametrize(
    "filled",
    [
        "NAMES = []\nNAMES.append('mail')",
        "NAMES = {}\nNAMES['mail'] = 1",
        "NAMES = {'id': 1}\ndel NAMES['id']",
        "NAMES = []\nfor name in ('mail',):\n    NAMES.append(name)",
        "NAMES = []\nif flag():\n    NAMES.append('mail')",
    ],
)
def test_what_is_filled_later_is_not_empty(filled: str):
    step = "for name in NAMES:\n    op.drop_column('users', name)"
    (users,) = history(USERS, step, more=f"{filled}\n").tables
    assert [column.name for column in users.columns] == ["id", "mail"]
    assert users.doubts


@pytest.mark.parametrize(
    "step",
    [
        "match kind():\n    case 'a':\n        op.drop_column('users', 'mail')",
        "name = 'id'\nmatch kind():\n    case [name]:\n        pass\nop.drop_column('users', name)",
    ],
)
def test_a_case_may_run(step: str):
    (users,) = history(USERS, step).tables
    assert users.doubts
    assert [column.name for column in users.columns] == ["id", "mail"]


# What is written out in other modules.


@pytest.mark.parametrize(
    "imported",
    [
        "from shop.migrations.helpers import create_table\n",
        "from ..helpers import create_table\n",
        "from shop.migrations import helpers\ncreate_table = helpers.create_table\n",
        "import shop.migrations.helpers\n\ndef create_table(*a, **k):\n"
        "    return shop.migrations.helpers.create_table(*a, **k)\n",
        "import importlib\nmodule = importlib.import_module('shop.migrations.helpers')\n"
        "create_table = module.create_table\n",
    ],
)
def test_a_helper_of_another_module_counts_where_it_is_called(imported: str):
    (orders,) = read(ORDERS, more=imported).history.tables
    assert (str(orders), [c.name for c in orders.columns]) == ("orders", ["id", "user_id"])
    assert orders.at.path == "shop/migrations/versions/1_step.py"
    assert "create_table(" in revision("r1", None, ORDERS, imported).splitlines()[orders.at.line - 1]


def test_a_package_hands_on_what_its_modules_hold():
    tools = "from .tables import *\n"
    (orders,) = read(
        ORDERS,
        more="from shop.tools import create_table\n",
        **{"shop/tools/__init__.py": tools, "shop/tools/tables.py": HELPERS},
    ).history.tables
    assert str(orders) == "orders"


@pytest.mark.parametrize("helper", ["add_columns('users', {0}, {1})", "add_missing('users', [{0}, {1}])"])
def test_columns_that_are_added_if_they_are_missing(helper: str):
    call = helper.format("sa.Column('mail', sa.Integer())", "sa.Column('note', long_text())")
    (users,) = history(USERS, call).tables
    assert [(c.name, c.type) for c in users.columns] == [("id", "serial"), ("mail", "varchar(80)"), ("note", "text")]
    assert not users.doubts


def test_records_and_their_properties_are_read():
    step = """
    for key in [Key(table="orders", column="user_id", target="users"), Key("orders", "payer_id", target="users")]:
        connect(key, on_delete="CASCADE")
    """
    _, orders = history(USERS, LINKED.replace(', sa.ForeignKey("users.id")', ""), step).tables
    assert [(k.fact.name, k.fact.on_delete) for k in orders.foreign_keys] == [
        ("fk_orders_user_id", "cascade"),
        ("fk_orders_payer_id", "cascade"),
    ]


def test_a_loop_over_a_setting_runs_as_often_as_its_default_says():
    step = "for i in range(PARTS):\n    op.execute(f'CREATE TABLE {SCHEMA}.part_{i} (id int)')"
    assert [str(table) for table in history(step).tables] == ["shop.part_0", "shop.part_1"]


def test_what_a_setting_chooses_is_made_and_not_judged_as_a_change():
    step = """
    if MODE == "automatic":
        op.create_index("ix", "users", ["mail"])
    else:
        op.create_index("ix", "users", ["mail"], postgresql_concurrently=True)
    op.add_column("users", sa.Column("x", sa.Integer()))
    """
    found = history(USERS, step)
    assert [i.fact.name for i in found.tables[0].indexes] == ["ix"]
    assert found.migrations[1].supposed == frozenset({0})


@pytest.mark.parametrize(
    ("test", "runs"),
    [
        ("isinstance(bind.dialect, PGDialect)", True),
        ("isinstance(bind.dialect, (MySQLDialect, postgresql.dialect))", True),
        ("isinstance(bind.dialect, MySQLDialect)", False),
        ("not isinstance(bind.dialect, MySQLDialect)", True),
        ("context.is_offline_mode()", False),
        ("len(['a', 'b']) > 1 and 'a' in {'a': 1}", True),
    ],
)
def test_conditions_on_the_server_and_on_what_is_written_are_decided(test: str, runs: bool):
    more = (
        "from sqlalchemy.dialects.postgresql.base import PGDialect\n"
        "from sqlalchemy.dialects.mysql.base import MySQLDialect\n"
    )
    (users,) = read(
        USERS, f"bind = op.get_bind()\nif {test}:\n    op.drop_column('users', 'mail')", more=more
    ).history.tables
    assert (len(users.columns), users.doubts) == (1 if runs else 2, ())


@pytest.mark.parametrize(
    "step",
    [
        "for name in ('mail', 'id'):\n    if name == 'id':\n        continue\n    op.drop_column('users', name)",
        "for table, names in {'users': ['mail']}.items():\n    for name in names:\n        op.drop_column(table, name)",
        "for item in 'users.mail other.mail'.split()[:1]:\n    t, c = item.split('.')\n    op.drop_column(t, c)",
        "for n, name in enumerate(['mail', 'id']):\n    if n == 1:\n        break\n    op.drop_column('users', name)",
        "[op.drop_column('users', c['name']) for c in [{'name': 'mail'}]]",
        "op.execute('ALTER TABLE %s DROP COLUMN %s' % ('users', 'mail'))",
        "op.execute('ALTER TABLE {} DROP COLUMN {c}'.format('users', c='mail'))",
        "wanted = []\nwanted.append('mail')\nwanted += []\nfor c in wanted:\n    op.drop_column('users', c)",
        "drop = lambda c: op.drop_column('users', c)\ndrop('mail')",
        "if 3 < 2:\n    raise ValueError\nop.drop_column('users', 'mail' if True else 'id')",
        "n = 7\nif not 1 <= limit() <= n:\n    raise ValueError(n)\nop.drop_column('users', None or 'mail')",
    ],
)
def test_loops_and_texts_are_followed(step: str):
    (users,) = history(USERS, step).tables
    assert ([column.name for column in users.columns], users.doubts) == (["id"], ())


@pytest.mark.parametrize(
    "test",
    [
        "{'a', 'b'} == {'b', 'a'} and len({'a', 'a'}) == 1 and 'a' in {'a'} and 'b' not in set(['a'])",
        "bind.dialect.name in {'postgresql'}",
        "sorted(['b', 'a']) == ['a', 'b'] and tuple(sorted({'b', 'a'}))[0] == 'a'",
    ],
)
def test_sets_have_no_order_and_sorted_lists_have_one(test: str):
    (users,) = history(USERS, f"bind = op.get_bind()\nif {test}:\n    op.drop_column('users', 'mail')").tables
    assert ([column.name for column in users.columns], users.doubts) == (["id"], ())


@pytest.mark.parametrize("call", ["sorted(names, reverse=True)", "sorted(names, key=len)", "sorted([1, 'mail'])"])
def test_another_order_is_not_known(call: str):
    step = f"names = ['id', 'mail']\nop.drop_column('users', {call}[0])"
    (users,) = history(USERS, step).tables
    assert users.doubts


def test_what_is_tried_is_followed_for_groups_of_errors_too():
    (users,) = history(USERS, "try:\n    op.drop_column('users', 'mail')\nexcept* ValueError:\n    pass").tables
    assert [column.name for column in users.columns] == ["id"]


def test_a_retry_says_nothing_new():
    step = "try:\n    op.drop_column('users', 'mail')\nexcept Exception:\n    op.drop_column('users', 'mail')"
    (users,) = history(USERS, step).tables
    assert ([column.name for column in users.columns], users.doubts) == (["id"], ())


def test_what_follows_a_nameless_drop_in_a_try_does_not_run():
    step = """
    try:
        op.drop_constraint(None, "users", type_="unique")
        op.drop_column("users", "mail")
    except Exception:
        pass
    """
    (users,) = history(USERS, step).tables
    assert [column.name for column in users.columns] == ["id", "mail"]


# Constraints that are looked up.


@pytest.mark.parametrize(
    ("step", "left"),
    [
        ("op.drop_constraint(find_key('orders', {'user_id'}, 'users', i), 'orders', type_='foreignkey')", ["payer_id"]),
        ("if name := find_key('orders', {'payer_id'}, 'users', i):\n"
         "    op.drop_constraint(name, 'orders', type_='foreignkey')", ["user_id"]),
        ("drop_keys('orders')", []),
        ("for k in i.get_foreign_keys('orders'):\n    if k['constrained_columns'] == ['user_id']:\n"
         "        op.drop_constraint(k['name'], 'orders', type_='foreignkey')", ["payer_id"]),
        ("name = [k['name'] for k in i.get_foreign_keys('orders') if 'payer_id' in k['constrained_columns']][0]\n"
         "op.drop_constraint(name, 'orders', type_='foreignkey')", ["user_id"]),
    ],
)  # fmt: skip
def test_a_constraint_that_is_looked_up_is_found_by_the_names_in_the_lookup(step: str, left: list[str]):
    _, orders = history(USERS, LINKED, step).tables
    assert ([str(k.fact.columns[0]) for k in orders.foreign_keys], orders.doubts) == (left, ())


def test_of_two_that_may_be_meant_neither_is_taken_and_it_is_counted():
    step = "op.drop_constraint(find_key('orders', {'id'}, 'users', i), 'orders', type_='foreignkey')"
    model = read(USERS, LINKED, step, more="from shop.migrations.helpers import find_key\n")
    _, orders = model.history.tables
    assert len(orders.foreign_keys) == 2
    assert orders.doubts
    assert model.coverage.opaque == {"a constraint that is looked up when it runs": 1}


# Files that a migration sends.


@pytest.mark.parametrize(
    "step",
    [
        "op.execute((Path(__file__).parent.parent / 'sql' / 'a.sql').read_text())",
        "op.execute(open(os.path.join(os.path.dirname(os.path.dirname(__file__)), 'sql', 'a.sql')).read())",
        "with open(Path(__file__).resolve().parents[1].joinpath('sql/a.sql')) as f:\n"
        "    for part in f.read().split(';'):\n        if part.strip():\n            op.execute(part)",
    ],
)
def test_a_file_of_sql_is_read_where_it_is_sent(step: str):
    more = "import os\nfrom pathlib import Path\n"
    sql = "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n"
    found = read(step, more=more, **{"shop/migrations/sql/a.sql": sql}).history
    assert {str(t): t.at.path for t in found.tables} == dict.fromkeys("ab", "shop/migrations/versions/1_step.py")


# What is remembered of a migration holds while what it leans on stands.


def test_an_edit_of_a_helper_is_seen_by_what_is_remembered():
    step = textwrap.dedent("from shop.tools import change\nchange('users')")
    files = {
        "shop/migrations/versions/1_a.py": revision("r1", None, USERS),
        "shop/migrations/versions/2_b.py": revision("r2", "r1", step),
    }
    memory = Memory(files)

    def columns() -> list[str]:
        ((_, model),) = models(memory).items()
        (users,) = model.history.tables
        return ["?"] if users.doubts else [column.name for column in users.columns]

    def write(path: str, body: str) -> None:
        memory.files[path] = f"from alembic import op\n\n\ndef change(table):\n    {body}\n".encode()

    assert columns() == ["?"]
    write("shop/tools.py", "op.drop_column(table, 'mail')")
    assert columns() == ["id"]
    write("shop/tools.py", "pass")
    assert columns() == ["id", "mail"]
    write("shop/migrations/shop/tools.py", "op.drop_column(table, 'id')")
    assert columns() == ["mail"]
    del memory.files["shop/migrations/shop/tools.py"], memory.files["shop/tools.py"]
    assert columns() == ["?"]


def test_so_many_modules_are_opened_for_each_migration(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("archcheck.surfaces.sql.pymodules._MOST_MODULES", 1)
    tools = {f"shop/{name}.py": f"NAME = '{name}'\n" for name in ("id", "mail")}
    steps = [f"from shop.{name} import NAME\nop.drop_column('users', NAME)" for name in ("id", "mail")]
    (users,) = read(USERS, *steps, **tools).history.tables
    assert (users.columns, users.doubts) == ((), ())
