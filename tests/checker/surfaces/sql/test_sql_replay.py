"""Replay ends with the tables that a server would have, and remembers where each fact was made."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sql_histories import history

from archcheck.surfaces.sql import History, Table
from archcheck.surfaces.sql.naming import object_name


def table(found: History, name: str, schema: str = "") -> Table:
    result = found.table((schema, name))
    assert result is not None
    return result


def names(found: History) -> list[str]:
    return sorted(".".join(filter(None, key)) for key in found.final.tables)


def columns(found: Table) -> list[str]:
    return [column.name for column in found.columns]


def test_names_fold_and_quotes_hold():
    found = history('CREATE TABLE Users (ID int); CREATE TABLE "Users" ("ID" int); ALTER TABLE USERS ADD Name text;')
    assert names(found) == ["Users", "users"]
    assert columns(table(found, "users")) == ["id", "name"]
    assert str(table(found, "users")) == "Users"
    assert [str(column) for column in table(found, "users").columns] == ["Users.ID", "Users.Name"]


def test_the_default_schema_is_the_same_with_or_without_its_name():
    found = history("CREATE TABLE public.a (x int); ALTER TABLE a ADD y int; CREATE TABLE other.a (z int);")
    assert names(found) == ["a", "other.a"]
    assert columns(table(found, "a")) == ["x", "y"]


def test_search_path_holds_to_the_end_of_the_file():
    found = history(
        "CREATE TABLE a (x int); SET search_path TO shop, public; CREATE TABLE b (x int); ALTER TABLE a ADD y int;",
        "CREATE TABLE c (x int); SELECT pg_catalog.set_config('search_path', '', false); CREATE TABLE d (x int);",
    )
    assert names(found) == ["a", "c", "d", "shop.b"]
    assert columns(table(found, "a")) == ["x", "y"]


def test_renames_carry_everything_along():
    found = history(
        """
        CREATE TABLE users (id int PRIMARY KEY);
        CREATE TABLE orders (
            id int PRIMARY KEY, buyer int CONSTRAINT buyer_fk REFERENCES users (id), CHECK (buyer > 0)
        );
        CREATE INDEX by_buyer ON orders (buyer) WHERE buyer IS NOT NULL;
        """,
        """
        ALTER TABLE users RENAME TO people;
        ALTER TABLE people RENAME COLUMN id TO person_id;
        ALTER TABLE orders RENAME COLUMN buyer TO person_id;
        ALTER TABLE orders RENAME CONSTRAINT buyer_fk TO person_fk;
        ALTER INDEX by_buyer RENAME TO by_person;
        ALTER TABLE orders SET SCHEMA shop;
        """,
    )
    orders = table(found, "orders", "shop")
    (key,) = orders.foreign_keys
    assert (key.fact.name, key.fact.columns) == ("person_fk", ("person_id",))
    assert (key.fact.table, key.fact.referenced) == (("", "people"), ("person_id",))
    assert key.references == "people"
    assert [index.fact.name for index in orders.indexes] == ["by_person"]
    assert key.indexed
    assert key.at.path == "migrations/0001_step.sql"
    assert orders.fact.changed.path == "migrations/0002_step.sql"
    assert found.final.tables["", "people"].primary.columns == ("person_id",)  # type: ignore[union-attr]


def test_dropping_a_column_takes_what_involves_it():
    found = history(
        """
        CREATE TABLE users (id int PRIMARY KEY, mail text UNIQUE);
        CREATE TABLE orders (
            a int, b int REFERENCES users (id), mail text REFERENCES users (mail),
            PRIMARY KEY (a, b), UNIQUE (b), CHECK (a < b), CHECK (a > 0)
        );
        CREATE INDEX one ON orders (a, b);
        CREATE INDEX two ON orders (a) WHERE b > 1;
        CREATE INDEX three ON orders (abs(b));
        CREATE INDEX four ON orders (a) INCLUDE (b);
        CREATE INDEX five ON orders (a);
        ALTER TABLE orders DROP COLUMN b;
        ALTER TABLE users DROP COLUMN mail CASCADE;
        """
    )
    orders = table(found, "orders")
    assert columns(orders) == ["a", "mail"]
    assert orders.primary_key is None
    assert not orders.fact.uniques and not orders.foreign_keys
    assert [check.text for check in orders.fact.checks] == ["a > 0"]
    assert [index.fact.name for index in orders.indexes] == ["five"]


def test_mysql_takes_a_dropped_column_out_of_its_indexes():
    found = history(
        "CREATE TABLE t (a INT, b INT, KEY ab (a, b), KEY only_b (b)) ENGINE=InnoDB; ALTER TABLE t DROP COLUMN b;"
    )
    assert [(index.fact.name, len(index.fact.parts)) for index in table(found, "t").indexes] == [("ab", 1)]


def test_mysql_changes_and_renames():
    found = history(
        """
        CREATE TABLE `a` (`id` INT AUTO_INCREMENT PRIMARY KEY, `x` INT UNIQUE) ENGINE=InnoDB;
        ALTER TABLE a CHANGE COLUMN x y VARCHAR(20) NOT NULL, ADD INDEX by_y (y);
        RENAME TABLE a TO b, other TO c;
        DROP INDEX by_y ON b;
        """
    )
    b = table(found, "b")
    assert [(column.name, column.type, column.nullable) for column in b.columns] == [
        ("id", "int", False),
        ("y", "varchar(20)", False),
    ]
    assert b.fact.uniques[0].columns == ("y",)
    assert not b.indexes


def test_drop_with_cascade():
    found = history(
        """
        CREATE SCHEMA logs;
        CREATE TABLE logs.a (x int);
        CREATE TABLE users (id int PRIMARY KEY);
        CREATE TABLE orders (user_id int REFERENCES users, mood mood);
        CREATE TYPE mood AS ENUM ('glad');
        CREATE TABLE parts (x int) PARTITION BY LIST (x);
        CREATE TABLE part PARTITION OF parts DEFAULT;
        DROP SCHEMA logs CASCADE;
        DROP TABLE users, parts CASCADE;
        DROP TYPE mood CASCADE;
        """
    )
    assert names(found) == ["orders"]
    assert columns(table(found, "orders")) == ["user_id"]
    assert not table(found, "orders").foreign_keys


def test_dropping_a_key_with_cascade_takes_the_keys_that_need_it():
    found = history(
        """
        CREATE TABLE users (id int PRIMARY KEY, mail text UNIQUE);
        CREATE TABLE orders (user_id int REFERENCES users, mail text REFERENCES users (mail));
        ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE;
        """
    )
    (key,) = table(found, "orders").foreign_keys
    assert key.fact.columns == ("mail",)
    assert table(found, "users").keyless
    assert table(found, "users").key_lost_at is not None


def test_keys_that_take_over_an_index():
    found = history(
        """
        CREATE TABLE t (id int);
        CREATE UNIQUE INDEX t_id ON t (id);
        ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_id;
        """
    )
    t = table(found, "t")
    assert t.primary_key is not None and t.primary_key.columns == ("id",) and t.primary_key.name == "t_pkey"
    assert not t.indexes and not t.columns[0].nullable


def test_like_inherits_and_partitions():
    found = history(
        """
        CREATE TABLE base (id int PRIMARY KEY, x int CHECK (x > 0));
        CREATE INDEX base_x ON base (x);
        CREATE TABLE whole (LIKE base INCLUDING ALL);
        CREATE TABLE bare (LIKE base, y int);
        CREATE TABLE child (y int) INHERITS (base);
        """
    )
    whole = table(found, "whole")
    assert whole.primary_key is not None and whole.primary_key.name == "whole_pkey"
    assert [index.fact.name for index in whole.indexes] == ["whole_x_idx"]
    assert table(found, "bare").keyless and len(table(found, "bare").columns) == 3
    assert columns(table(found, "child")) == ["id", "x", "y"]
    assert table(found, "child").partition


def test_unnamed_constraints_have_the_names_of_the_server():
    found = history(
        """
        CREATE TABLE users (id int PRIMARY KEY, mail text UNIQUE, CHECK (id > 0));
        CREATE TABLE users_of_a_rather_long_name_that_goes_on_and_on (
            id int, the_identifier_of_the_user_that_it_belongs_to int REFERENCES users
        );
        CREATE INDEX ON users (lower(mail), id);
        ALTER TABLE users DROP CONSTRAINT users_mail_key, DROP CONSTRAINT users_id_check;
        """
    )
    users = table(found, "users")
    assert not users.fact.uniques and not users.fact.checks and not users.doubts
    assert [index.fact.name for index in users.indexes] == ["users_lower_id_idx"]
    long = table(found, "users_of_a_rather_long_name_that_goes_on_and_on")
    (key,) = long.foreign_keys
    assert key.fact.name == "users_of_a_rather_long_name_t_the_identifier_of_the_user_t_fkey"


def test_object_names_step_aside():
    assert object_name("t", "a", "idx", {"t_a_idx", "t_a_idx1"}) == "t_a_idx2"


def test_enums_and_types():
    found = history(
        """
        CREATE TYPE mood AS ENUM ('sad', 'glad');
        ALTER TYPE mood ADD VALUE IF NOT EXISTS 'calm' BEFORE 'glad';
        ALTER TYPE mood ADD VALUE 'wild';
        ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
        CREATE TABLE t (m mood, n mood[]);
        ALTER TYPE mood RENAME TO feeling;
        CREATE DOMAIN mail AS text CHECK (VALUE LIKE '%@%');
        """
    )
    assert found.final.types["", "feeling"].labels == ("blue", "calm", "glad", "wild")
    assert [column.type for column in table(found, "t").columns] == ["feeling", "feeling[]"]
    assert found.final.types["", "mail"].base == "text"


def test_statements_on_tables_that_no_file_creates():
    found = history(
        """
        ALTER TABLE old ADD COLUMN a int REFERENCES older, DROP COLUMN b, DROP CONSTRAINT c, ALTER d SET NOT NULL;
        ALTER TABLE IF EXISTS absent ADD COLUMN a int;
        CREATE INDEX ON gone (a);
        ALTER TABLE somewhere RENAME TO elsewhere;
        DROP TABLE nowhere; DROP INDEX nothing; ALTER INDEX nothing RENAME TO something;
        """
    )
    assert names(found) == ["elsewhere", "gone", "old"]
    assert not any(found_table.permanent for found_table in found.tables)


def test_views_are_no_tables():
    found = history(
        "CREATE VIEW v AS SELECT 1; CREATE MATERIALIZED VIEW m AS SELECT 1; CREATE INDEX ON m (a);"
        "ALTER TABLE v RENAME COLUMN a TO b; DROP VIEW v;"
    )
    assert names(found) == []


def test_catalogs_before_and_after_each_migration_stand_apart():
    found = history("CREATE TABLE a (x int);", "ALTER TABLE a ADD y int;", "DROP TABLE a;")
    first, second, third = found.migrations
    assert first.before.tables == {}
    assert [len(step.after.tables) for step in found.migrations] == [1, 1, 0]
    assert len(second.before.tables["", "a"].columns) == 1
    assert len(second.after.tables["", "a"].columns) == 2
    assert third.before is second.after


def test_an_opaque_statement_leaves_a_doubt_at_the_tables_it_names():
    found = history("CREATE TABLE a (x int); CREATE TABLE b (x int); REWRITE TABLE a WITH KEYS;")
    assert table(found, "a").touched_by_opaque and not table(found, "a").keyless
    assert table(found, "b").keyless


def test_a_block_that_asks_the_catalog_for_tables_may_concern_all():
    found = history(
        """
        CREATE TABLE a (x int);
        DO $$ DECLARE t text; BEGIN
            FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
                EXECUTE format('ALTER TABLE %I ADD COLUMN created_at timestamptz', t);
            END LOOP;
        END $$;
        """
    )
    assert table(found, "a").touched_by_opaque


def test_a_function_that_makes_partitions_changes_no_other_table():
    found = history(
        """
        CREATE TABLE a (x int, PRIMARY KEY (x)) PARTITION BY RANGE (x);
        CREATE FUNCTION part(name text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', name, 'a');
            EXECUTE format('ALTER TABLE %s SET (fillfactor = 70)', name);
            EXECUTE format('ALTER TABLE a ATTACH PARTITION %I DEFAULT', name);
        END $$;
        SELECT part('a_default');
        """
    )
    assert not table(found, "a").touched_by_opaque


def test_temporary_tables_live_for_one_file():
    found = history("CREATE TEMP TABLE a AS SELECT 1 AS x; ALTER TABLE a ADD y int;", "CREATE TABLE a (z int);")
    assert columns(table(found, "a")) == ["z"]


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE a (x int);" + "CREATE INDEX ON a (x);" * 1_000,
        "CREATE TABLE a (x int); CREATE INDEX ON a (x) WHERE " + "(" * 20_000 + "x IS NOT NULL" + ")" * 20_000,
        "CREATE TABLE a (x int);" + "REWRITE a;" * 10_000,
        "CREATE TABLE a AS " + "(" * 20_000 + "SELECT 1 AS x" + ")" * 20_000,
        "CREATE TABLE a (x " + "long " * 20_000 + ", y " + "a(" * 20_000,
        "DO $$ BEGIN " + "IF x THEN EXECUTE 'DROP TABLE ' || y; " * 3_000 + "END $$;",
        "".join(f"CREATE TABLE t{i} (id int PRIMARY KEY, a int UNIQUE REFERENCES t{i // 2});" for i in range(1_000)),
    ],
    ids=["indexes", "predicate", "doubts", "query", "type", "block", "tables"],
)
def test_size_and_depth_cost_little(script: str):
    started = time.process_time()
    assert history("CREATE TABLE z (x int);" + script).tables
    assert time.process_time() - started < 5


WORDS = st.sampled_from(
    [
        "CREATE TABLE a (x int PRIMARY KEY, y int REFERENCES b (x));",
        "CREATE TABLE b (x int PRIMARY KEY, y int REFERENCES a);",
        "CREATE TABLE c (LIKE a INCLUDING ALL);",
        "CREATE TABLE d PARTITION OF a DEFAULT;",
        "CREATE TABLE e () INHERITS (a, b);",
        "ALTER TABLE a RENAME TO b;",
        "ALTER TABLE b RENAME TO a;",
        "ALTER TABLE a RENAME COLUMN x TO y;",
        "ALTER TABLE b DROP COLUMN x CASCADE;",
        "ALTER TABLE a DROP CONSTRAINT a_pkey CASCADE;",
        "ALTER TABLE a ADD CONSTRAINT k UNIQUE USING INDEX i;",
        "ALTER TABLE a ATTACH PARTITION a DEFAULT;",
        "ALTER TABLE a SET SCHEMA s;",
        "CREATE UNIQUE INDEX i ON a (x);",
        "CREATE INDEX ON b (x, y);",
        "DROP INDEX i;",
        "DROP TABLE a CASCADE;",
        "DROP TABLE a, b;",
        "DROP SCHEMA s CASCADE;",
        "SET search_path = s;",
        "ALTER INDEX i RENAME TO a_pkey;",
        "DO $$ BEGIN EXECUTE 'DROP TABLE a'; END $$;",
    ]
)


@pytest.mark.parametrize("folder", ["migrations", "migrations/mysql", "migrations/sqlite"])
@given(steps=st.lists(WORDS, max_size=15))
def test_no_history_raises(folder: str, steps: list[str]):
    found = history("CREATE TABLE z (x int);" + "".join(steps), folder=folder)
    for found_table in found.tables:
        assert str(found_table)
        assert all(isinstance(key.indexed, bool) for key in found_table.foreign_keys)


def test_a_renamed_column_is_renamed_in_conditions_and_expressions():
    found = table(
        history(
            """CREATE TABLE t (a int, b text, CHECK (a > 0 AND b <> 'a'));
            CREATE INDEX i ON t (lower(b), (a + 1)) WHERE a IS NOT NULL AND "a" > 1;
            ALTER TABLE t RENAME COLUMN a TO c;
            ALTER TABLE t ADD COLUMN a int; ALTER TABLE t DROP COLUMN a;"""
        ),
        "t",
    )
    assert found.fact.checks[0].text == "c > 0 AND b <> 'a'"
    (index,) = found.fact.indexes
    assert index.parts[1].expression == "(c + 1)"
    assert index.predicate == "c IS NOT NULL AND c > 1"
