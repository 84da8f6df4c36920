"""An index that a foreign key lacks comes in a new migration, named and wrapped as the history's runner wants it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from sql_server import ask

from archcheck import engine
from archcheck.fixing import Mended, Project, mend
from archcheck.report import Report
from archcheck.source import Source

HISTORIES = Path(__file__).resolve().parents[4] / "fixtures" / "histories"
MAKES = "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_id_idx ON orders (customer_id);"
DROPS = "DROP INDEX CONCURRENTLY IF EXISTS orders_customer_id_idx;"
BOTH = {
    "goose": ("-- +goose NO TRANSACTION\n-- +goose Up", "-- +goose Down"),
    "dbmate": ("-- migrate:up transaction:false", "-- migrate:down transaction:false"),
    "sql-migrate": ("-- +migrate Up notransaction", "-- +migrate Down notransaction"),
}
TIMED = "20260101000004_index_orders_customer_id"
MADE = {
    "dbmate": {f"db/migrations/{TIMED}.sql"},
    "diesel": {
        f"migrations/2026-01-01-000004_index_orders_customer_id/{name}"
        for name in ("up.sql", "down.sql", "metadata.toml")
    },
    "flyway": {"src/main/resources/db/migration/V4__index_foreign_keys.sql"},
    "golang-migrate": {f"migrations/000004_index_orders_customer_id.{way}.sql" for way in ("up", "down")},
    "goose": {"migrations/00004_index_foreign_keys.sql"},
    "plain": {"migrations/004_index_orders_customer_id.sql"},
    "pop": {f"migrations/{TIMED}.postgres.autocommit.{way}.sql" for way in ("up", "down")},
    "prisma": {f"prisma/migrations/{TIMED}/migration.sql"},
    "sql-migrate": {"migrations/4_index_foreign_keys.sql"},
    "sqlx": {f"migrations/{TIMED}.{way}.sql" for way in ("up", "down")},
}
# A journal, a plan, a sum or a changelog would have to know of it, or the runner always opens a transaction.
NOT_FILES_ALONE = ("atlas", "drizzle", "liquibase", "node-pg-migrate", "sqitch", "supabase")
USERS = "CREATE TABLE users (id bigint PRIMARY KEY);\n"
ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id));\n"


def mended(files: Mapping[str, str], rule: str = "fk-without-index") -> Mended:
    """What comes of fixing the foreign keys of a project, judged by every rule there is."""

    def judge(changed: Mapping[str, bytes]) -> Report:
        return engine.examine({**files, **changed})

    def asked(changed: Mapping[str, bytes]) -> Report:
        return engine.examine({**files, **changed}, rules=(rule,))

    def taken(path: str) -> str:
        return "it is taken" if path in files else ""

    return mend(
        Project(asked, judge, lambda path: Source(path, files[path].encode()), lambda _: "", taken), unsafe=True
    )


def made(files: Mapping[str, str], rule: str = "fk-without-index") -> dict[str, str]:
    return {path: data.decode() for path, data in mended(files, rule).files.items()}


def without_index(layout: str) -> dict[str, str]:
    """A runner's fixture history whose foreign key has lost its index."""
    folder = HISTORIES / layout
    files = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()
    }
    statement = re.compile(r"^.*(?:CREATE|DROP) INDEX [^;]*orders_customer_id_idx[^;]*;\n", re.MULTILINE)
    operation = re.compile(r"^    op\.(?:create|drop)_index\(.*orders_customer_id_idx.*\n", re.MULTILINE)
    plain = {path: operation.sub("", statement.sub("", text)) for path, text in files.items()}
    return {
        path: text.replace('to="sales.customer"', 'to="sales.customer", db_index=False') for path, text in plain.items()
    }


@pytest.mark.parametrize("layout", NOT_FILES_ALONE)
def test_where_more_than_files_is_wanted_nothing_is_drafted(layout: str):
    report = engine.examine(without_index(layout), rules=("fk-without-index",))
    assert [verdict.finding.fix for verdict in report.verdicts] == [None]


@pytest.mark.parametrize("layout", MADE)
def test_each_runner_gets_the_migration_it_wants(layout: str):
    done = mended(without_index(layout))
    assert (len(done.fixed), done.dropped) == (1, [])
    files = {path: data.decode() for path, data in done.files.items()}
    assert files.keys() == MADE[layout]
    up, down = BOTH.get(layout, ("", ""))
    for path, text in files.items():
        head = "-- no-transaction\n" if layout == "sqlx" else ""
        if path.endswith(".toml"):
            assert text == "run_in_transaction = false\n"
        elif layout in BOTH:
            assert text == f"{up}\n{MAKES}\n\n{down}\n{DROPS}\n"
        else:
            assert text == f"{head}{DROPS if path.endswith('down.sql') else MAKES}\n"


