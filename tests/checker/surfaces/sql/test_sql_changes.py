"""Upgrades know what a change meets: the table before it, the lock it takes, the transaction it runs in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sql_histories import history, models

from archcheck.finding import Finding
from archcheck.surface import Settings
from archcheck.surfaces.sql import Upgrade, named, rewrites, volatile
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.subjects import subjects
from archcheck.surfaces.sql.upgrades import Rollout

TABLE = "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, note text, UNIQUE (user_id, note));"


def last(*scripts: str) -> Upgrade:
    """The upgrade of the last script."""
    return [each for each in subjects(history(*scripts), frozenset({Upgrade})) if isinstance(each, Upgrade)][-1]


def holds(text: str) -> list[tuple[str, bool]]:
    return [tuple(change.hold) for change in last(TABLE, text).changes]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "blocks", "long"),
    [
        ("ALTER TABLE orders ADD COLUMN a int", "all", False),
        ("ALTER TABLE orders ALTER COLUMN note SET NOT NULL", "all", True),
        ("ALTER TABLE orders ALTER COLUMN note SET STATISTICS 10", "", False),
        ("ALTER TABLE orders VALIDATE CONSTRAINT c", "", False),
        ("ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID", "all", False),
        ("ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (user_id) REFERENCES users (id)", "writes", True),
        ("ALTER TABLE orders ADD CONSTRAINT c UNIQUE USING INDEX i", "all", False),
        ("ALTER TABLE orders DISABLE TRIGGER ALL", "writes", False),
        ("ALTER TABLE orders ENABLE ROW LEVEL SECURITY", "all", False),
        ("ALTER TABLE orders SET (fillfactor = 70)", "", False),
        ("ALTER TABLE orders SET LOGGED", "all", True),
        ("ALTER TABLE orders ATTACH PARTITION p DEFAULT", "", False),
        ("CREATE INDEX ON orders (note)", "writes", True),
        ("CREATE INDEX CONCURRENTLY ON orders (note)", "", False),
        ("DROP TABLE orders", "all", False),
        ("LOCK TABLE orders IN SHARE MODE", "writes", False),
        ("TRUNCATE orders", "all", False),
        ("UPDATE orders SET note = ''", "", True),
        ("VACUUM FULL orders", "all", True),
    ],
)
def test_locks(text: str, blocks: str, long: bool):
    assert holds(text) == [(blocks, long)]


def test_a_new_table_holds_nobody_up():
    assert (
        holds("CREATE TABLE a (id int); ALTER TABLE a ADD b int; ALTER TABLE a RENAME TO c; DROP TABLE c;")
        == [("", False)] * 4
    )


def test_the_table_is_as_it_was_right_before():
    upgrade = last(TABLE, "ALTER TABLE orders RENAME note TO remark; ALTER TABLE orders ALTER remark TYPE varchar(9);")
    change = upgrade.changes[-1]
    assert change.existed
    assert [column.key for column in change.table.columns] == ["id", "user_id", "remark"]  # type: ignore[union-attr]
    assert str(change) == "orders.remark"
    assert change.rewrites


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("BEGIN; SELECT 1; COMMIT; SELECT 2;", [1, 1, 0, 0]),
        ("SELECT 1; BEGIN; ROLLBACK; BEGIN; SELECT 2;", [0, 1, 0, 2, 2]),
        ("SELECT 1; SELECT 2;", [0, 0]),
    ],
)
def test_transactions_that_a_file_opens(text: str, numbers: list[int]):
    assert [change.transaction for change in last(TABLE, text).changes] == numbers


def test_one_request_is_one_transaction_unless_it_is_one_statement():
    files = {
        "prisma/migrations/20240101000000_a/migration.sql": TABLE,
        "prisma/migrations/20240102000000_b/migration.sql": "SELECT 1; SELECT 2;",
    }
    model = models(files)["prisma/migrations"]
    upgrades = [each for each in subjects(model.history, frozenset({Upgrade})) if isinstance(each, Upgrade)]
    assert [[change.transaction for change in upgrade.changes] for upgrade in upgrades] == [[0], [1, 1]]


def test_the_files_of_one_cut_migration_are_one_upgrade():
    files = {
        f"migrations/2024010112000000000{number}_carts.up.sql": text
        for number, text in enumerate(("CREATE TABLE carts (id int)", "ALTER TABLE carts ADD a int", TABLE))
    }
    (model,) = models(files).values()
    (rollout,) = (each for each in subjects(model.history, frozenset({Rollout})) if isinstance(each, Rollout))
    (upgrade,) = rollout.upgrades
    assert [change.existed for change in upgrade.changes] == [False, False, False]
    assert upgrade.changes[1].at.path.endswith("1_carts.up.sql")


def test_applied_migrations_are_no_upgrades():
    files = {f"migrations/000{number}_step.sql": f"CREATE TABLE t{number} (id int);" for number in range(1, 5)}
    for name, left in (("0002", 2), ("0003_step", 1), ("unheard of", 4)):
        (model,) = models(files, Settings(applied=(name,))).values()
        assert len(list(subjects(model.history, frozenset({Upgrade})))) == left


def test_a_key_of_several_columns_is_lost_with_one():
    upgrade = last(TABLE, "ALTER TABLE orders DROP COLUMN user_id;")
    assert list(upgrade.lost_keys(upgrade.changes[0], "user_id")) == [("unique constraint", ("user_id", "note"))]


def test_many_names_are_cut_short():
    assert named(["a"]) == "a"
    assert named(["a", "b"]) == "a and b"
    assert named(["a", "b", "a", "c"]) == "a, b and c"
    assert named(["a", "b", "c", "d"]) == "a, b and 2 more"


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        ("int", "integer", False),
        ("int", "bigint", True),
        ("varchar(20)", "varchar(30)", False),
        ("varchar(20)", "varchar", False),
        ("varchar(20)", "text", False),
        ("varchar(30)", "varchar(20)", True),
        ("text", "varchar(20)", True),
        ("text", "varchar", False),
        ("text", "citext", False),
        ("char(3)", "char(4)", True),
        ("char(3)", "text", True),
        ("numeric(8,2)", "numeric(10,2)", False),
        ("numeric(8,2)", "numeric(10,3)", True),
        ("numeric(8,2)", "numeric", False),
        ("numeric", "numeric(8,2)", True),
        ("timestamp(3)", "timestamp(6)", False),
        ("timestamptz", "timestamp", None),
        ("cidr", "inet", False),
        ("json", "jsonb", True),
        ("text", "mood", None),
        ("mood", "text", None),
        ("mood", "integer", True),
        ("", "bigint", True),
        ("", "varchar(20)", None),
    ],
)
def test_which_types_are_rewritten(old: str, new: str, answer: bool | None):
    assert rewrites(old, new, "", "a") is answer


@given(st.integers(1, 500), st.integers(1, 500))
def test_a_length_is_free_to_grow_and_nothing_else(old: int, new: int):
    assert rewrites(f"varchar({old})", f"character varying({new})", "a::varchar", "a") is not None
    assert rewrites(f"varchar({old})", f"character varying({new})", "", "a") is (new < old)


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_any_text_may_stand_for_a_type(old: str, new: str, using: str):
    assert rewrites(old, new, using, "a") in (True, False, None)
    assert volatile(old) in (True, False, None)


@pytest.mark.parametrize(
    ("default", "answer"),
    [
        ("now()", False),
        ("'gen()'", False),
        ("gen_random_uuid()", True),
        ("nextval('s'::regclass)", True),
        ("lower('A')", False),
        ("make_code()", None),
        ("0", False),
    ],
)
def test_which_defaults_differ_from_row_to_row(default: str, answer: bool | None):
    assert volatile(default) is answer


def test_a_block_is_followed_and_a_view_is_no_table():
    upgrade = last(
        TABLE + "CREATE VIEW notes AS SELECT note FROM orders;",
        "DO $$ BEGIN DROP TABLE orders; END $$; ALTER TABLE notes RENAME TO remarks; DROP VIEW IF EXISTS notes;",
    )
    assert [(type(change.says), change.existed) for change in upgrade.changes] == [(say.Drop, True), (say.Drop, True)]


def test_many_old_migrations_with_one_habit_are_told_of_once():
    def judge(upgrade: Upgrade) -> Iterator[Finding]:
        drops = [change for change, _ in upgrade.all(say.DropColumn)]
        if drops:
            yield upgrade.finding(drops, f"{upgrade} drops {named(drops)}.")

    def told(count: int) -> list[tuple[str, str | None]]:
        tables = "".join(f"CREATE TABLE t{n} (id int, a int);" for n in range(count))
        scripts = [tables, *(f"ALTER TABLE t{n} DROP COLUMN a;" for n in range(count))]
        (rollout,) = (each for each in subjects(history(*scripts), frozenset({Rollout})) if isinstance(each, Rollout))
        return [(finding.message, finding.severity) for finding in rollout.once(judge, "drop columns")]

    assert len(told(30)) == 30
    assert len(told(31)) == 21
    message, severity = told(31)[0]
    assert message.startswith("11 older migrations, first ")
    assert message.endswith(", drop columns; mind it in new ones.")
    assert severity == "note"
    assert told(31)[1:] == told(31)[-20:]
