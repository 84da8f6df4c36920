"""Alembic revisions are read without being run: their graph, their operations, and what only a run could tell."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from sql_histories import models, units

from archcheck.surface import Settings
from archcheck.surfaces.sql import History
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.model import SqlModel
from archcheck.surfaces.sql.revisions import ordered, read_revision, trees
from archcheck.surfaces.sql.statements import Revision

HEAD = "import sqlalchemy as sa\nfrom alembic import op\nfrom sqlalchemy.dialects import postgresql\n"


def revision(name: str, down: str | None, up: str, more: str = "", back: str = "pass") -> str:
    parts = [HEAD, more, f"revision = {name!r}\ndown_revision = {down!r}\n"]
    parts += [f"def upgrade():\n{textwrap.indent(textwrap.dedent(up).strip(), '    ')}\n"]
    parts += [f"def downgrade():\n{textwrap.indent(textwrap.dedent(back).strip(), '    ')}\n"]
    return "\n".join(parts)


def read(*ups: str, more: str = "", settings: Settings | None = None) -> SqlModel:
    files = {}
    for number, up in enumerate(ups, 1):
        before = f"r{number - 1}" if number > 1 else None
        files[f"alembic/versions/{number}_step.py"] = revision(f"r{number}", before, up, more)
    ((_, model),) = models(files, settings).items()
    assert not model.coverage.gaps
    return model


def history(*ups: str, more: str = "") -> History:
    return read(*ups, more=more).history


USERS = 'op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("mail", sa.String(80)))'


# Silent first: what is computed at run time is not concluded from.


@pytest.mark.parametrize(
    "step",
    [
        'if context.get_x_argument():\n    op.add_column("users", sa.Column("age", sa.Integer()))',
        'op.add_column(NAME, sa.Column("age", sa.Integer()))',
        'for name in names():\n    op.drop_column("users", name)',
        'op.execute(f"ALTER TABLE users ADD {thing} int")',
        "op.invoke(something)",
        "from shop.tools import rebuild\nrebuild('users')",
        "op.execute(SQL.read_text())",
    ],
)
def test_what_hangs_on_the_run_leaves_a_doubt(step: str):
    (users,) = history(USERS, step).tables
    assert users.doubts
    assert [column.name for column in users.columns] == ["id", "mail"]


@pytest.mark.parametrize(
    "step",
    [
        'log.info("done")',
        "session = Session(op.get_bind())\nsession.commit()",
        'op.execute("UPDATE users SET mail = lower(mail)")',
        'op.execute(f"UPDATE users SET mail = {value}")',
        'op.bulk_insert(sa.table("users"), [{"mail": "a"}])',
        "op.execute(users.update().values(mail='x'))",
        "x = config('KEY')",
    ],
)
def test_rows_and_remarks_change_no_table(step: str):
    (users,) = history(USERS, step, more="import logging\nfrom starlette.config import config\n").tables
    assert not users.doubts


def test_a_step_for_another_server_does_not_run():
    step = """
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("users")
    else:
        op.drop_column("users", "mail")
    """
    (users,) = history(USERS, step).tables
    assert [column.name for column in users.columns] == ["id"]
    assert not users.doubts


@pytest.mark.parametrize(
    "test",
    [
        'str(bind.engine.url).startswith("mysql")',
        'str(bind.engine.url).startswith("postgres") is False',
        'bind.dialect.name in ("mysql", "mariadb")',
        "not is_postgres()",
        'not bind.dialect.name == "postgresql"',
    ],
)
def test_the_server_is_asked_for_in_many_ways(test: str):
    (users,) = history(USERS, f'if {test}:\n    op.drop_column("users", "mail")').tables
    assert (len(users.columns), users.doubts) == (2, ())


def test_a_step_that_asks_what_is_there_changes_nothing_twice():
    step = 'if not inspector.has_table("users"):\n    op.create_table("users", sa.Column("other", sa.Integer()))'
    (users,) = history(USERS, step).tables
    assert [column.name for column in users.columns] == ["id", "mail"]


def test_operations_become_statements_where_they_are_written():
    model = read(
        """
        op.create_table(
            "orders",
            sa.Column("id", sa.BigInteger(), nullable=False),
            sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), index=True),
            sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'")),
            sa.Column("state", sa.Enum("open", "paid", name="state"), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
            sa.CheckConstraint("id > 0", name="positive"),
        )
        op.create_index("ix_data", "orders", ["data"], postgresql_using="gin")
        op.create_index("ix_open", "orders", [sa.text("lower(state)"), "id"], unique=True,
            postgresql_where=sa.text("id > 1"))
        """
    )
    (orders,) = model.history.tables
    facts = {c.name: (c.type, c.nullable, c.fact.at.line) for c in orders.columns}
    assert facts == {
        "id": ("bigserial", False, 12),
        "user_id": ("integer", True, 13),
        "data": ("jsonb", True, 14),
        "state": ("state", False, 15),
    }
    assert orders.fact.primary is not None
    assert orders.fact.primary.name == "pk_orders"
    (key,) = orders.foreign_keys
    assert (key.references, key.fact.on_delete, key.indexed, key.at.line) == ("users", "cascade", True, 13)
    found = {i.fact.name: (i.fact.method, i.fact.unique, i.fact.predicate) for i in orders.indexes}
    assert found == {
        "ix_orders_user_id": ("", False, ""),
        "ix_data": ("gin", False, ""),
        "ix_open": ("", True, "id > 1"),
    }
    assert [fact.labels for fact in model.history.final.types.values()] == [("open", "paid")]


def test_columns_and_constraints_change():
    (users,) = history(
        USERS,
        """
        with op.batch_alter_table("users") as batch:
            batch.add_column(sa.Column("age", sa.SmallInteger(), nullable=True))
            batch.create_unique_constraint("uq_mail", ["mail"])
            batch.alter_column("mail", nullable=False, type_=sa.Text(), new_column_name="email")
        """,
        'op.drop_constraint("uq_mail", "users", type_="unique")\nop.rename_table("users", "people")',
    ).tables
    assert str(users) == "people"
    assert [(c.name, c.type, c.nullable) for c in users.columns] == [
        ("id", "serial", False),
        ("email", "text", False),
        ("age", "smallint", True),
    ]
    assert not users.fact.uniques
    assert not users.doubts


def test_names_loops_and_helpers_are_followed():
    more = (
        'TABLE = "users"\n\ndef add(table, name, kind=sa.Integer()):\n    op.add_column(table, sa.Column(name, kind))\n'
    )
    step = 'for name, kind in (("a", sa.Text()), ("b", sa.Date())):\n    add(TABLE, name, kind)\nadd(TABLE, "c")'
    (users,) = history(USERS, step, more=more).tables
    assert [(c.name, c.type) for c in users.columns][2:] == [("a", "text"), ("b", "date"), ("c", "integer")]


def test_sql_is_read_where_it_stands():
    step = (
        'op.execute(\n    """\n    CREATE TABLE a (id int);\n    CREATE TABLE b (id int);\n    """\n)\n'
        'op.execute(\n    "ALTER TABLE a "\n    "ADD COLUMN c int"\n)'
    )
    found = history(step)
    assert {str(table): table.at.line for table in found.tables} == {"a": 12, "b": 13}
    assert found.tables[0].columns[1].at.line == 18


def test_an_autocommit_block_leaves_the_transaction():
    step = """
    with op.get_context().autocommit_block():
        op.create_index("i", "users", ["mail"], postgresql_concurrently=True)
    """
    (_, last) = history(USERS, step).migrations
    assert [type(s).__name__ for s in last.up] == ["Transact", "CreateIndex", "Transact"]
    assert [s.kind for s in last.up if isinstance(s, say.Transact)] == ["commit", "begin"]


def test_a_way_down_is_read_with_its_reasons():
    def undo(back: str) -> tuple[bool, bool]:
        files = {"alembic/versions/1_a.py": revision("r1", None, USERS, back=back)}
        ((_, model),) = models(files).items()
        found = model.history.migrations[0].undo
        assert found is not None
        return found.idle, found.explained

    assert undo('op.drop_table("users")') == (False, False)
    assert undo("pass") == (True, False)
    assert undo("# ### commands auto generated by Alembic - please adjust! ###\npass") == (True, False)
    assert undo("pass  # noqa: this stays\n# pylint: off") == (True, False)
    assert undo("# The old tables are of no use any more.\npass") == (True, True)
    assert undo('raise NotImplementedError("one way")') == (True, True)


def test_branches_merge_and_two_trees_are_two_histories():
    files = {
        "app/core/versions/a.py": revision("aa", None, USERS),
        "app/core/versions/c.py": revision("cc", "aa", 'op.drop_column("users", "mail")'),
        "app/core/versions/b.py": revision("bb", "aa", 'op.add_column("users", sa.Column("x", sa.Integer()))'),
        "app/core/versions/m.py": revision("mm", None, "pass").replace("None", '("bb", "cc")', 1),
        "app/tenant/versions/a.py": revision("aa", None, USERS),
    }
    found = {name: model.history for name, model in models(files).items()}
    assert sorted(found) == ["app/core/versions", "app/tenant/versions"]
    core = found["app/core/versions"]
    assert [step.version for step in core.migrations] == ["aa", "bb", "cc", "mm"]
    assert core.migrations[-1].parents == ("bb", "cc")


def test_order_does_not_hang_on_names_and_bears_what_is_missing():
    graph = {
        "z": Revision("1"),
        "a": Revision("2", ("1",)),
        "b": Revision("3", ("2", "gone")),
        "x": Revision("4", ("5",)),
    }
    graph["y"] = Revision("5", ("4",))
    assert ordered(graph) == ["z", "a", "b", "x", "y"]
    assert trees({"v/a.py": Revision("1"), "w/b.py": Revision("2", ("1",))}) == [["v/a.py", "w/b.py"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('revision: str = "a"\ndown_revision: Union[str, None] = None\n', Revision("a")),
        ("revision = 'a'  # the id\ndown_revision = ('b', 'c')\n", Revision("a", ("b", "c"))),
        (
            "revision = 'a'\ndown_revision = (\n    'b',\n    'c',\n)\ndepends_on = ['d']\n",
            Revision("a", ("b", "c"), ("d",)),
        ),
        ("revision = make()\ndown_revision = None\n", None),
        ("x = 'down_revision'\n", None),
    ],
)
def test_a_file_says_its_place(text: str, expected: Revision | None):
    assert read_revision(text) == expected


def test_other_python_files_are_not_looked_into():
    text = "revision = 'a'\ndown_revision = None\n"
    assert units({"app/models.py": text, "tests/test_x.py": text}) == []


def test_a_file_that_is_no_python_is_one_gap():
    files = {
        "alembic/versions/1.py": revision("r1", None, USERS),
        "alembic/versions/2.py": "revision = 'r2'\ndown_revision = 'r1'\ndef upgrade(:\n",
    }
    ((_, model),) = models(files).items()
    (gap,) = model.coverage.gaps
    assert (gap.path, gap.line, gap.kind) == ("alembic/versions/2.py", 3, "unparsable")
    assert [str(table) for table in model.history.tables] == ["users"]


STEPS = (
    """
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("mail", sa.String(80), nullable=False, unique=True, index=True),
        sa.Column("bio", sa.Text(), server_default=""),
    )
    op.create_table(
        "orders",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "line"),
    )
    """,
    """
    with op.batch_alter_table("users") as batch:
        batch.add_column(sa.Column("age", sa.SmallInteger()))
        batch.alter_column("bio", new_column_name="about", existing_type=sa.Text(), nullable=False)
    op.create_index("ix_paid", "orders", ["paid", "line"], unique=True)
    """,
    """
    op.rename_table("orders", "purchases")
    with op.batch_alter_table("purchases") as batch:
        batch.drop_index("ix_paid")
        batch.drop_constraint("fk_user", type_="foreignkey")
        batch.create_foreign_key("fk_buyer", "users", ["user_id"], ["id"])
    for name in ("a", "b"):
        op.execute(sa.text(f"CREATE TABLE extra_{name} (id integer NOT NULL PRIMARY KEY, note text NOT NULL)"))
    op.drop_table("extra_b")
    """,
)


def test_the_end_is_that_of_a_real_run(tmp_path: Path):
    alembic = pytest.importorskip("alembic", reason="Alembic is not installed")
    sqlalchemy = pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
    from alembic import command
    from alembic.config import Config

    assert alembic
    versions = tmp_path / "versions"
    versions.mkdir()
    for number, step in enumerate(STEPS, 1):
        before = f"r{number - 1}" if number > 1 else None
        (versions / f"{number}_step.py").write_text(revision(f"r{number}", before, step), "utf-8")
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    (tmp_path / "env.py").write_text(
        "from alembic import context\nimport sqlalchemy\n"
        f"with sqlalchemy.create_engine({url!r}).connect() as c:\n"
        "    context.configure(connection=c)\n"
        "    with context.begin_transaction():\n        context.run_migrations()\n",
        "utf-8",
    )
    config = Config()
    config.set_main_option("script_location", str(tmp_path))
    command.upgrade(config, "head")
    engine = sqlalchemy.create_engine(url)
    inspector = sqlalchemy.inspect(engine)
    theirs = {
        name: (
            [(c["name"], c["nullable"]) for c in inspector.get_columns(name)],
            inspector.get_pk_constraint(name)["constrained_columns"],
            sorted((i["name"], i["column_names"], bool(i["unique"])) for i in inspector.get_indexes(name)),
            sorted((f["constrained_columns"], f["referred_table"]) for f in inspector.get_foreign_keys(name)),
        )
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }
    engine.dispose()
    ours = {}
    for table in read(*STEPS, settings=Settings(dialect="sqlite")).history.tables:
        indexes = [(i.fact.name, [part.key for part in i.fact.parts], i.fact.unique) for i in table.indexes]
        ours[table.name] = (
            [(c.name, c.nullable) for c in table.columns],
            list(table.fact.primary.columns) if table.fact.primary else [],
            sorted(indexes),
            sorted((list(f.fact.columns), f.fact.table[1]) for f in table.foreign_keys),
        )
    assert ours == theirs