@pytest.mark.parametrize("layout", MADE)
def test_the_server_takes_it_as_the_runner_sends_it(layout: str, server: list[str]):
    ask(server, "DROP DATABASE IF EXISTS drafted;")
    ask(server, "CREATE DATABASE drafted;")
    apart = [*server[:-1], "drafted"]
    ask(apart, "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL);")
    for path, text in made(without_index(layout)).items():
        if path.endswith(".sql") and not path.endswith("down.sql"):
            section = (
                text.partition("-- +goose Down")[0].partition("-- +migrate Down")[0].partition("-- migrate:down")[0]
            )
            # One request, which the server would run as one transaction if there were two statements in it.
            done = subprocess.run([*apart, "-c", section], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    assert ask(apart, "SELECT indexname FROM pg_indexes WHERE indexname = 'orders_customer_id_idx';").strip()


@pytest.mark.parametrize(("layout", "told"), [("prisma", "@@index in the schema"), ("alembic", "in the model")])
def test_what_generates_migrations_has_to_know_of_the_index(layout: str, told: str):
    (verdict,) = engine.examine(without_index(layout), rules=("fk-without-index",)).verdicts
    assert verdict.finding.fix is not None
    assert verdict.finding.fix.title.endswith(told)


def test_alembic_gets_the_revision_after_the_head():
    ((path, text),) = made(without_index("alembic")).items()
    version = re.fullmatch(r"alembic/versions/([0-9a-f]{12})_index_foreign_keys\.py", path)
    assert version
    assert f'revision = "{version[1]}"\ndown_revision = "c3f0c2d3e4b7"\n' in text
    assert text.count("    with op.get_context().autocommit_block():\n") == 2
    assert 'op.create_index("orders_customer_id_idx", "orders", ["customer_id"], postgresql_concurrently=True)' in text


def test_alembic_with_two_heads_gets_none():
    files = without_index("alembic")
    head = files["alembic/versions/c3f0c2d3e4b7_index_totals.py"]
    files["alembic/versions/d4_other.py"] = head.replace("c3f0c2d3e4b7", "d4").replace("orders_total_idx", "other_idx")
    assert made(files) == {}


def test_django_gets_sql_that_the_models_need_not_know_of():
    ((path, text),) = made(without_index("django")).items()
    assert path == "sales/migrations/0004_index_foreign_keys.py"
    assert '    atomic = False\n\n    dependencies = [("sales", "0003_index_totals")]\n' in text
    assert f'            "{MAKES[:-1]}",\n            "{DROPS[:-1]}",\n' in text


def test_several_keys_share_a_migration_where_statements_are_sent_one_by_one():
    table = ORDERS.replace("));", "), seller_id bigint NOT NULL REFERENCES users (id));")
    files = {"migrations/0009_all.sql": f"-- +goose Up\n{USERS}{table}-- +goose Down\nDROP TABLE orders, users;\n"}
    ((path, text),) = made(files).items()
    assert path == "migrations/0010_index_foreign_keys.sql"
    assert re.findall(r"(\w+) INDEX CONCURRENTLY IF (?:NOT )?EXISTS (\w+)", text) == [
        ("CREATE", "orders_user_id_idx"),
        ("CREATE", "orders_seller_id_idx"),
        ("DROP", "orders_user_id_idx"),
        ("DROP", "orders_seller_id_idx"),
    ]


def test_several_keys_have_a_migration_each_where_a_file_is_one_request():
    table = ORDERS.replace("));", "), seller_id bigint NOT NULL REFERENCES users (id));")
    files = {"migrations/9_all.up.sql": USERS + table, "migrations/9_all.down.sql": "DROP TABLE orders, users;"}
    assert sorted(made(files)) == [
        "migrations/10_index_orders_user_id.down.sql",
        "migrations/10_index_orders_user_id.up.sql",
        "migrations/11_index_orders_seller_id.down.sql",
        "migrations/11_index_orders_seller_id.up.sql",
    ]


def test_sqlite_knows_no_concurrently_and_needs_one_migration():
    table = ORDERS.replace("));", "), seller_id bigint NOT NULL REFERENCES users (id));")
    files = {"sqlite/migrations/0001_all.sql": USERS + table}
    assert made(files) == {
        "sqlite/migrations/0002_index_foreign_keys.sql": (
            "CREATE INDEX IF NOT EXISTS orders_user_id_idx ON orders (user_id);\n"
            "CREATE INDEX IF NOT EXISTS orders_seller_id_idx ON orders (seller_id);\n"
        )
    }


def test_the_index_of_a_longer_key_serves_a_shorter_one():
    tables = (
        "CREATE TABLE users (id bigint PRIMARY KEY, org bigint NOT NULL, UNIQUE (id, org));\n"
        "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id),"
        " org bigint NOT NULL,\n"
        "FOREIGN KEY (user_id, org) REFERENCES users (id, org));\n"
    )
    (text,) = made({"postgres/migrations/0001_all.sql": tables}).values()
    assert "ON orders (user_id, org);" in text


def test_names_are_quoted_where_they_have_to_be():
    tables = (
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE SCHEMA shop;\n"
        'CREATE TABLE shop."Order" (id bigint PRIMARY KEY, "user" bigint NOT NULL REFERENCES users (id));\n'
    )
    assert made({"postgres/migrations/0001_all.sql": tables}) == {
        "postgres/migrations/0002_index_order_user.sql": (
            'CREATE INDEX CONCURRENTLY IF NOT EXISTS "Order_user_idx" ON shop."Order" ("user");\n'
        )
    }


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (
            {"postgres/migrations/0001_all.sql": "", "postgres/migrations/0001_b.sql": USERS + ORDERS},
            "two of one number",
        ),
        (
            {"migrations/0001_a.sql": f"-- +goose Up\n{USERS}{ORDERS}", "migrations/0002_b.go": ""},
            "one in Go comes later",
        ),
        ({"postgres/migrations/0001.sql": USERS + ORDERS}, "there are no names to go by"),
        ({"postgres/migrations/0001_a.v2.sql": USERS + ORDERS}, "the name has parts nobody knows"),
        ({"prisma/migrations/9_a/migration.sql": USERS + ORDERS}, "a longer number comes first as text"),
        (
            {"postgres/migrations/0001_a.sql": USERS + ORDERS[:-2] + " PARTITION BY HASH (id);"},
            "the index of a partitioned table is not built concurrently",
        ),
        (
            {"postgres/migrations/0001_a.sql": USERS + ORDERS.replace("orders", "{{ schema }}.orders")},
            "a template names the schema",
        ),
    ],
)
def test_what_is_not_certain_is_left_to_its_owner(files: dict[str, str], why: str):
    verdicts = engine.examine(files, rules=("fk-without-index",)).verdicts
    assert verdicts, "the key has no index"
    assert [verdict.finding.fix for verdict in verdicts] == [None], why


@pytest.mark.parametrize(
    ("last", "then"),
    [
        ("20231231235959_a.sql", "20240101000000_index_orders_user_id.sql"),
        ("202312312359_a.sql", "202401010000_index_orders_user_id.sql"),
        ("20240229_a.sql", "20240301_index_orders_user_id.sql"),
        ("1700000000_a.sql", "1700000001_index_orders_user_id.sql"),
        ("099-a.sql", "100-index_orders_user_id.sql"),
        ("9_a.sql", "10_index_orders_user_id.sql"),
        ("V1.2.9__a.sql", "V1.2.10__index_foreign_keys.sql"),
        ("V007__a.sql", "V008__index_foreign_keys.sql"),
    ],
)
def test_the_next_version_is_the_nearest(last: str, then: str):
    assert [*made({f"postgres/migrations/{last}": USERS + ORDERS})] == [f"postgres/migrations/{then}"]


FIRST = "CREATE TABLE users (id bigint PRIMARY KEY, mail text);\n"
BLOCKS = "CREATE UNIQUE INDEX IF NOT EXISTS users_mail ON users (mail);\n"
BUILT = BLOCKS.replace("INDEX", "INDEX CONCURRENTLY")


@pytest.mark.parametrize(
    ("files", "after"),
    [
        (
            {"postgres/migrations/1_a.sql": FIRST, "postgres/migrations/2_b.sql": BLOCKS},
            {"postgres/migrations/2_b.sql": BUILT},
        ),
        (
            {"migrations/1_a.sql": f"-- +goose Up\n{FIRST}", "migrations/2_b.sql": f"-- Fast.\n-- +goose Up\n{BLOCKS}"},
            {"migrations/2_b.sql": f"-- +goose NO TRANSACTION\n-- Fast.\n-- +goose Up\n{BUILT}"},
        ),
        (
            {"migrations/1_a/up.sql": FIRST, "migrations/2_b/up.sql": BLOCKS},
            {"migrations/2_b/up.sql": BUILT, "migrations/2_b/metadata.toml": "run_in_transaction = false\n"},
        ),
        (
            {"Cargo.toml": "[dependencies]\nsqlx = 1", "migrations/1_a.sql": FIRST, "migrations/2_b.sql": BLOCKS},
            {"migrations/2_b.sql": f"-- no-transaction\n{BUILT}"},
        ),
        ({"db/migration/V1__a.sql": FIRST, "db/migration/V2__b.sql": BLOCKS}, {"db/migration/V2__b.sql": BUILT}),
    ],
)
def test_an_index_of_its_own_migration_is_built_without_blocking(files: dict[str, str], after: dict[str, str]):
    assert made(files, "blocking-index") == after


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"pg/migrations/2_b.sql": BLOCKS, "pg/migrations/3_c.sql": "SELECT 1;"}, "it has run"),
        ({"pg/migrations/2_b.sql": BLOCKS + "UPDATE users SET mail = '';"}, "the rest would lose its transaction"),
        ({"pg/migrations/2_b.sql": f"BEGIN;\n{BLOCKS}COMMIT;\n"}, "it opens one itself"),
        ({"pg/supabase/migrations/2_b.sql": BLOCKS}, "the runner always opens one"),
    ],
)
def test_what_does_more_is_left_to_its_owner(files: dict[str, str], why: str):
    folder = next(iter(files)).rpartition("/")[0]
    project = {f"{folder}/1_a.sql": FIRST, **files}
    found = engine.examine(project, rules=("blocking-index",)).verdicts
    assert [verdict.finding.fix for verdict in found] == [None], why
